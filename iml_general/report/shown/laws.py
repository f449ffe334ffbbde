"""What is said of the law: how well a reading predicts, in a sentence and in two tables."""

from __future__ import annotations

import math

from iml_general.judging.law import Law
from iml_general.judging.slopes import Slope
from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.shown.sheet import Sheet
from iml_general.report.text import rounding
from iml_general.report.text.wording import plain

TITLE = "Does a reading before the update predict what comes after it?"
SLOPES = "Slopes of the first of these laws"
ABOUT = (
    "Configurations of each learner were drawn at random. Every other one was held out: slopes, which go"
    " through the origin, are fitted to the others and tried on it. R2 is the share of the outcome's"
    " variation over the held-out ones that is explained; below 0 a mean would have been better."
)


def law_answer(report: ComparisonReport) -> str:
    """Say how well the first law holds.

    Args:
        report: The report.

    Returns:
        One sentence; empty where there is no law.
    """
    if not report.laws:
        return ""
    first = report.laws[0]
    predictor, outcome = (_words(report, name) for name in (first.predictor, first.outcome))
    n_held_out = sum(spot.is_held_out for spot in first.spots)
    common, own, written_down = _explained(first)
    text = (
        f"Read before the update, the {predictor} predicts the {outcome} of {n_held_out} configurations that"
        f" its slopes were not fitted to with R2 = {common} by one slope for all, and"
        f" {own} by a slope for each learner and rule"
    )
    if first.written_down:
        text += f"; {written_down} by slopes written down before the study"
    return f"{text}."


def law_sheet(report: ComparisonReport) -> Sheet:
    """How well every reading predicts every outcome: one row per law."""
    columns = ("read before", "found after", "configurations", "rank correlation")
    of_r2 = ("R2, one slope", "R2, own slopes", "R2, written down")
    rows = []
    for one in report.laws:
        pooled = one.pooled
        rows.append(
            (
                _words(report, one.predictor),
                _words(report, one.outcome),
                str(len(one.spots)),
                _r2(one.rank_correlation),
                *_explained(one),
                _in_words(pooled.slope) if pooled else rounding.MISSING,
                f"{pooled.spread:.3g}" if pooled else rounding.MISSING,
            )
        )
    return Sheet((*columns, *of_r2, "common slope", "spread of slopes"), tuple(rows))


def slope_sheet(law: Law) -> Sheet:
    """What each learner and rule's slope is, and how well it predicts."""
    whose = dict.fromkeys(spot.who for spot in law.spots)
    rows = []
    for who in whose:
        own, shrunk, written = law.slopes.get(who), law.shrunk.get(who), law.written_down.get(who)
        held_out = {} if own is None else {who: own.value}
        rows.append(
            (
                who,
                _in_words(own) if own else "too little is read",
                _in_words(shrunk) if shrunk else rounding.MISSING,
                "none" if written is None else f"{written:+.3g}",
                _r2(law.explained(held_out, who)),
                str(sum(spot.who == who for spot in law.spots)),
            )
        )
    columns = (
        "learner, rule",
        "own slope",
        "drawn to the common one",
        "written down",
        "R2",
        "configurations",
    )
    return Sheet(columns, tuple(rows))


def _explained(law: Law) -> list[str]:
    """R2 by one slope, by own slopes and by those written down."""
    return [_r2(law.explained(slopes)) if slopes else "none" for slopes in law.tried.values()]


def _words(report: ComparisonReport, name: str) -> str:
    return next((plain(effect.words) for effect in report.effects_table if effect.name == name), plain(name))


def _in_words(slope: Slope) -> str:
    digits = rounding.digits_of(slope.low, slope.high)
    return f"{rounding.signed(slope.value, digits)} {rounding.interval(slope.low, slope.high, digits)}"


def _r2(value: float) -> str:
    return rounding.MISSING if math.isnan(value) else f"{value:.2f}"
