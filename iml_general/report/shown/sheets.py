"""The tables of a report as text, the same in every format."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from iml_general.judging.verdict import ANCHOR
from iml_general.report.findings.group_scores import MOMENTS, mean_em
from iml_general.report.findings.pairs import Pair
from iml_general.report.findings.sweeps import Curve, Sweep
from iml_general.report.text import rounding
from iml_general.report.text.wording import ENDPOINTS, plain
from iml_general.rows import KEYS

if TYPE_CHECKING:
    from iml_general.report.findings.comparison import ComparisonReport

PHASES = ("fit", "update", "predict")
CARRIED = "What of the memorised statements carried over to questions"
CARRIED_EFFECTS = {
    "internalisation_reliable": "internalisation of new reliable",
    "internalisation_unreliable": "internalisation of new unreliable",
    "internalisation_neutral": "internalisation of new neutral",
    "disbelief": "disbelief",
}


@dataclass(frozen=True)
class Sheet:
    """A table of text.

    Attributes:
        columns: Headings of the columns; the first names the row.
        rows: One text per column.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def verdict_sheet(pairs: Iterable[Pair]) -> Sheet:
    """The verdict table, for formats that have nothing but text cells."""
    columns = ("learner, rule", "IML gap", "conflict preference", "flags", "share of ideal", "seeds")
    rows = []
    for pair in pairs:
        name = pair.name if pair.is_subject else f"{pair.name} ({pair.role})"
        verdicts = (end.in_words for end in pair.endpoints)
        flags = "; ".join(pair.flags) or "none"
        rows.append((name, *verdicts, flags, pair.share_of_ideal, pair.seeds))
    return Sheet(columns, tuple(rows))


def evidence_sheet(report: ComparisonReport) -> Sheet:
    """What each verdict rests on: one row per pair and endpoint."""
    columns = (
        "learner, rule",
        "endpoint",
        "p",
        "corrected p",
        "p of equivalence",
        "sign-flip p",
        "BCa interval",
        "informative",
        "shuffled",
        "no stage 1",
    )
    rows = tuple(
        (
            pair.name,
            end.name,
            *(end.p(column) for column in ("p", "p_holm", "p_equivalence", "p_sign_flip")),
            end.bca,
            *(end.like_effect(f"mean_{name}") for name in ("informative", "shuffled", "no_stage1")),
        )
        for pair in report.pairs
        for end in pair.endpoints
    )
    return Sheet(columns, rows)


def group_sheet(report: ComparisonReport) -> Sheet:
    """Mean EM of every group after each stage."""
    places = [(moment, group) for moment, groups in MOMENTS.items() for group in groups]
    found = [mean_em(report.means, moment, group) for moment, group in places]
    titles = [f"{group.replace('_', ' ')} ({moment.replace('stage', 'stage ')})" for moment, group in places]
    rows = tuple(
        (pair.name, *(rounding.share(values.get(pair.key)) for values in found)) for pair in report.pairs
    )
    return Sheet(("learner, rule", *titles), rows)


def carried_sheet(report: ComparisonReport) -> Sheet:
    """Internalisation of each new group, and disbelief: means over the seeds in which they are defined."""
    known = report.effects.filter(pl.col("effect").is_in(list(CARRIED_EFFECTS))).group_by(*KEYS, "effect")
    values = pl.col("informative")
    cells = {
        tuple(row[:-3]): row[-3:]
        for row in known.agg(values.mean(), values.count().alias("n"), pl.len()).iter_rows()
    }

    def cell(pair: Pair, effect: str) -> str:
        mean, n, n_seeds = cells.get((*pair.key, effect), (None, 0, 0))
        if not n:
            return "undefined" if n_seeds else rounding.MISSING
        return f"{rounding.signed(mean, 2)}{'' if n == n_seeds else f' ({n} of {n_seeds} seeds)'}"

    rows = tuple((pair.name, *(cell(pair, effect) for effect in CARRIED_EFFECTS)) for pair in report.pairs)
    return Sheet(("learner, rule", *CARRIED_EFFECTS.values()), rows)


def sweep_sheet(sweep: Sweep) -> Sheet:
    """Verdict, effect and interval at every value: one row per curve and endpoint."""

    def cell(curve: Curve, value: str, endpoint: int) -> str:
        pair = curve.points.get(value)
        return pair.endpoints[endpoint].in_short if pair else rounding.MISSING

    rows = tuple(
        (
            curve.name if curve.is_subject else f"{curve.name} ({ANCHOR})",
            name,
            *(cell(curve, value, i) for value in sweep.values),
        )
        for curve in sweep.curves
        for i, name in enumerate(ENDPOINTS.values())
    )
    return Sheet(("learner, rule", "endpoint", *(f"{sweep.factor}={value}" for value in sweep.values)), rows)


def cost_sheet(costs: pl.DataFrame) -> Sheet:
    """Seconds per seed of every learner, and what of its time the framework took.

    Args:
        costs: Rows of `iml_general.study.storage.record.COST_SCHEMA`.

    Returns:
        One row per learner and rule; what several rules of a learner share has a row of its own.
    """
    known = costs.filter(pl.col("n_seeds") > 0).sort("learner", "rule")
    rows = []
    for (learner,), of_learner in known.group_by("learner", maintain_order=True):
        rules = of_learner["rule"].unique(maintain_order=True).to_list()
        named = [rule for rule in rules if rule]
        share = rounding.percent(_framework_share(of_learner))
        if len(named) == 1:
            rows.append((plain(learner), plain(named[0]), *_per_seed(of_learner), share))
            continue
        for rule in rules:
            cells = _per_seed(of_learner.filter(pl.col("rule") == rule))
            rows.append((plain(learner), plain(rule) or "all, shared", *cells, "as above" if rule else share))
    return Sheet(("learner", "rule", *PHASES, "framework's share"), tuple(rows))


def _per_seed(costs: pl.DataFrame) -> list[str]:
    """Seconds per seed by phase: units of work add up, and so do what is shared and what is not."""
    per_seed = costs.group_by("rule", "phase").agg(pl.col("seconds").sum() / pl.col("n_seeds").sum())
    sums = dict(per_seed.group_by("phase").agg(pl.col("seconds").sum()).iter_rows())
    return [rounding.seconds(sums[phase]) if phase in sums else "none" for phase in PHASES]


def _framework_share(costs: pl.DataFrame) -> float | None:
    spent = float(costs["seconds"].sum())
    overhead = costs.filter(pl.col("phase") == "framework")["seconds"]
    return float(overhead.sum()) / spent if spent > 0 and len(overhead) else None
