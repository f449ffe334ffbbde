"""One line per learner and rule, one column per world: what was found in each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from iml_general.report.findings.pairs import KEY, Pair
from iml_general.report.text.wording import level_rank, plain

Place = tuple[str, str]
"""A study and a world."""


@dataclass(frozen=True)
class Worlds:
    """What each learner and rule shows in each world.

    Attributes:
        columns: The worlds; the study's name where several studies are of one world.
        rows: By learner and rule, in the order of the verdict table, a line of it for each world; None where
            there is none.
        n_left_out: Lines that share a place with one at a plainer level or under an earlier condition.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Pair | None, ...], ...]
    n_left_out: int


def worlds_of(pairs: Sequence[Pair], places: Sequence[Place], conditions: Sequence[str]) -> Worlds | None:
    """Put the worlds of a report side by side.

    Args:
        pairs: Lines of the verdict table; points of sweeps are left out.
        places: Study and world of every run, in the order of the columns.
        conditions: Names of all conditions, those first that claims are on.

    Returns:
        All learners and rules, controls last; None of fewer than two worlds, or of controls alone.
    """
    if len({world for _, world in places}) < 2 or not any(
        pair.is_subject and not pair.point for pair in pairs
    ):
        return None
    cells: dict[tuple[str, ...], dict[Place, list[Pair]]] = {}
    for pair in pairs:
        if not pair.point:
            cell = cells.setdefault((pair.heading, pair.learner, pair.rule), {})
            cell.setdefault((pair.key[KEY.index("study")], pair.key[KEY.index("world")]), []).append(pair)

    def order(pair: Pair) -> tuple[int, int]:
        return conditions.index(pair.key[KEY.index("condition")]), level_rank(pair.key[KEY.index("level")])

    rows = tuple(
        tuple(min(by_place[place], key=order) if place in by_place else None for place in places)
        for by_place in cells.values()
    )
    n_lines = sum(len(found) for by_place in cells.values() for found in by_place.values())
    return Worlds(_columns(places), rows, n_lines - sum(pair is not None for row in rows for pair in row))


def _columns(places: Sequence[Place]) -> tuple[str, ...]:
    """Names of the worlds, or of the studies where those tell more."""
    times = Counter(world for _, world in places)
    return tuple(plain(study if times[world] > 1 else world) for study, world in places)
