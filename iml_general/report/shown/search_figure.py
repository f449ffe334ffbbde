"""The figure of the searches for an effect: what competence and effect every tried configuration had."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import altair as alt
import polars as pl

from iml_general.report.shown.charts import BLUE, CROSS, GREY, ORANGE
from iml_general.report.shown.drawing import FAINT, INK, WIDTH, Shape, bounds, data, points, render, shortened
from iml_general.report.shown.figure import Figure, Panel
from iml_general.report.shown.notes import Note, annotated
from iml_general.report.shown.searches import factors_in_words
from iml_general.report.text.rounding import share, signed
from iml_general.report.text.wording import plain

if TYPE_CHECKING:
    from iml_general.report.findings.comparison import ComparisonReport

LEVEL = "sought"  # the only level at which a search measures the effect
LEFT, ACROSS, HEIGHT = 44, WIDTH - 60, 190  # of the plot; left of it the numbers of the upright axis
DRAWN_AT_MOST = 24  # searches
SPOT = 12  # side of the square around a mark in which a pointer is told about it
NAME = 44  # letters of a learner's name
KINDS = {
    "tried": ("○", Shape("circle", BLUE, filled=False)),
    "stopped early": ("\N{MULTIPLICATION SIGN}", Shape(CROSS, GREY, filled=False)),
    "found, then measured on fresh seeds": ("▲", Shape("triangle-up", ORANGE)),
}


def search_figures(report: ComparisonReport) -> Iterator[Figure]:
    """Draw the searches of a report that looked for an effect.

    Args:
        report: The report.

    Yields:
        One figure with a panel per search, or none.
    """
    found = [(label, name, trials) for label, run in report.runs for name, trials in _searches(run.searches)]
    if not found:
        return
    several = len(report.runs) > 1
    panels = tuple(
        _panel(f"search-{number}", f"{name} ({label})" if several else name, trials, report.settings.sesoi)
        for number, (label, name, trials) in enumerate(found[:DRAWN_AT_MOST], start=1)
    )
    legend = tuple((symbol, shape, kind) for kind, (symbol, shape) in KINDS.items())
    caption = _caption([trials for *_, trials in found], report.settings.sesoi)
    yield Figure("search", "Competence against effect in the searches", caption, legend, panels)


def _caption(searches: Sequence[pl.DataFrame], sesoi: float) -> str:
    seeds = max(int(trials["n_seeds"].max() or 0) for trials in searches)  # type: ignore[arg-type]
    n_trials = sum(trials.height for trials in searches)
    omitted = len(searches) - DRAWN_AT_MOST
    left_out = f" {omitted} more searches are in the tables." if omitted > 0 else ""
    return (
        f"Each mark is one of {n_trials} configurations that were tried at level {LEVEL}, on up to {seeds}"
        " search seeds: across, exact match on the corroborated held-out questions after stage 1; upright,"
        f" the controlled effect that was maximised. The grey band is what is too small to be of interest"
        f" (±{sesoi:g}). The highest marks are the largest of many and no estimate: verdicts rest on fresh"
        f" seeds alone.{left_out}"
    )


def _searches(searches: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    """Name of the learner and its measured trials, search by search."""
    known = searches.filter(
        (pl.col("level") == LEVEL) & pl.col("value").is_finite() & pl.col("competence").is_finite()
    )
    for (learner,), trials in known.sort("learner", "trial").group_by("learner", maintain_order=True):
        yield plain(learner), trials


def _panel(name: str, title: str, trials: pl.DataFrame, sesoi: float) -> Panel:
    rows = trials.to_dicts()
    best = max(rows, key=lambda row: row["value"])
    alt_text = (
        f"Dot plot of the controlled effect over competence, {len(rows)} configurations of {title}:"
        f" effects from {signed(min(row['value'] for row in rows), 3)} to {signed(best['value'], 3)},"
        f" the largest at competence {share(best['competence'])}."
    )
    return Panel(name, alt_text, _drawn(rows, title, sesoi))


def _kind(row: dict[str, Any]) -> str:
    tried, stopped, found = KINDS
    return found if row["found"] else stopped if row["outcome"] == "stopped" else tried


def _drawn(rows: Sequence[dict[str, Any]], title: str, sesoi: float) -> str:
    left, right = bounds(row["competence"] for row in rows)
    low, high = bounds([-sesoi, sesoi, *(row["value"] for row in rows)])
    across = alt.Scale(domain=[left, right], range=[0, ACROSS], nice=False, zero=False)
    upright = alt.Scale(domain=[low, high], range=[HEIGHT, 0], nice=False, zero=False)
    wide, high_title = "competence: EM after stage 1", "controlled effect"
    x = alt.X("x:Q", scale=across, axis=alt.Axis(title=wide, tickCount=5, format=".2~f"))
    y = alt.Y(
        "y:Q",
        scale=upright,
        axis=alt.Axis(title=high_title, tickCount=5, format=".2~f", minExtent=LEFT - 14, maxExtent=LEFT - 14),
    )
    # As in all charts, the name is a mark from data and never part of an expression.
    name = data([{"text": shortened(title, "", NAME)}]).mark_text(
        align="left", fontSize=12, fontWeight="bold", color=INK
    )
    layers = [
        data([{"y": -sesoi, "y2": sesoi}]).mark_rect(color=FAINT, opacity=0.25).encode(y=y, y2="y2:Q"),
        data([{"y": 0}]).mark_rule(color=INK).encode(y="y:Q"),
        data([{"x": left, "y": low}]).mark_point(opacity=0).encode(x=x, y="y:Q"),
        name.encode(x=alt.value(0), y=alt.value(-8), text="text:N"),
    ]
    for kind, (_, shape) in KINDS.items():
        marks = [{"x": row["competence"], "y": row["value"]} for row in rows if _kind(row) == kind]
        layers.append(points(marks, shape))
    svg = render(alt.layer(*layers).properties(width=ACROSS, height=HEIGHT))
    return annotated(
        svg,
        (
            Note(
                ACROSS * (row["competence"] - left) / (right - left) - SPOT / 2,
                HEIGHT * (high - row["value"]) / (high - low) - SPOT / 2,
                SPOT,
                SPOT,
                f"trial {row['trial']}, {_kind(row)}: effect {signed(row['value'], 3)}, competence"
                f" {share(row['competence'])}; {factors_in_words(row)}",
            )
            for row in rows
        ),
    )
