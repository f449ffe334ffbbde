"""Sweeps of a report's runs: one curve per learner-rule pair over a factor's values."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from iml_general.report.findings.pairs import Key, Pair, Places
from iml_general.report.text.wording import plain
from iml_general.rows import KEYS
from iml_general.study.storage.record import RunRecord


@dataclass(frozen=True)
class Curve:
    """One learner-rule pair over the values of a factor.

    Attributes:
        learner: The learner's name.
        rule: The update rule, numbered where a plan has a pair with several sets of options.
        is_subject: Whether the study makes claims about it; else it is an upper anchor.
        points: Lines of the verdict table by text of the value; none where nothing was measured.
    """

    learner: str
    rule: str
    is_subject: bool
    points: Mapping[str, Pair]

    @property
    def name(self) -> str:
        """Learner and rule."""
        return f"{self.learner} {self.rule}"

    @property
    def in_words(self) -> str:
        """The same as part of a sentence."""
        return f"{self.learner} ({self.rule})"


@dataclass(frozen=True)
class Sweep:
    """One factor of one run.

    Attributes:
        run: Name of the run within a report of several; else empty.
        factor: The factor's name.
        values: Texts of its values: rising if all are numbers, else in the plan's order.
        curves: Its curves, upper anchors last.
    """

    run: str
    factor: str
    values: tuple[str, ...]
    curves: tuple[Curve, ...]

    @property
    def about(self) -> str:
        """The factor, and the run where there are several."""
        return f"{self.factor} ({self.run})" if self.run else self.factor

    @property
    def title(self) -> str:
        """What its figure and its table are called."""
        return f"Controlled effects over {self.about}"

    @property
    def subjects(self) -> list[Curve]:
        """Curves that the study makes claims about."""
        return [curve for curve in self.curves if curve.is_subject]

    @property
    def numbers(self) -> list[float] | None:
        """The values as numbers; None if one of them is none."""
        return _numbers(self.values)

    @property
    def is_logarithmic(self) -> bool:
        """Whether values that are close to each other stand further apart on a logarithmic axis."""
        numbers = self.numbers
        if numbers is None or len(numbers) < 3 or numbers[0] <= 0:
            return False
        return _closest(numbers) < _closest([math.log(number) for number in numbers])

    @property
    def places(self) -> dict[str, float]:
        """Where each value stands on an axis from 0 to 1."""
        numbers = self.numbers or [float(i) for i in range(len(self.values))]
        if self.is_logarithmic:
            numbers = [math.log(number) for number in numbers]
        low, length = numbers[0], numbers[-1] - numbers[0]
        return {
            value: (number - low) / length if length else 0.5
            for value, number in zip(self.values, numbers, strict=True)
        }


def sweeps_of(runs: Sequence[tuple[str, RunRecord]], pairs: Sequence[Pair]) -> tuple[Sweep, ...]:
    """Find the sweeps of runs.

    Args:
        runs: Runs under their names.
        pairs: Lines of the verdict table.

    Returns:
        One per run that has measured a point of a sweep.
    """
    found = (_sweep(name if len(runs) > 1 else "", run, pairs) for name, run in runs)
    return tuple(sweep for sweep in found if sweep is not None)


def places_of(records: Sequence[RunRecord]) -> Places:
    """Say in which order levels that belong to a sweep stand.

    Args:
        records: Runs.

    Returns:
        Factor and a rising number by level; levels without a sweep are left out.
    """
    places: dict[str, tuple[str, float]] = {}
    for record in records:
        swept = record.configurations.filter(record.configurations["factor"] != "")
        values = swept["value"].unique(maintain_order=True).to_list()
        numbers = _numbers(values) or range(len(values))
        ranks = dict(zip(values, map(float, numbers), strict=True))
        for level, factor, value in swept.select("level", "factor", "value").iter_rows():
            places[level] = (factor, ranks[value])
    return places


def _sweep(name: str, run: RunRecord, pairs: Sequence[Pair]) -> Sweep | None:
    mine = set(run.scores.select("study", "world").unique().iter_rows())
    known = {_identity(pair.key): pair for pair in pairs if pair.key[:2] in mine}
    swept = run.configurations.filter(run.configurations["factor"] != "")
    points: dict[tuple[str, str, bool, int], dict[str, Pair]] = {}
    nth: Counter[tuple[str, ...]] = Counter()
    for row in swept.iter_rows(named=True):
        # Options don't identify a curve, for they may be what varies: its number within a level does.
        who = (row["learner"], row["rule"], row["level"])
        nth[who] += 1
        pair = known.get((*who, row["configuration"]))
        if pair is not None:
            curve = (pair.learner, pair.rule, pair.is_subject, nth[who])
            points.setdefault(curve, {})[plain(row["value"])] = pair
    if not points:
        return None
    return Sweep(
        run=name,
        factor=plain(swept["factor"][0]),
        values=_ordered([plain(value) for value in swept["value"].unique(maintain_order=True)]),
        curves=tuple(_curves(points)),
    )


def _curves(points: Mapping[tuple[str, str, bool, int], Mapping[str, Pair]]) -> Iterator[Curve]:
    twins = Counter(curve[:3] for curve in points)
    for curve in sorted(points, key=lambda one: (not one[2], one[0], one[1], one[3])):
        learner, rule, is_subject, number = curve
        more = f" {number}" if twins[curve[:3]] > 1 else ""
        yield Curve(learner, f"{rule}{more}", is_subject, points[curve])


def _identity(key: Key) -> tuple[str, ...]:
    named = dict(zip(KEYS, key, strict=True))
    return tuple(named[column] for column in ("learner", "rule", "level", "configuration"))


def _ordered(values: Sequence[str]) -> tuple[str, ...]:
    numbers = _numbers(values)
    if numbers is None:
        return tuple(values)
    return tuple(value for _, value in sorted(zip(numbers, values, strict=True)))


def _numbers(values: Sequence[str]) -> list[float] | None:
    try:
        numbers = [float(value) for value in values]
    except ValueError:
        return None
    return numbers if all(map(math.isfinite, numbers)) else None


def _closest(rising: Sequence[float]) -> float:
    """The smallest step as a share of the whole length."""
    length = rising[-1] - rising[0]
    return min(second - first for first, second in pairwise(rising)) / length if length else 1.0
