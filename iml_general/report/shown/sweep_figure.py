"""The figure and the table of a sweep."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from iml_general.report.findings.pairs import Key
from iml_general.report.findings.sweeps import Curve, Sweep
from iml_general.report.shown.curves import Line, curve_chart
from iml_general.report.shown.described import bands_in_words, seeds_by_line, sesoi_of
from iml_general.report.shown.drawing import Row, shortened, without_factors
from iml_general.report.shown.figure import Figure, Panel
from iml_general.report.shown.palette import DASHES, GREY, INK, Shape, mark
from iml_general.report.shown.sheets import sweep_sheet
from iml_general.report.text.rounding import MISSING, count_range
from iml_general.report.text.wording import listing, plain

if TYPE_CHECKING:
    from iml_general.report.findings.comparison import ComparisonReport

LETTERS = 22  # of the name at a curve's end
ANCHORED = Shape(DASHES, GREY, filled=False)
LEGEND = (
    ("●", Shape("circle", INK), "present"),
    ("○", Shape("circle", INK, filled=False), "another verdict"),
    ("╌", ANCHORED, "upper anchor"),
)


def sweep_figures(report: ComparisonReport) -> Iterator[Figure]:
    """Draw every sweep of a report.

    Args:
        report: The report.

    Yields:
        One figure per sweep, with the same in numbers.
    """
    for number, sweep in enumerate(report.sweeps, start=1):
        name = f"sweep-{number}" if len(report.sweeps) > 1 else "sweep"
        panels = tuple(_panel(report, sweep, name, i) for i in range(len(report.endpoints)))
        sheets = ((f"{sweep.title} in numbers", sweep_sheet(sweep)),)
        yield Figure(name, sweep.title, _caption(report, sweep), LEGEND, panels, sheets)


def _caption(report: ComparisonReport, sweep: Sweep) -> str:
    counts = [n for curve in sweep.curves for pair in curve.points.values() for n in pair.seed_counts]
    others = f" Names of lines end in the value of {listing(sweep.factors[1:])}." if sweep.factors[1:] else ""
    return (
        f"Symbols are means over {count_range(counts)} seeds with their 95% intervals, faint dots single"
        f" seeds; a line joins what one learner-rule pair shows at each value of {sweep.factor}, everything"
        f" else being equal.{others} A filled symbol is a verdict of present, an outlined one any other."
        " The dashed grey line is the upper anchor: the ideal observer at the same value, so what could be"
        " had there."
        f" {bands_in_words(report)} Lines stand a little side by side, so that intervals don't hide each"
        " other; these are not corrected for their number, verdicts are."
    )


def _panel(report: ComparisonReport, sweep: Sweep, stem: str, endpoint: int) -> Panel:
    effect = report.endpoints[endpoint]
    seeds = seeds_by_line(report, effect)
    subjects = [_line(sweep, curve, endpoint, seeds, mark(i)[1]) for i, curve in enumerate(sweep.subjects)]
    anchors = [_line(sweep, c, endpoint, seeds, ANCHORED) for c in sweep.curves if not c.is_subject]
    across = f"{sweep.factor}{' (logarithmic)' if sweep.is_logarithmic else ''}"
    title = f"controlled {plain(effect.words)}"
    sesoi = sesoi_of(report, effect)
    svg = curve_chart([*anchors, *subjects], sweep.places, sesoi, (across, title))
    alt = f"Line chart of the {title} over {sweep.factor}, {sweep.values[0]} to {sweep.values[-1]}."
    spans = " ".join(_span(sweep, curve, endpoint) for curve in sweep.curves)
    return Panel(f"{stem}-{effect.name.replace('_', '-')}", f"{alt} {spans}".rstrip(), svg)


def _line(sweep: Sweep, curve: Curve, endpoint: int, seeds: Mapping[Key, list[float]], shape: Shape) -> Line:
    points: list[Row] = []
    dots: list[tuple[float, float]] = []
    for value, place in sweep.places.items():
        pair = curve.points.get(value)
        end = pair.ends[endpoint] if pair else None
        if pair is None or end is None or end.mean is None:
            continue
        ends = {name: end.values.get(name) for name in ("low", "high")}
        note = f"{curve.name} at {sweep.factor}={value}: {end.words} {end.in_words}"
        points.append({"x": place, "y": end.mean, **ends, "present": end.verdict == "present", "note": note})
        dots += [(place, effect) for effect in seeds.get(pair.key, ())]
    return Line(
        shortened(
            curve.learner, without_factors(curve.name.removeprefix(curve.learner), sweep.factors), LETTERS
        ),
        shape,
        not curve.is_subject,
        points,
        dots if curve.is_subject else (),
    )


def _span(sweep: Sweep, curve: Curve, endpoint: int) -> str:
    """A curve's first and last mean in words."""
    ends = [(value, curve.points[value].ends[endpoint]) for value in sweep.values if value in curve.points]
    known = [(value, end.effect) for value, end in ends if end.mean is not None]
    if not known:
        return f"{curve.name}: {MISSING}."
    return f"{curve.name}: {known[0][1]} at {known[0][0]}, {known[-1][1]} at {known[-1][0]}."
