"""Two kinds of chart: effects with intervals and seeds, and several means side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from iml_general.report.findings.estimates import Estimate
from iml_general.report.findings.pairs import Key
from iml_general.report.shown.drawing import X2, Row, X, band, points, spans
from iml_general.report.shown.frame import Dots, Frame
from iml_general.report.shown.palette import FAINT, Shape

Seeds = Mapping[Key, Sequence[float]]


@dataclass(frozen=True)
class Series:
    """One mean of every line.

    Attributes:
        name: What it is the mean of.
        shape: How it is drawn.
        values: The mean by line; no entry where it was not measured.
        seeds: Values of the single seeds behind it, by line.
    """

    name: str
    shape: Shape
    values: Mapping[Key, float]
    seeds: Seeds


def effect_chart(
    frame: Frame,
    estimates: Mapping[Key, Estimate | None],
    shapes: Mapping[Key, Shape],
    seeds: Seeds,
    sesoi: float,
    title: str,
    notes: Mapping[Key, str],
) -> str:
    """Draw effects: mean, 95% interval, and a dot per seed.

    Args:
        frame: Where the lines stand.
        estimates: Mean and interval by line; None where it was not measured.
        shapes: How each line's mean is drawn.
        seeds: Effects of single seeds by line.
        sesoi: Half the width of the band around zero; 0 for none.
        title: Title of the axis.
        notes: What a pointer on a line is told.

    Returns:
        SVG text.
    """
    means: list[Row] = []
    whiskers: list[Row] = []
    for key, place in frame.places.items():
        one, shape = estimates.get(key), shapes[key]
        if one is None or one.mean is None:
            continue
        means.append({"y": place, "x": one.mean, **shape.look})
        if one.low is not None and one.high is not None:
            whiskers.append({"y": place, "x": one.low, "x2": one.high, "stroke": shape.colour})
    dots = [
        Dots(_seed_rows(frame, {key: seeds.get(key, ()) for key in keys}), colour)
        for colour, keys in _by_colour(shapes).items()
    ]
    reach = [-sesoi, sesoi, *(row["x"] for row in (*means, *whiskers)), *(row["x2"] for row in whiskers)]
    reach += [row["x"] for one in dots for row in one.rows]
    layers = [band({"x": -sesoi, "x2": sesoi}, x=X, x2=X2)] if sesoi else []
    return frame.draw([*layers, spans(whiskers), points(means)], dots, title, reach, notes)


def means_chart(
    frame: Frame,
    series: Sequence[Series],
    joined: Sequence[Mapping[Key, float]],
    title: str,
    notes: Mapping[Key, str],
) -> str:
    """Draw several means of every line, two of them joined, and a dot per seed.

    Args:
        frame: Where the lines stand.
        series: The means, later ones on top.
        joined: Two means of every line between which a grey line is drawn.
        title: Title of the axis.
        notes: What a pointer on a line is told.

    Returns:
        SVG text.
    """
    first, second = joined
    between = [
        {"y": place, "x": first[key], "x2": second[key], "stroke": FAINT}
        for key, place in frame.places.items()
        if key in first and key in second
    ]
    means = [
        {"y": place, "x": one.values[key], **one.shape.look}
        for one in series
        for key, place in frame.places.items()
        if key in one.values
    ]
    dots = [Dots(_seed_rows(frame, one.seeds), one.shape.colour) for one in series]
    reach = [row["x"] for row in (*means, *(row for one in dots for row in one.rows))]
    return frame.draw([spans(between, width=3), points(means)], dots, title, reach, notes)


def _by_colour(shapes: Mapping[Key, Shape]) -> dict[str, list[Key]]:
    found: dict[str, list[Key]] = {}
    for key, shape in shapes.items():
        found.setdefault(shape.colour, []).append(key)
    return found


def _seed_rows(frame: Frame, seeds: Seeds) -> list[Row]:
    return [{"y": place, "x": value} for key, place in frame.places.items() for value in seeds.get(key, ())]
