"""What a run would take, as a data frame."""

from __future__ import annotations

import polars as pl

from iml_general.study.estimate.estimate import Estimate, Part
from iml_general.study.plan.entrant import Entrant

SCHEMA = {
    "learner": pl.String(),
    "level": pl.String(),
    "rules": pl.String(),
    "units": pl.Int64(),
    "trials": pl.Int64(),
    "scores": pl.Int64(),
    "seconds": pl.Float64(),
    "known_from": pl.String(),
}


def forecast(reckoned: Estimate) -> pl.DataFrame:
    """Lay out what was reckoned.

    Args:
        reckoned: What a study will take.

    Returns:
        One row per configuration or search.
    """
    return pl.DataFrame([_row(part) for part in reckoned.parts], schema=SCHEMA, orient="row")


def title_of(part: Part) -> str:
    """What the configuration, or that of a search, is called."""
    return part.who.title if isinstance(part.who, Entrant) else part.who.name


def rules_of(part: Part) -> str:
    """The update rules that take part, in words."""
    return ", ".join(variant.active_rule for variant in part.start.variants)


def origin_of(part: Part) -> str:
    """Where the time of a part is known from."""
    if part.cost is None:
        return "nothing"
    return part.cost.origin + ("" if part.cost.is_alike else ", other options")


def _row(part: Part) -> tuple[str | int | float | None, ...]:
    names = title_of(part), part.who.level, rules_of(part)
    return *names, part.n_units, part.n_trials, part.n_scores, part.seconds, origin_of(part)
