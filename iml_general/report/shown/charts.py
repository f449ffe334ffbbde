"""Two kinds of chart: effects with intervals and seeds, and several means side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from iml_general.report.findings.endpoint import Endpoint
from iml_general.report.findings.pairs import Key
from iml_general.report.shown.drawing import FAINT, Dots, Frame, Row, Shape, band, points, spans
from iml_general.rows import KEYS

CROSS = "M-.7,-.7L.7,.7M.7,-.7L-.7,.7"
TICK = "M0,-2L0,2"  # longer than other marks, which may stand on it
BLUE, ORANGE, GREY, VIOLET, OCHRE = "#2a7fc1", "#d4561f", "#7a7f87", "#a06ab4", "#a87a00"

VERDICTS = {
    "present": Shape("triangle-up", BLUE),
    "reversed": Shape("triangle-down", ORANGE),
    "absent": Shape("circle", GREY),
    "not internalised": Shape(CROSS, VIOLET, filled=False),
    "inconclusive": Shape("diamond", OCHRE),
}


@dataclass(frozen=True)
class Series:
    """One mean of every pair.

    Attributes:
        name: What it is the mean of.
        symbol: The character that is most like its shape, for the legend.
        shape: How it is drawn.
        values: The mean by pair; None or no entry where it was not measured.
        seeds: Pair and value of every seed behind the means.
    """

    name: str
    symbol: str
    shape: Shape
    values: Mapping[Key, float | None]
    seeds: Sequence[tuple[Key, float]]

    def means(self, frame: Frame) -> list[Row]:
        """Its marks."""
        known = {key: self.values.get(key) for key in frame.places}
        return [{"y": frame.places[key], "x": value} for key, value in known.items() if value is not None]

    def dots(self, frame: Frame) -> Dots:
        """The seeds behind its marks."""
        rows = [{"y": frame.places[key], "x": value} for key, value in self.seeds if key in frame.places]
        return Dots(rows, self.shape.colour)


def effect_chart(
    frame: Frame,
    ends: Mapping[Key, Endpoint],
    effects: pl.DataFrame,
    sesoi: float,
    title: str,
    notes: Mapping[Key, str],
) -> str:
    """Draw controlled effects: mean, 95% interval, and a dot per seed.

    Args:
        frame: Where the pairs stand.
        ends: The verdict by pair.
        effects: Rows of this effect, one per pair and seed.
        sesoi: Smallest effect of interest: half the width of the band around zero.
        title: Title of the axis.
        notes: What a pointer on a pair's line is told.

    Returns:
        SVG text.
    """
    layers = [band(sesoi)]
    dots = []
    reach: list[float | None] = [-sesoi, sesoi]
    seeds = effects.drop_nulls("controlled").select(*KEYS, "controlled").rows()
    for verdict, shape in VERDICTS.items():
        like = {key: ends[key] for key in frame.places if ends[key].verdict == verdict}
        known = {key: end for key, end in like.items() if end.mean is not None}
        behind = [{"y": frame.places[row[:-1]], "x": row[-1]} for row in seeds if row[:-1] in known]
        whiskers = [
            {"y": frame.places[key], "x": end.values["low"], "x2": end.values["high"]}
            for key, end in known.items()
            if end.values.get("low") is not None
        ]
        means = [{"y": frame.places[key], "x": end.mean} for key, end in known.items()]
        layers += [
            spans(whiskers, shape.colour),
            points(means, shape),
        ]
        dots.append(Dots(behind, shape.colour))
        reach += [row["x"] for row in (*behind, *means, *whiskers)] + [row["x2"] for row in whiskers]
    return frame.draw(layers, dots, title, _finite(reach), notes)


def means_chart(
    frame: Frame, series: Sequence[Series], joined: tuple[str, str], title: str, notes: Mapping[Key, str]
) -> str:
    """Draw several means of every pair, two of them joined by a line, and a dot per seed.

    Args:
        frame: Where the pairs stand.
        series: The means, later ones on top.
        joined: Names of the two series between which the line is drawn.
        title: Title of the axis.
        notes: What a pointer on a pair's line is told.

    Returns:
        SVG text.
    """
    first, second = (next(one.values for one in series if one.name == name) for name in joined)
    lines = [
        {"y": place, "x": first[key], "x2": second[key]}
        for key, place in frame.places.items()
        if first.get(key) is not None and second.get(key) is not None
    ]
    means = [points(one.means(frame), one.shape) for one in series]
    dots = [one.dots(frame) for one in series]
    reach = [row["x"] for one in series for row in (*one.means(frame), *one.dots(frame).rows)]
    return frame.draw([spans(lines, FAINT, width=3), *means], dots, title, reach, notes)


def _finite(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]
