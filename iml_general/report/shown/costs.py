"""What learners and the framework took, as a table."""

from __future__ import annotations

import polars as pl

from iml_general.report.shown.sheet import Sheet
from iml_general.report.text import rounding
from iml_general.report.text.wording import plain

PHASES = ("fit", "update", "predict")


def cost_sheet(costs: pl.DataFrame) -> Sheet:
    """Seconds per seed of every learner, and what of its time the framework took.

    Args:
        costs: Rows of `iml_general.study.storage.record.COST_SCHEMA`.

    Returns:
        One row per learner and rule; what several rules of a learner share has a row of its own.
    """
    known = costs.filter(pl.col("n_seeds") > 0).sort("learner", "rule")
    any_reused = bool(known["reused"].any())
    rows = []
    for (learner,), of_learner in known.group_by("learner", maintain_order=True):
        rules = of_learner["rule"].unique(maintain_order=True).to_list()
        named = [rule for rule in rules if rule]
        share = rounding.percent(_framework_share(of_learner))
        more = (_reused_share(of_learner),) if any_reused else ()
        if len(named) == 1:
            rows.append((plain(learner), plain(named[0]), *_per_seed(of_learner), share, *more))
            continue
        for rule in rules:
            cells = _per_seed(of_learner.filter(pl.col("rule") == rule))
            rows.append(
                (plain(learner), plain(rule) or "all, shared", *cells, "as above" if rule else share, *more)
            )
    reused = ("not spent in this run",) if any_reused else ()
    return Sheet(("learner", "rule", *PHASES, "framework's share", *reused), tuple(rows))


def _per_seed(costs: pl.DataFrame) -> list[str]:
    """Seconds per seed by phase: units of work add up, and so do what is shared and what is not."""
    per_seed = costs.group_by("rule", "phase").agg(pl.col("seconds").sum() / pl.col("n_seeds").sum())
    sums = dict(per_seed.group_by("phase").agg(pl.col("seconds").sum()).iter_rows())
    return [rounding.seconds(sums[phase]) if phase in sums else "none" for phase in PHASES]


def _reused_share(costs: pl.DataFrame) -> str:
    """The share of the seconds that an earlier run spent."""
    spent = float(costs["seconds"].sum())
    return rounding.percent(float(costs.filter("reused")["seconds"].sum()) / spent if spent > 0 else None)


def _framework_share(costs: pl.DataFrame) -> float | None:
    spent = float(costs["seconds"].sum())
    overhead = costs.filter(pl.col("phase") == "framework")["seconds"]
    return float(overhead.sum()) / spent if spent > 0 and len(overhead) else None
