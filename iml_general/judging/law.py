"""A law: what was read before an update, against what was found after it, over many configurations.

METHOD section 7 expects the effect to be proportional to what is read. So slopes go through the origin; they
are fitted to one half of the configurations, and tried on the other.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import stats

from iml_general.judging.slopes import Pooled, Slope, own_slope, pool
from iml_general.rows import SAMPLED

FEWEST = 3
"""Configurations from which on a learner and rule have a slope of their own, something being read of each."""

NOTHING = 1e-3
"""Gaps no larger than this, either way, are nothing: one that stands out alone would be a slope by itself."""


@dataclass(frozen=True)
class Spot:
    """One configuration.

    Attributes:
        family: Its learner's family.
        who: Learner and rule, as ``"extra-trees, refit"``.
        configuration: Identifies it.
        is_held_out: Whether the law is tried on it; else it is fitted to it.
        x: Mean controlled effect that was read before the update.
        y: Mean controlled effect that was found after it.
    """

    family: str
    who: str
    configuration: str
    is_held_out: bool
    x: float
    y: float


@dataclass(frozen=True, eq=False)
class Law:
    """One effect predicted by another.

    Attributes:
        predictor: Name of the effect that is read before the update.
        outcome: Name of the effect that it predicts.
        spots: All configurations that have both.
        written_down: Slopes that were predicted before the study, by learner and rule; may be empty.
    """

    predictor: str
    outcome: str
    spots: tuple[Spot, ...]
    written_down: Mapping[str, float]

    @cached_property
    def slopes(self) -> dict[str, Slope]:
        """Each learner and rule's own slope, on the half that is fitted to; only where there are enough."""
        fitted: dict[str, list[Spot]] = {}
        for spot in self.spots:
            if not spot.is_held_out:
                fitted.setdefault(spot.who, []).append(spot)
        enough = {
            who: spots
            for who, spots in fitted.items()
            if sum(abs(one.x) > NOTHING for one in spots) >= FEWEST
        }
        found = {who: own_slope(*_columns(spots)) for who, spots in enough.items()}
        return {who: slope for who, slope in found.items() if slope is not None}

    @cached_property
    def pooled(self) -> Pooled | None:
        """What the slopes have in common; None where there are fewer than two."""
        return pool(list(self.slopes.values())) if len(self.slopes) > 1 else None

    @cached_property
    def shrunk(self) -> dict[str, Slope]:
        """Slopes drawn towards the common one, the more so the less sure they are."""
        return {who: self.pooled.shrink(slope) for who, slope in self.slopes.items()} if self.pooled else {}

    @property
    def tried(self) -> dict[str, dict[str, float]]:
        """Slopes that are tried on what is held out: one for all, each one's own, and those written down."""
        if self.pooled is None:
            return {}
        common = dict.fromkeys(self.slopes, self.pooled.slope.value)
        own = {who: slope.value for who, slope in self.shrunk.items()}
        return {"common": common, "own": own, "written_down": dict(self.written_down)}

    @property
    def rank_correlation(self) -> float:
        """Spearman's, over all configurations; NaN where either side does not vary."""
        x, y = _columns(self.spots)
        if len(x) < FEWEST or np.ptp(x) == 0 or np.ptp(y) == 0:
            return math.nan
        return float(stats.spearmanr(x, y).statistic)

    def explained(self, slopes: Mapping[str, float], who: str = "") -> float:
        """Share of the outcome's variation over held-out configurations that slopes explain.

        Args:
            slopes: By learner and rule; those that have none are left out.
            who: One learner and rule only; all if empty.

        Returns:
            1 - (squares left by the prediction) / (squares around the mean of the half that is fitted to);
            below 0 if that mean predicts better; NaN where there is nothing to be explained.
        """
        meant = [one for one in self.spots if one.who in slopes and who in ("", one.who)]
        held_out = [one for one in meant if one.is_held_out]
        mean = np.mean([one.y for one in meant if not one.is_held_out] or [0.0])
        total = sum((one.y - mean) ** 2 for one in held_out)
        left = sum((one.y - slopes[one.who] * one.x) ** 2 for one in held_out)
        return float(1 - left / total) if len(held_out) >= FEWEST and total > 0 else math.nan


def law(
    estimates: pl.DataFrame, condition: str, predictor: str, outcome: str, written_down: Mapping[str, float]
) -> Law:
    """Gather the configurations of a sample.

    Every other draw of a learner is held out.

    Args:
        estimates: What `iml_general.judging.estimates.estimates` gave.
        condition: The condition whose controlled effects are meant.
        predictor: Name of an effect.
        outcome: Name of another one.
        written_down: As in `Law`.

    Returns:
        The law; without spots if nobody has both effects.
    """
    of_sample = estimates.filter(role=SAMPLED, condition=condition)
    keys = ["family", "learner", "rule", "point", "configuration"]
    x, y = (
        of_sample.filter(effect=name).select(*keys, value="controlled_mean").drop_nulls()
        for name in (predictor, outcome)
    )
    rows = x.join(y, on=keys, how="inner", suffix="_after", maintain_order="left")
    spots = tuple(
        Spot(
            family=row["family"],
            who=f"{row['learner']}, {row['rule']}",
            configuration=row["configuration"],
            is_held_out=bool(_number(row["point"]) % 2),
            x=row["value"],
            y=row["value_after"],
        )
        for row in rows.iter_rows(named=True)
    )
    return Law(predictor, outcome, spots, dict(written_down))


def _number(point: str) -> int:
    """Of the draw that a point stands for."""
    (number,) = json.loads(point).values()
    return int(number)


def _columns(spots: Sequence[Spot]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return np.array([one.x for one in spots]), np.array([one.y for one in spots])
