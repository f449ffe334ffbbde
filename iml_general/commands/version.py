"""``iml --version``: this program, Python and the libraries that findings depend on, in one line."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

LIBRARIES = (
    *("numpy", "polars", "scipy", "statsmodels", "scikit-learn", "optuna", "sqlalchemy"),
    *(
        "lightgbm",
        "xgboost",
        "xgboost-cpu",
        "catboost",
        "river",
        "torch",
        "jax",
        "transformers",
        "tokenizers",
        "psycopg",
    ),
)


def version_line() -> str:
    """Say which versions are installed; nothing is loaded for it, and what is not there is left out."""
    installed = [f"{name} {found}" for name in LIBRARIES if (found := _version(name))]
    return ", ".join(
        [f"iml-general {_version('iml-general')}", f"Python {platform.python_version()}", *installed]
    )


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return ""
