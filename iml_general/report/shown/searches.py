"""What was searched for on seeds of its own, what was found, and which factors mattered."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from iml_general.report.shown.sheets import Sheet
from iml_general.report.text import rounding
from iml_general.report.text.wording import plain
from iml_general.study.storage.record import ENOUGH_TRIALS, RunRecord

FACTORS_AT_MOST = 3  # of those that mattered
EXPLANATION = (
    "Configurations were tried on search seeds, which no verdict rests on; the one that was found was then"
    " measured on fresh seeds, and only that is judged. tuned: the best at stage 1, chosen without looking at"
    " the effect. sought: the largest controlled effect. The best value is the largest of many and no"
    f" estimate of anything. What mattered is said where at least {ENOUGH_TRIALS} configurations were"
    " measured on all search seeds, and differed in what they reached."
)


def search_sheet(run: RunRecord) -> Sheet:
    """Summarise every search of a run.

    Args:
        run: The run.

    Returns:
        One row per learner and level; none if nothing was searched.
    """
    columns = ("learner", "level", "tried", "stopped early", "failed", "best value", "found", "what mattered")
    searches = run.searches.sort("learner", "level", "trial").group_by(
        "learner", "level", maintain_order=True
    )
    rows = tuple(
        (
            *(plain(part) for part in key),
            str(trials.height),
            str(trials.filter(outcome="stopped").height),
            str(trials.filter(outcome="failed").height),
            rounding.signed(_best(trials), 3),
            "; ".join(_found(trials)) or "nothing",
            ", ".join(_mattered(run.importances, *key)) or "not known",
        )
        for key, trials in searches
    )
    return Sheet(columns, rows)


def _best(trials: pl.DataFrame) -> float | None:
    values = trials.filter(outcome="measured")["value"].drop_nulls()
    return float(max(values)) if len(values) else None


def _found(trials: pl.DataFrame) -> Iterator[str]:
    """The confirmed configurations, factor by factor; a search tries first what it starts from."""
    for trial in trials.filter(pl.col("found")).iter_rows(named=True):
        yield f"{'' if trial['trial'] else 'what it started from: '}{factors_in_words(trial)}"


def factors_in_words(trial: Mapping[str, Any]) -> str:
    """Say what a trial tried.

    Args:
        trial: A row of `iml_general.study.storage.record.SEARCH_SCHEMA`.

    Returns:
        Text such as ``"rule = refit, max_depth = 8"``.
    """
    factors: dict[str, Any] = json.loads(trial["factors"])
    if trial["rule"]:
        factors = {"rule": trial["rule"], **factors}
    return ", ".join(f"{plain(name)} = {_short(value)}" for name, value in factors.items())


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else plain(value)


def _mattered(importances: pl.DataFrame, learner: object, level: object) -> Iterator[str]:
    known = importances.filter((pl.col("learner") == learner) & (pl.col("level") == level))
    largest = known.sort("importance", "factor", descending=[True, False]).head(FACTORS_AT_MOST)
    for row in largest.iter_rows(named=True):
        yield f"{plain(row['factor'])} {rounding.percent(row['importance'])}"
