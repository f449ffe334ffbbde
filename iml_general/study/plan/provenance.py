"""Where a run's rows come from: command, versions, machine, time."""

from __future__ import annotations

import hashlib
import os
import platform
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version

from iml_general.study.plan.resolve import Study

CORE = ("iml-general", "numpy", "polars", "scipy", "statsmodels", "optuna")


def provenance(study: Study, command: str) -> dict[str, str]:
    """Collect the facts that a reader needs to judge or repeat a run.

    Args:
        study: The study.
        command: How the user asked for it.

    Returns:
        Facts in words, by name, in the order to show them.
    """
    libraries = {name for entrant in study.entrants for name in entrant.variants[0].info.libraries}
    versions = {name: _version(name) for name in (*CORE, *sorted(libraries - set(CORE)))}
    source = study.entrants[0].setting.source
    digests = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in source.files()}
    first, last = study.units[0].seeds[0], study.units[-1].seeds[-1]
    return {
        "command": command,
        "begun": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "seeds": f"confirmation seeds {first.index} to {last.index} of root seed {first.root}",
        "world": source.describe(),
        "units of work": str(len(study.units)),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "version of Python": platform.python_version(),
        **{f"version of {name}": text for name, text in versions.items()},
        **{f"version of {name}": f"SHA-256 {digest}" for name, digest in digests.items()},
    }


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        # The CPU build of XGBoost is a distribution of its own with the same module in it.
        return _version(f"{distribution}-cpu") if not distribution.endswith("-cpu") else "not installed"
