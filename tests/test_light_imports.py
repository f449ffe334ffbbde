"""What is used at the start of the program loads no heavy library."""

import subprocess
import sys

import pytest

HEAVY = (
    "torch",
    "jax",
    "sklearn",
    "xgboost",
    "lightgbm",
    "vl_convert",
    "scipy",
    "statsmodels",
    "optuna",
    "polars",
)
HELP = """
import contextlib, sys
from iml_general.cli import main
sys.argv = {arguments}
with contextlib.suppress(SystemExit):
    main()
"""
COMPLETE = """
import os
os.environ.update(_IML_COMPLETE="complete_bash", COMP_WORDS={words!r}, COMP_CWORD="3")
"""
COMPLETED = ("iml run --learner na", "iml report ru", "iml peek --condition sh")


def loaded_after(code: str) -> set[str]:
    script = f"{code}\nimport sys\nprint('LOADED', *sorted(sys.modules))"
    printed = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout
    return set(printed.split("LOADED")[1].split())


@pytest.mark.parametrize(
    "code",
    [
        "import iml_general",
        "import iml_general\ndir(iml_general)",
        "import iml_general.cli",
        HELP.format(arguments=["iml", "--help"]),
        HELP.format(arguments=["iml", "run", "--help"]),
        HELP.format(arguments=["iml", "preregister", "--help"]),
        HELP.format(arguments=["iml", "--version"]),
        *(COMPLETE.format(words=words) + HELP.format(arguments=["iml"]) for words in COMPLETED),
        "import iml_general.seeds, iml_general.options, iml_general.learner",
    ],
)
def test_no_heavy_library_is_loaded(code: str) -> None:
    assert not loaded_after(code) & set(HEAVY)


def test_jax_is_loaded_when_a_network_is_trained_and_not_before() -> None:
    loaded = loaded_after("from iml_general.plugins import registry\nregistry.learner('mlp')()")
    assert loaded & {"torch", "jax"} == {"torch"}


def test_asking_for_one_learner_loads_no_other_family() -> None:
    loaded = loaded_after("from iml_general.plugins import registry\nregistry.learner('lightgbm')")
    assert "lightgbm" in loaded
    assert not loaded & {"torch", "xgboost"}
