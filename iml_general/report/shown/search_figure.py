"""The figure of the searches for an effect: what competence and effect every tried configuration had."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from iml_general.report.shown.described import sesoi_of
from iml_general.report.shown.figure import Figure, Panel
from iml_general.report.shown.palette import COLOURS, CROSS, GREY, INK, Shape
from iml_general.report.shown.scatter import Spot, scatter_chart
from iml_general.report.shown.searches import factors_in_words
from iml_general.report.text.rounding import share, signed
from iml_general.report.text.wording import plain

if TYPE_CHECKING:
    from iml_general.report.findings.comparison import ComparisonReport

LEVEL = "sought"  # the only level at which a search measures the effect
DRAWN_AT_MOST = 24  # searches
KINDS = {
    "tried": ("○", Shape("circle", COLOURS[0], filled=False)),
    "stopped early": ("\N{MULTIPLICATION SIGN}", Shape(CROSS, GREY, filled=False)),
    "found, then measured on fresh seeds": ("▲", Shape("triangle-up", COLOURS[1])),
}
FRONT = (
    "┐",
    Shape("M-1,-.6H.2V.8", INK, filled=False),
    "Pareto front: no more of one without less of the other",
)
TITLES = ("competence after stage 1", "controlled {}")


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
        _panel(report, f"search-{number}", f"{name} ({label})" if several else name, trials)
        for number, (label, name, trials) in enumerate(found[:DRAWN_AT_MOST], start=1)
    )
    legend = tuple((symbol, shape, kind) for kind, (symbol, shape) in KINDS.items())
    fronts = [(name, _front(trials)) for _, name, trials in found if not _front(trials).is_empty()]
    caption = f"{_caption([trials for *_, trials in found])}{_price(fronts, report.settings.sesoi)}"
    title = "Competence against effect in the searches"
    yield Figure("search", title, caption, (*legend, FRONT) if fronts else legend, panels)


def _searches(searches: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    """Name of the learner and its measured trials, search by search."""
    known = searches.filter(
        (pl.col("level") == LEVEL) & pl.col("value").is_finite() & pl.col("competence").is_finite()
    )
    for (learner,), trials in known.sort("learner", "trial").group_by("learner", maintain_order=True):
        yield plain(learner), trials


def _maximised(trials: pl.DataFrame) -> list[str]:
    return [name.strip() for name in str(trials["maximised"][0]).split(",")]


def _front(trials: pl.DataFrame) -> pl.DataFrame:
    """The trials on the Pareto front of a search for both; none of a search for one of them."""
    return trials.filter(pl.col("front") & (len(_maximised(trials)) > 1))


def _caption(searches: Sequence[pl.DataFrame]) -> str:
    seeds = max(int(trials["n_seeds"].max() or 0) for trials in searches)  # type: ignore[arg-type]
    n_trials = sum(trials.height for trials in searches)
    omitted = len(searches) - DRAWN_AT_MOST
    left_out = f" {omitted} more searches are in the tables." if omitted > 0 else ""
    return (
        f"Each mark is one of {n_trials} configurations that were tried at level {LEVEL}, on up to {seeds}"
        " search seeds: across, exact match on the corroborated held-out questions after stage 1; upright,"
        " the controlled effect that was maximised. The grey band is what is too small to be of interest."
        " The highest marks are the largest of many and no estimate: findings rest on fresh"
        f" seeds alone.{left_out}"
    )


def _price(fronts: Sequence[tuple[str, pl.DataFrame]], sesoi: float) -> str:
    """Whether the effect is bought with competence: what one end of a front has more than the other."""
    parts = []
    for name, front in fronts:
        ends = front.sort("competence", "value", descending=[True, True])
        able, strong = ends.row(0, named=True), ends.row(-1, named=True)
        cost, gain = able["competence"] - strong["competence"], strong["value"] - able["value"]
        is_dear = "yes" if cost >= sesoi else "hardly"
        bought = f"{is_dear}, {signed(gain, 2)} for {share(cost)} of competence"
        parts.append(f"{name}: {bought if ends.height > 1 else 'no, one configuration has most of both'}")
    return f" Is the effect bought with competence, on search seeds? {'; '.join(parts)}." if parts else ""


def _panel(report: ComparisonReport, name: str, title: str, trials: pl.DataFrame) -> Panel:
    effect = next((one for one in report.effects_table if one.name in _maximised(trials)), None)
    words = plain(effect.words) if effect else "effect"
    rows = trials.to_dicts()
    spots = [
        Spot(row["competence"], row["value"], KINDS[_kind(row)][1], _note(row))
        for row in sorted(rows, key=_over)
    ]
    front = sorted(_front(trials).select("competence", "value").iter_rows())
    titles = (TITLES[0], TITLES[1].format(words))
    sesoi = sesoi_of(report, effect) if effect else 0.0
    svg = scatter_chart(spots, title, titles, sesoi, front)
    best = max(rows, key=lambda row: row["value"])
    alt = (
        f"Dot plot of the {titles[1]} over competence, {len(rows)} configurations of {title}:"
        f" effects from {signed(min(row['value'] for row in rows), 3)} to {signed(best['value'], 3)},"
        f" the largest at competence {share(best['competence'])}."
    )
    return Panel(name, alt, svg)


def _kind(row: dict[str, Any]) -> str:
    tried, stopped, found = KINDS
    return found if row["found"] else stopped if row["outcome"] == "stopped" else tried


def _over(row: dict[str, Any]) -> int:
    """What was found is drawn last, on top."""
    return list(KINDS).index(_kind(row))


def _note(row: dict[str, Any]) -> str:
    return (
        f"trial {row['trial']}, {_kind(row)}: effect {signed(row['value'], 3)}, competence"
        f" {share(row['competence'])}; {factors_in_words(row)}"
    )
