"""What was searched for on seeds of its own, what was found, and which factors mattered."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from iml_general.report.shown.sheet import Sheet
from iml_general.report.text import rounding
from iml_general.report.text.wording import listing, plain, readable
from iml_general.study.storage.record import ENOUGH_TRIALS, RunRecord

FACTORS_AT_MOST = 3  # of those that mattered
EXPLANATION = (
    "Configurations were tried on search seeds, which no verdict rests on; the one that was found was then"
    " measured on fresh seeds, and only that is judged. tuned: the most competent at stage 1, chosen without"
    " looking at any effect. sought: the one with most of the controlled effect that was maximised; where"
    " competence was maximised, too, the front is what no other configuration exceeds in both. The best value"
    " is the largest of many and no estimate of anything. What mattered is said where at least"
    f" {ENOUGH_TRIALS} configurations were measured on all search seeds, and differed in what they reached."
)


def search_sheet(run: RunRecord) -> Sheet:
    """Summarise every search of a run.

    Args:
        run: The run.

    Returns:
        One row per learner and level; none if nothing was searched.
    """
    columns = (
        *("learner", "level", "maximised", "tried", "stopped early", "failed"),
        *("on the front", "best value", "found", "what mattered"),
    )
    searches = run.searches.sort("learner", "level", "trial").group_by(
        "learner", "level", maintain_order=True
    )
    rows = tuple(
        (
            *(plain(part) for part in key),
            listing(objectives := [readable(name) for name in trials["maximised"][0].split(",")]),
            str(trials.height),
            str(trials.filter(outcome="stopped").height),
            str(trials.filter(outcome="failed").height),
            str(trials["front"].sum()) if len(objectives) > 1 else "no front",
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
