"""Findings side by side: one line per learner and rule, one column per level, world, condition and run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from iml_general.report.findings.pairs import KEY, Pair
from iml_general.report.text.rounding import MISSING
from iml_general.report.text.wording import level_rank, plain

Context = tuple[str, ...]

CONTEXT = ("study", "world", "condition", "level")
GIVEN = ("default", "chosen")
"""Levels of what takes part as the plan has it."""
TOGETHER = " or ".join(GIVEN)
"""The column of both, where no learner takes part at both levels."""
OTHER_RULE = "another rule found"


@dataclass(frozen=True)
class Cell:
    """What one learner and rule shows in one column.

    Attributes:
        pairs: The lines of the verdict table that belong there: several where a plan has several sets
            of options.
        remark: What the column's name leaves open: that options were chosen, or why there is no line.
    """

    pairs: tuple[Pair, ...]
    remark: str


@dataclass(frozen=True)
class Matrix:
    """What each learner and rule shows in each column.

    Attributes:
        columns: What tells the columns from each other, such as the level.
        rows: Learner and rule, and for each column what belongs there.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]


def matrix_of(pairs: Sequence[Pair], conditions: Mapping[str, str]) -> Matrix | None:
    """Put what differs only in level, world, condition or run side by side.

    Args:
        pairs: Lines of the verdict table; controls and points of sweeps are left out.
        conditions: Words for the conditions, by name.

    Returns:
        The matrix, or None if it would have nothing side by side.
    """
    subjects = [pair for pair in pairs if pair.is_subject and not pair.point]
    varying, together = _varying(subjects), _given_together(subjects)
    found: dict[tuple[str, str], dict[Context, list[Pair]]] = {}
    for pair in subjects:
        row = found.setdefault((pair.learner, pair.rule), {})
        row.setdefault(_context(pair, varying, together), []).append(pair)
    if not any(len(row) > 1 for row in found.values()):
        return None
    contexts = sorted({context for row in found.values() for context in row}, key=_order)
    there = {(name, context) for (name, _), row in found.items() for context in row}
    rows = tuple(
        (
            f"{name} {rule}",
            tuple(_cell(row.get(context, []), context, (name, context) in there) for context in contexts),
        )
        for (name, rule), row in found.items()
    )
    return Matrix(tuple(_column(context, varying, conditions) for context in contexts), rows)


def _column(context: Context, names: Sequence[str], conditions: Mapping[str, str]) -> str:
    parts = zip(names, context, strict=True)
    return " ".join(
        plain(conditions.get(part, part) if name == "condition" else part) for name, part in parts
    )


def _cell(pairs: Sequence[Pair], context: Context, with_another_rule: bool) -> Cell:
    if not pairs:
        return Cell((), OTHER_RULE if with_another_rule and context[-1] == "sought" else MISSING)
    unsaid = context and context[-1] == TOGETHER and _value(pairs[0], "level") == "chosen"
    return Cell(tuple(pairs), "chosen" if unsaid else "")


def _given_together(pairs: Sequence[Pair]) -> bool:
    """Whether defaults and chosen options can share a column: no learner takes part with both."""
    default, chosen = (
        {
            _context(pair, ("study", "world", "learner", "rule"))
            for pair in pairs
            if _value(pair, "level") == level
        }
        for level in GIVEN
    )
    return bool(default) and bool(chosen) and default.isdisjoint(chosen)


def _value(pair: Pair, name: str) -> str:
    return pair.key[KEY.index(name)]


def _context(pair: Pair, names: Sequence[str], together: bool = False) -> Context:
    context = tuple(_value(pair, name) for name in names)
    if together and names and names[-1] == "level" and context[-1] in GIVEN:
        return *context[:-1], TOGETHER
    return context


def _varying(pairs: Sequence[Pair]) -> list[str]:
    """What it takes to tell the columns apart; a world goes without saying where the run says it."""
    varying = [name for name in CONTEXT if len({_value(pair, name) for pair in pairs}) > 1]
    places = {_context(pair, ["study", "world"]) for pair in pairs}
    if "study" in varying and len(places) == len({study for study, _ in places}):
        return [name for name in varying if name != "world"]
    return varying


def _order(context: Context) -> tuple[object, ...]:
    """By study, world and condition, then from the plainest level to the most sought-after."""
    *place, last = context
    return *place, level_rank(last), last
