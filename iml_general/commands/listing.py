"""``iml learners``, ``iml worlds`` and ``iml studies``."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from iml_general.options import options_of
from iml_general.plugins import registry
from iml_general.plugins.registry import Found
from iml_general.study.plan.keys import read_plan


def list_learners() -> None:
    """Print every registered learner with its capabilities, broken ones with their reason."""
    table = RichTable("learner", "family", "update rules", "input", "what it is", box=None, pad_edge=False)
    for name, found in registry.learners().items():
        if found.reason:
            table.add_row(name, *_broken(found, 3))
            continue
        info = found.value.info
        role = "" if info.role == "subject" else f" [{info.role}]"
        limit = "" if info.max_rows is None else f" (at most {info.max_rows:,} rows)"
        about = Text(f"{info.summary}{limit}{role}")
        table.add_row(name, info.family, ", ".join(info.rules), info.form, about)
    _print(table)


def list_worlds() -> None:
    """Print every registered world with its options, broken ones with their reason."""
    table = RichTable("world", "what it is", "options and defaults", box=None, pad_edge=False)
    for name, found in registry.worlds().items():
        if found.reason:
            table.add_row(name, *_broken(found, 1))
            continue
        options = ", ".join(f"{key}={value!r}" for key, value in options_of(found.value()).items())
        table.add_row(name, found.value.summary, Text(options))
    _print(table)


def list_studies() -> None:
    """Print every registered preset with the first lines of its plan file."""
    table = RichTable("preset", "what it does", "plan file", box=None, pad_edge=False)
    for name, found in registry.presets().items():
        if found.reason:
            table.add_row(name, *_broken(found, 1))
            continue
        lines = found.value.read_text(encoding="utf-8").splitlines()
        about = [
            line.lstrip("# ") for line in lines[: next(i for i, line in enumerate(lines) if line[:1] != "#")]
        ]
        read_plan(found.value)
        table.add_row(name, Text(" ".join(about)), Text(str(found.value)))
    _print(table)


def _print(table: RichTable) -> None:
    """On a terminal cells wrap; in a pipe a line stays a line, whatever searches it."""
    console = Console()
    if not console.is_terminal:
        console.width = 1000  # far wider than any line; columns take only what they need
    console.print(table)


def _broken(found: Found, n_empty: int) -> list[Text | str]:
    reason = Text(f"can't be used: {found.reason} ({found.target}, from {found.origin})")
    return [*[""] * n_empty, reason]
