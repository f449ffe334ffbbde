"""Verdicts side by side: one line per learner and rule, one column per level, world and run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from iml_general.report.pairs import Pair
from iml_general.report.rounding import MISSING
from iml_general.report.sheets import Sheet
from iml_general.report.wording import plain
from iml_general.scores import KEYS

CONTEXT = ("study", "world", "level")
LEVELS = ("default", "chosen", "tuned", "sought")


@dataclass(frozen=True)
class Matrix:
    """What each learner and rule shows in each column.

    Attributes:
        columns: What tells the columns from each other, such as the level.
        rows: Learner and rule, and for each column the lines of the verdict table that belong there:
            none where nothing was measured, several where a plan has several sets of options.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[tuple[Pair, ...], ...]], ...]

    def sheet(self, endpoint: int) -> Sheet:
        """The same as text.

        Args:
            endpoint: Which of a pair's endpoints, 0 or 1.

        Returns:
            One row per learner and rule.
        """
        rows = tuple(
            (name, *("; ".join(p.endpoints[endpoint].in_short for p in cell) or MISSING for cell in cells))
            for name, cells in self.rows
        )
        return Sheet(("learner, rule", *self.columns), rows)


def matrix_of(pairs: Sequence[Pair]) -> Matrix | None:
    """Put what differs only in level, world or run side by side.

    Args:
        pairs: Lines of the verdict table; controls and points of sweeps are left out.

    Returns:
        The matrix, or None if it would have nothing side by side.
    """
    subjects = [pair for pair in pairs if pair.is_subject and not pair.factor]
    varying = _varying(subjects)
    cells: dict[str, dict[tuple[str, ...], list[Pair]]] = {}
    for pair in subjects:
        row = cells.setdefault(f"{pair.learner} {pair.rule}", {})
        row.setdefault(_context(pair, varying), []).append(pair)
    if not any(len(row) > 1 for row in cells.values()):
        return None
    contexts = sorted({context for row in cells.values() for context in row}, key=_order)
    rows = ((name, tuple(tuple(row.get(context, ())) for context in contexts)) for name, row in cells.items())
    return Matrix(tuple(" ".join(context) for context in contexts), tuple(rows))


def _context(pair: Pair, names: Sequence[str]) -> tuple[str, ...]:
    return tuple(plain(pair.key[KEYS.index(name)]) for name in names)


def _varying(pairs: Sequence[Pair]) -> list[str]:
    """What it takes to tell the columns apart; a world goes without saying where the run says it."""
    varying = [name for name in CONTEXT if len({_context(pair, [name]) for pair in pairs}) > 1]
    places = {_context(pair, ["study", "world"]) for pair in pairs}
    if "study" in varying and len(places) == len({study for study, _ in places}):
        return [name for name in varying if name != "world"]
    return varying


def _order(context: tuple[str, ...]) -> tuple[object, ...]:
    """By study and world, then from the plainest level to the most sought-after."""
    *place, last = context
    return *place, LEVELS.index(last) if last in LEVELS else len(LEVELS), last
