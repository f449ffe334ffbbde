"""The figure of the groups: how often the answers about each are right, after each stage."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import polars as pl

from iml_general.protocol.protocol import UNSEEN
from iml_general.protocol.sources import Source
from iml_general.report.findings.groups import ASKED, correctness_in_words, group_title, mean_correctness
from iml_general.report.findings.pairs import KEY, Key
from iml_general.report.shown.charts import Series, means_chart
from iml_general.report.shown.described import described, omission, seeds_in_words
from iml_general.report.shown.figure import Figure, Panel
from iml_general.report.shown.frame import Frame
from iml_general.report.shown.palette import INK, TICK, Shape, mark
from iml_general.report.shown.sheets import group_sheet
from iml_general.report.text.rounding import share
from iml_general.report.text.wording import readable

if TYPE_CHECKING:
    from iml_general.report.findings.comparison import ComparisonReport

CHANCE = ("|", Shape(TICK, INK, filled=False))
LETTERS = 34  # of an entry of the legend


def group_figure(report: ComparisonReport, frame: Frame) -> Figure:
    """Draw exact match, of numbers R2, of every group after every stage.

    Args:
        report: The report.
        frame: Where the lines stand.

    Returns:
        One panel per stage, and the same in numbers.
    """
    what = correctness_in_words(report.means)
    named = what.replace("EM", "Exact match (EM)")
    caption = (
        f"{named} on untagged questions, means over {seeds_in_words(report)} seeds and, as small"
        f" dots, single seeds. The upright line is {what} on {UNSEEN} aliases, which is chance: a mark that"
        " stands on it belongs to a group of which nothing carried over to questions. Grey lines join the"
        " groups of the first two sources, before any control is subtracted."
    )
    kinds = _kinds(report.groups)
    legend = tuple(
        (*_mark(kinds, members[0]), _shortened(", ".join(map(_words, members)))) for members in kinds.values()
    )
    panels = tuple(_panel(report, frame, moment, kinds) for moment in report.groups)
    title = group_title(report.means)
    sheets = ((f"{title} in numbers", group_sheet(report)),)
    return Figure("groups", title, caption + omission(frame), legend, panels, sheets, is_detail=True)


def _panel(report: ComparisonReport, frame: Frame, moment: str, kinds: Mapping[str, list[str]]) -> Panel:
    asked = report.scores.lazy().filter(ASKED, moment=moment).select(*KEY, "group", "value").collect()
    seeds = asked.group_by(*KEY, "group").agg(pl.col("value"))
    shown = [
        Series(
            _words(group),
            _mark(kinds, group)[1],
            mean_correctness(report.means, moment, group),
            {row[:-1]: row[-1] for row in seeds.filter(group=group).select(*KEY, "value").iter_rows()},
        )
        for group in report.groups[moment]
    ]
    title = f"{correctness_in_words(report.means)} after {readable(moment)}"
    notes = {pair.key: f"{pair.name}: {_note(shown, pair.key)}" for pair in report.pairs}
    joined = [one.values for one in (*shown, *shown)[:2]]
    svg = means_chart(frame, shown[::-1], joined, title, notes)
    alt = described(report, f"{title}, {shown[0].name}", shown[0].values)
    return Panel(f"groups-{moment.replace('_', '-')}", alt, svg)


def _kinds(groups: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    """Groups that share a mark, because one source speaks of them in different stages."""
    names = list(dict.fromkeys(group for some in groups.values() for group in some))
    sources = [name.removeprefix("new_") for name in names if name.startswith("new_")]
    taught = {Source(name).taught_group: name for name in sources}
    kinds: dict[str, list[str]] = {}
    for name in names:
        kinds.setdefault(taught.get(name, name.removeprefix("new_")), []).append(name)
    return kinds


def _mark(kinds: Mapping[str, list[str]], group: str) -> tuple[str, Shape]:
    sourced = [members for members in kinds.values() if UNSEEN not in members]
    return next((mark(i) for i, members in enumerate(sourced) if group in members), CHANCE)


def _words(group: str) -> str:
    return f"{readable(group)} (chance)" if group == UNSEEN else readable(group)


def _shortened(text: str) -> str:
    return text if len(text) <= LETTERS else f"{text[: LETTERS - 1]}…"


def _note(shown: Iterable[Series], key: Key) -> str:
    return ", ".join(f"{one.name} {share(one.values.get(key))}" for one in shown)
