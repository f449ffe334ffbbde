"""``iml learners``, ``worlds``, ``conditions``, ``effects`` and ``studies``: what there is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from iml_general.learner import AffinityLearner, CohortLearner, Learner, RepresentationLearner
from iml_general.options import options_of
from iml_general.plugins import registry
from iml_general.plugins.loading import Found
from iml_general.rows import SUBJECT

CAPABILITIES: dict[str, type[Any]] = {
    "cohort": CohortLearner,
    "affinity": AffinityLearner,
    "representation": RepresentationLearner,
}
"""What a learner may be able to do beyond the least, and the class that says so."""


def list_learners() -> None:
    """Print every registered learner with its capabilities, broken ones with their reason."""
    columns = ("learner", "family", "update rules", "input", "can also", "what it is")
    _print(columns, registry.learners(), _learner)


def list_worlds() -> None:
    """Print every registered world with its options, broken ones with their reason."""
    _print(("world", "what it is", "input", "options and defaults"), registry.worlds(), _world)


def list_conditions() -> None:
    """Print every registered condition and what it is compared with, broken ones with their reason."""
    columns = ("condition", "compared with", "what it is")
    _print(columns, registry.conditions(), lambda one: (one.control or "-", one.summary))


def list_effects() -> None:
    """Print every effect in the order in which reports show them, broken ones with their reason."""
    found = registry.effects()
    order = [effect.name for effect in registry.all_effects()]
    shown = {name: found[name] for name in [*order, *(name for name in found if name not in order)]}
    columns = ("effect", "in words", "unit", "verdicts", "what it is")
    _print(columns, shown, lambda one: (one.words, one.unit, "yes" if one.endpoint else "no", one.definition))


def list_studies() -> None:
    """Print every registered preset with the first lines of its plan file."""
    _print(("preset", "what it does", "plan file"), registry.presets(), _preset)


def _learner(cls: type[Learner[Any]]) -> Sequence[str]:
    info = cls.info
    role = "" if info.role == SUBJECT else f" [{info.role}]"
    limit = "" if info.max_rows is None else f" (at most {info.max_rows:,} rows)"
    can = [name for name, capability in CAPABILITIES.items() if issubclass(cls, capability)]
    about = f"{info.summary}{limit}{role}"
    return info.family, ", ".join(info.rules), info.form, ", ".join(can) or "-", about


def _world(cls: Any) -> Sequence[str]:
    options = ", ".join(f"{key}={value!r}" for key, value in options_of(cls()).items())
    return cls.summary, ", ".join(cls.forms), options


def _preset(path: Any) -> Sequence[str]:
    """The comment that a plan file begins with."""
    about = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            break
        about.append(line.lstrip("# "))
    return " ".join(about), str(path)


def _print(columns: Sequence[str], there: Mapping[str, Found], row: Callable[[Any], Sequence[str]]) -> None:
    """On a terminal cells wrap; in a pipe a line stays a line, whatever searches it."""
    table = RichTable(*columns, box=None, pad_edge=False)
    for name, found in there.items():
        if found.reason:
            why = f"can't be used: {found.reason} ({found.target}, from {found.origin})"
            cells = [*[""] * (len(columns) - 2), why]
        else:
            cells = list(row(found.value))
        table.add_row(name, *map(Text, cells))
    console = Console()
    if not console.is_terminal:
        console.width = 1000  # far wider than any line; columns take only what they need
    console.print(table)
