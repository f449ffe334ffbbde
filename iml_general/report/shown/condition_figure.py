"""The figure of the conditions: what each endpoint is under each of them, and the control beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import polars as pl

from iml_general.judging.effect import Effect
from iml_general.protocol.condition import Condition
from iml_general.report.findings.pairs import KEY, Key
from iml_general.report.shown.charts import Series, means_chart
from iml_general.report.shown.described import described, omission, seeds_in_words
from iml_general.report.shown.figure import Figure, Panel
from iml_general.report.shown.frame import Frame
from iml_general.report.shown.palette import Shape, mark
from iml_general.report.text.rounding import signed
from iml_general.report.text.wording import listing, plain

if TYPE_CHECKING:
    from iml_general.report.findings.comparison import ComparisonReport


def condition_figure(report: ComparisonReport, frame: Frame) -> Figure:
    """Draw every endpoint under every condition.

    Args:
        report: The report.
        frame: Where the lines stand.

    Returns:
        One panel per endpoint.
    """
    against = [
        f"{plain(one.words)} against {_words(report)[one.control]}"
        for one in report.conditions
        if one.control
    ]
    caption = (
        f"Marks are means over {seeds_in_words(report)} seeds under each condition, small dots single seeds."
        " What a condition adds is the distance from its control (the grey line), not from zero:"
        f" {listing(against)}. A mean away from zero under a control is the encoding's doing."
    )
    legend = tuple(
        (character, shape, plain(one.words))
        for one, (character, shape) in zip(report.conditions, _marks(report), strict=True)
    )
    panels = tuple(_panel(report, frame, one) for one in report.endpoints)
    title = "Every condition beside its control"
    return Figure("conditions", title, caption + omission(frame), legend, panels, is_detail=True)


def _panel(report: ComparisonReport, frame: Frame, effect: Effect) -> Panel:
    words = plain(effect.words)
    shown = [
        Series(plain(one.words), shape, _means(report, effect, one), _seeds(report, effect, one))
        for one, (_, shape) in zip(report.conditions, _marks(report), strict=True)
    ]
    own, control = _joined(report, shown)
    notes = {pair.key: f"{pair.name}: {words} {_note(shown, pair.key)}" for pair in report.pairs}
    svg = means_chart(frame, shown[::-1], (own, control), words, notes)
    alt = described(report, f"{words} under the condition that is controlled", own)
    return Panel(f"conditions-{effect.name.replace('_', '-')}", alt, svg)


def _marks(report: ComparisonReport) -> list[tuple[str, Shape]]:
    """By position; what is only a control is outlined."""
    return [mark(i, bool(one.control)) for i, one in enumerate(report.conditions)]


def _words(report: ComparisonReport) -> dict[str, str]:
    return {one.name: plain(one.words) for one in report.conditions}


def _lines(report: ComparisonReport, condition: Condition) -> dict[Key, list[Key]]:
    """Lines that show a condition: its own and, if it is only a control, those of all others, by its key."""
    lines: dict[Key, list[Key]] = {}
    for pair in report.pairs:
        if not condition.control or pair.key[-1] == condition.name:
            lines.setdefault((*pair.key[:-1], condition.name), []).append(pair.key)
    return lines


def _means(report: ComparisonReport, effect: Effect, condition: Condition) -> dict[Key, float]:
    rows = report.estimates.filter(effect=effect.name, condition=condition.name).drop_nulls("mean")
    lines = _lines(report, condition)
    return {
        line: row[-1] for row in rows.select(*KEY, "mean").iter_rows() for line in lines.get(row[:-1], ())
    }


def _seeds(report: ComparisonReport, effect: Effect, condition: Condition) -> dict[Key, list[float]]:
    rows = report.effects.filter(effect=effect.name, condition=condition.name).drop_nulls("value")
    gathered = rows.group_by(KEY).agg(pl.col("value"))
    lines = _lines(report, condition)
    return {
        line: row[-1]
        for row in gathered.select(*KEY, "value").iter_rows()
        for line in lines.get(row[:-1], ())
    }


def _joined(report: ComparisonReport, shown: list[Series]) -> tuple[Mapping[Key, float], Mapping[Key, float]]:
    """What every line has under its own condition, and under the control of that."""
    by_name = {one.name: series for one, series in zip(report.conditions, shown, strict=True)}
    own: dict[Key, float] = {}
    control: dict[Key, float] = {}
    for one in report.conditions:
        mine = {key: v for key, v in by_name[one.name].values.items() if key[-1] == one.name}
        if one.control in by_name:
            own |= mine
            control |= {key: v for key, v in by_name[one.control].values.items() if key in mine}
    return own, control


def _note(shown: list[Series], key: Key) -> str:
    return ", ".join(f"{one.name} {signed(one.values.get(key), 2)}" for one in shown if key in one.values)
