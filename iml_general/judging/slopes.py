"""Slopes through the origin: of one group, and what those of several groups have in common."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

from iml_general.judging.inference import CONFIDENCE


@dataclass(frozen=True)
class Slope:
    """A slope and how sure it is.

    Attributes:
        value: Outcome per predictor.
        error: Its standard error, above 0.
        n: Configurations that it was fitted to.
        low: Lower end of the 95% interval.
        high: Upper end.
    """

    value: float
    error: float
    n: int
    low: float
    high: float


@dataclass(frozen=True)
class Pooled:
    """What the slopes of several groups have in common, as a random-effects model has it.

    Attributes:
        slope: The mean of the groups' slopes.
        spread: Standard deviation of the groups' true slopes around it.
    """

    slope: Slope
    spread: float

    def shrink(self, own: Slope) -> Slope:
        """Draw one group's slope towards the mean, as far as it is unsure.

        Args:
            own: A slope that was pooled.

        Returns:
            The empirical-Bayes estimate with its normal interval.
        """
        between, within = self.spread**2, own.error**2
        trust = between / (between + within)
        value = self.slope.value + trust * (own.value - self.slope.value)
        error = math.sqrt(trust * within + ((1 - trust) * self.slope.error) ** 2)
        half = float(stats.norm.ppf((1 + CONFIDENCE) / 2)) * error
        return Slope(value, error, own.n, value - half, value + half)


def own_slope(x: NDArray[np.float64], y: NDArray[np.float64]) -> Slope | None:
    """Fit y = slope * x by least squares.

    Args:
        x: Shape (n,).
        y: Shape (n,).

    Returns:
        The slope with its t-interval; None where it can't be told: no x away from 0, or no scatter.
    """
    squares = float(x @ x)
    if len(x) < 2 or squares == 0:
        return None
    value = float(x @ y) / squares
    error = math.sqrt(float(((y - value * x) ** 2).sum()) / (len(x) - 1) / squares)
    if error == 0:
        return None
    half = float(stats.t.ppf((1 + CONFIDENCE) / 2, len(x) - 1)) * error
    return Slope(value, error, len(x), value - half, value + half)


def pool(slopes: Sequence[Slope]) -> Pooled:
    """Combine the slopes of several groups.

    Source: Paule and Mandel, Journal of Research of the National Bureau of Standards 1982, for the spread,
    which one very sure group can't pull to 0; Hartung and Knapp, Statistics in Medicine 2001, for the
    interval.

    Args:
        slopes: At least two.

    Returns:
        Their mean, and how much the groups differ beyond their errors.
    """
    values = np.array([one.value for one in slopes])
    within = np.array([one.error**2 for one in slopes])
    between = _between(values, within)
    mean, excess = _weighed(values, within + between)
    n, information = len(slopes), float((1 / (within + between)).sum())
    error = math.sqrt(excess / (n - 1) / information)
    half = float(stats.t.ppf((1 + CONFIDENCE) / 2, n - 1)) * error
    slope = Slope(mean, error, sum(one.n for one in slopes), mean - half, mean + half)
    return Pooled(slope, math.sqrt(between))


def _between(values: NDArray[np.float64], within: NDArray[np.float64]) -> float:
    """The variance between groups that makes their weighed squares what is expected of them; at least 0."""

    def surplus(between: float) -> float:
        return _weighed(values, within + between)[1] - (len(values) - 1)

    if surplus(0.0) <= 0:
        return 0.0
    # Squares over the variance alone are no more than expected of it, so the root lies below.
    most = float(((values - values.mean()) ** 2).sum()) / (len(values) - 1)
    return float(optimize.brentq(surplus, 0.0, 2 * most))


def _weighed(values: NDArray[np.float64], variances: NDArray[np.float64]) -> tuple[float, float]:
    """Mean weighed by 1 / variances, and weighed squares around it."""
    weights = 1 / variances
    mean = float(weights @ values / weights.sum())
    return mean, float(weights @ (values - mean) ** 2)
