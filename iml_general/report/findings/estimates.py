"""Effects over seeds, with verdict or without: looked up line by line, and as text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import polars as pl

from iml_general.report.findings.pairs import KEY, Key
from iml_general.report.text import rounding

UNDEFINED = "undefined"
NUMBERS = ("n_seeds", "mean", "low", "high")
CONTROLLED = ("n_controlled", "controlled_mean", "controlled_low", "controlled_high")

Numbers = tuple[int, float | None, float | None, float | None]


@dataclass(frozen=True)
class Estimate:
    """A mean over seeds.

    Attributes:
        n_seeds: Seeds that have a value.
        mean: Their mean; None if there is none.
        low: Lower end of its 95% interval; None with fewer than two seeds.
        high: Upper end.
    """

    n_seeds: int
    mean: float | None
    low: float | None
    high: float | None

    @property
    def effect(self) -> str:
        """The mean, rounded as its interval's width allows."""
        return rounding.signed(self.mean, self._digits) if self.n_seeds else UNDEFINED

    @property
    def interval(self) -> str:
        """The 95% interval."""
        return rounding.interval(self.low, self.high, self._digits)

    @property
    def text(self) -> str:
        """Mean and interval."""
        return f"{self.effect} {self.interval}" if self.n_seeds else UNDEFINED

    @property
    def _digits(self) -> int:
        return rounding.digits_of(self.low, self.high)


@dataclass(frozen=True)
class Estimates:
    """The estimates of a report.

    Attributes:
        values: By the values of `iml_general.report.findings.pairs.KEY` and the effect's name, `NUMBERS`
            of the effect under the condition.
        differences: The same of the controlled effect, `CONTROLLED`.
    """

    values: Mapping[Key, Numbers]
    differences: Mapping[Key, Numbers]

    @classmethod
    def of(cls, estimates: pl.DataFrame) -> Self:
        """Make what `iml_general.judging.estimates.estimates` gave ready to be looked up."""
        keys = estimates.select(*KEY, "effect").rows()
        both = (zip(keys, estimates.select(names).rows(), strict=True) for names in (NUMBERS, CONTROLLED))
        return cls(*map(dict, both))

    def value(self, key: Key, effect: str) -> Estimate | None:
        """An effect under a condition.

        Args:
            key: Values of `iml_general.report.findings.pairs.KEY`.
            effect: The effect's name.

        Returns:
            The estimate; None if the condition was not measured.
        """
        numbers = self.values.get((*key, effect))
        return Estimate(*numbers) if numbers else None

    def controlled(self, key: Key, effect: str) -> Estimate | None:
        """An effect under a condition minus the same under its control.

        Args:
            key: Values of `iml_general.report.findings.pairs.KEY`.
            effect: The effect's name.

        Returns:
            The estimate; None if the condition was not measured.
        """
        numbers = self.differences.get((*key, effect))
        return Estimate(*numbers) if numbers else None


def text_of(estimate: Estimate | None) -> str:
    """Write an estimate, or that there is none."""
    return estimate.text if estimate else rounding.MISSING
