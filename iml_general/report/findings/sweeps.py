"""Sweeps of a report's runs: curves over a factor's values, one per learner-rule pair and all else."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from iml_general.report.findings.distinctions import point_of
from iml_general.report.findings.pairs import KEY, Key, Pair, Ranks
from iml_general.report.text.wording import listing, plain
from iml_general.rows import KEYS
from iml_general.study.storage.record import RunRecord

IDENTITY = ("learner", "rule", "level", "point", "configuration")


@dataclass(frozen=True)
class Curve:
    """One learner-rule pair over the values of a sweep's first factor.

    Attributes:
        learner: The learner's name.
        rule: The update rule, numbered where a plan has a pair with several sets of options.
        more: What else tells it from other curves of the pair: values of the other factors, the
            condition.
        is_subject: Whether the study makes claims about it; else it is an upper anchor.
        points: Lines of the verdict table by text of the first factor's value; none where nothing was
            measured.
    """

    learner: str
    rule: str
    more: tuple[str, ...]
    is_subject: bool
    points: Mapping[str, Pair]

    @property
    def name(self) -> str:
        """Learner, rule, and what else tells it from other curves."""
        return " ".join((self.learner, self.rule, *self.more))

    @property
    def in_words(self) -> str:
        """The same as part of a sentence."""
        return f"{self.learner} ({', '.join((self.rule, *self.more))})"


@dataclass(frozen=True)
class Sweep:
    """The sweep of one run.

    Attributes:
        run: Name of the run within a report of several; else empty.
        grid: Texts of every factor's values, by its name: rising if all are numbers, else in the plan's
            order. The first factor is the one that curves are drawn over.
        curves: Its curves, upper anchors last.
    """

    run: str
    grid: Mapping[str, tuple[str, ...]]
    curves: tuple[Curve, ...]

    @property
    def factors(self) -> tuple[str, ...]:
        """Names of the factors; every point is a value of each."""
        return tuple(self.grid)

    @property
    def factor(self) -> str:
        """The first factor's name."""
        return self.factors[0]

    @property
    def values(self) -> tuple[str, ...]:
        """Texts of the first factor's values."""
        return self.grid[self.factor]

    @property
    def about(self) -> str:
        """The factors, and the run where there are several."""
        factors = listing(self.factors)
        return f"{factors} ({self.run})" if self.run else factors

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
        """The first factor's values as numbers; None if one of them is none."""
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
        """Where each value of the first factor stands on an axis from 0 to 1."""
        numbers = self.numbers or [float(i) for i in range(len(self.values))]
        if self.is_logarithmic:
            numbers = [math.log(number) for number in numbers]
        low, length = numbers[0], numbers[-1] - numbers[0]
        return {
            value: (number - low) / length if length else 0.5
            for value, number in zip(self.values, numbers, strict=True)
        }


def sweeps_of(
    runs: Sequence[tuple[str, RunRecord]], pairs: Sequence[Pair], conditions: Mapping[str, str]
) -> tuple[Sweep, ...]:
    """Find the sweeps of runs.

    Args:
        runs: Runs under their names.
        pairs: Lines of the verdict table.
        conditions: Words for the conditions, by name.

    Returns:
        One per run that has measured a point of a sweep.
    """
    swept = [pair for pair in pairs if pair.point]
    found = (_sweep(name if len(runs) > 1 else "", run, swept, conditions) for name, run in runs)
    return tuple(sweep for sweep in found if sweep.curves)


def ranks_of(runs: Sequence[RunRecord]) -> Ranks:
    """Say in which order points of sweeps stand.

    Args:
        runs: Runs.

    Returns:
        By text of the point one rising number per factor.
    """
    ranks: dict[str, tuple[float, ...]] = {}
    for run in runs:
        points = {text: point_of(text) for text in _points(run)}
        places = {
            factor: {value: float(i) for i, value in enumerate(values)}
            for factor, values in _grid(points.values()).items()
        }
        for text, point in points.items():
            ranks[text] = tuple(places[factor][value] for factor, value in point.items())
    return ranks


def _sweep(name: str, run: RunRecord, swept: Sequence[Pair], conditions: Mapping[str, str]) -> Sweep:
    grid = _grid(point_of(text) for text in _points(run))
    mine = set(run.scores.select("study", "world").unique().iter_rows()) if grid else set()
    pairs = [pair for pair in swept if pair.key[:2] in mine]
    return Sweep(name, grid, tuple(_curves(pairs, _numbered(run), conditions)))


class _Who(NamedTuple):
    """What a curve's points have in common."""

    is_control: bool
    learner: str
    rule: str
    condition: str
    others: tuple[tuple[str, str], ...]  # factors but for the first, and their values
    number: int  # among sets of options


def _curves(
    pairs: Sequence[Pair], numbers: Mapping[tuple[str, ...], int], conditions: Mapping[str, str]
) -> Iterator[Curve]:
    """Lines that differ only in the first factor's value, joined."""
    points: dict[_Who, dict[str, Pair]] = {}
    for pair in pairs:
        (_, value), *others = pair.point.items()
        condition = pair.key[KEY.index("condition")]
        number = numbers.get(_identity(pair.key), 1)
        who = _Who(not pair.is_subject, pair.learner, pair.rule, condition, tuple(others), number)
        points.setdefault(who, {})[value] = pair
    several = len({who.condition for who in points}) > 1
    twins = Counter(who[:-1] for who in points)
    kinds = list(dict.fromkeys(who[3:-1] for who in points))  # as the verdict table has them
    for who in sorted(points, key=lambda one: (*one[:3], kinds.index(one[3:-1]), one.number)):
        more = [f"{factor}={value}" for factor, value in who.others]
        more += [plain(conditions.get(who.condition, who.condition))] if several else []
        rule = f"{who.rule} {who.number}" if twins[who[:-1]] > 1 else who.rule
        yield Curve(who.learner, rule, tuple(more), not who.is_control, points[who])


def _numbered(run: RunRecord) -> dict[tuple[str, ...], int]:
    """Options don't identify a curve, for they may be what varies: its number at a point does."""
    nth: Counter[tuple[str, ...]] = Counter()
    numbers = {}
    for row in run.configurations.filter(run.configurations["point"] != "").iter_rows(named=True):
        at = (row["learner"], row["rule"], row["point"])
        nth[at] += 1
        numbers[tuple(row[name] for name in IDENTITY)] = nth[at]
    return numbers


def _identity(key: Key) -> tuple[str, ...]:
    named = dict(zip(KEYS, key[: len(KEYS)], strict=True))
    return tuple(named[name] for name in IDENTITY)


def _points(run: RunRecord) -> list[str]:
    points = run.configurations["point"].unique(maintain_order=True).to_list()
    return [point for point in points if point]


def _grid(points: Iterable[Mapping[str, str]]) -> dict[str, tuple[str, ...]]:
    """Every factor's values, in their order."""
    found: dict[str, list[str]] = {}
    for point in points:
        for factor, value in point.items():
            found.setdefault(factor, []).append(value)
    return {factor: _ordered(list(dict.fromkeys(values))) for factor, values in found.items()}


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
