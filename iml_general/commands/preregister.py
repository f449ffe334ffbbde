"""``iml preregister``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from iml_general.study.plan.overrides import Overrides, find_plan
from iml_general.study.plan.resolve import resolve
from iml_general.study.registration.registration import write_registration

WHAT_NEXT = (
    "Leave it, or its SHA-256, where others see when it came; then `iml run PLAN --preregistration FILE`."
)


def preregister(presets: Sequence[str], overrides: Overrides, claims: Sequence[str], out: Path) -> None:
    """Write down what runs are going to be, and print what to do with that.

    Args:
        presets: Names of presets, or plan files.
        overrides: What the command line changes in each of the plans.
        claims: Hypotheses in words.
        out: The file; it must not exist.

    Raises:
        UsageError: If a plan is not allowed, or the file exists or can't be written.
    """
    studies = [resolve(find_plan(preset, overrides)) for preset in presets]
    sha256 = write_registration(studies, claims, out)
    console = Console()
    for study in studies:
        units = f"{len(study.units)} units of work on {study.plan['seeds']} seeds"
        console.print(Text(f"{study.plan['name']}: {units}"), soft_wrap=True)
    console.print(Text(f"Wrote {out}, SHA-256 {sha256}"), soft_wrap=True)
    console.print(Text(WHAT_NEXT), soft_wrap=True)
