"""The figure and the table of a sweep."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from iml_general.report.findings.group_scores import seed_values
from iml_general.report.findings.pairs import Key
from iml_general.report.findings.sweeps import Curve, Sweep
from iml_general.report.shown.charts import BLUE, OCHRE, ORANGE, VIOLET
from iml_general.report.shown.curves import Line, curve_chart
from iml_general.report.shown.drawing import INK, Row, Shape, shortened
from iml_general.report.shown.figure import Figure, Panel
from iml_general.report.shown.sheets import sweep_sheet
from iml_general.report.text.rounding import MISSING, count_range
from iml_general.report.text.wording import ENDPOINTS

if TYPE_CHECKING:
    from iml_general.report.findings.comparison import ComparisonReport

LETTERS = 22  # of the name at a curve's end
GREEN, ROSE = "#2f8f5b", "#c2477f"
COLOURS = (BLUE, ORANGE, GREEN, VIOLET, OCHRE, ROSE)
SHAPES = (
    "circle",
    "square",
    "triangle-up",
    "diamond",
    "triangle-down",
    "M-1,-1L1,0L-1,1Z",
    "M-.45,-1H.45V-.4H1V.4H.45V1H-.45V.4H-1V-.4H-.45Z",
)
DASHES = Shape("M-1,0h.75M.25,0h.75", "#7a7f87", filled=False)
LEGEND = (
    ("●", Shape("circle", INK), "present"),
    ("○", Shape("circle", INK, filled=False), "another verdict"),
    ("╌", DASHES, "upper anchor"),
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
        panels = tuple(_panel(report, sweep, name, i) for i in range(len(ENDPOINTS)))
        sheets = ((f"{sweep.title} in numbers", sweep_sheet(sweep)),)
        yield Figure(name, sweep.title, _caption(report, sweep), LEGEND, panels, sheets)


def _caption(report: ComparisonReport, sweep: Sweep) -> str:
    counts = [n for curve in sweep.curves for pair in curve.points.values() for n in pair.seed_counts]
    return (
        f"Symbols are means over {count_range(counts)} seeds with their 95% intervals, faint dots single"
        f" seeds; a line joins what one learner-rule pair shows at each value of {sweep.factor}, everything"
        " else being equal. A filled symbol is a verdict of present, an outlined one any other. The dashed"
        " grey line is the upper anchor: the ideal observer at the same value, so what could be had there."
        f" The grey band is what is too small to be of interest (±{report.settings.sesoi:g}). Lines stand a"
        " little side by side, so that intervals don't hide each other; these are not corrected for their"
        " number, verdicts are."
    )


def _panel(report: ComparisonReport, sweep: Sweep, stem: str, endpoint: int) -> Panel:
    column, name = list(ENDPOINTS.items())[endpoint]
    seeds = _by_pair(seed_values(report.effects.filter(effect=column), "controlled"))
    subjects = [
        _line(sweep, curve, endpoint, seeds, Shape(SHAPES[i % len(SHAPES)], COLOURS[i % len(COLOURS)]))
        for i, curve in enumerate(sweep.subjects)
    ]
    anchors = [_line(sweep, c, endpoint, seeds, DASHES) for c in sweep.curves if not c.is_subject]
    across = f"{sweep.factor}{' (logarithmic)' if sweep.is_logarithmic else ''}"
    title = f"controlled {name}"
    svg = curve_chart([*anchors, *subjects], sweep.places, report.settings.sesoi, (across, title))
    alt = f"Line chart of the {title} over {sweep.factor}, {sweep.values[0]} to {sweep.values[-1]}."
    spans = " ".join(_span(sweep, curve, endpoint) for curve in sweep.curves)
    return Panel(f"{stem}-{name.lower().replace(' ', '-')}", f"{alt} {spans}".rstrip(), svg)


def _by_pair(values: Iterable[tuple[Key, float]]) -> dict[Key, list[float]]:
    found: dict[Key, list[float]] = {}
    for key, value in values:
        found.setdefault(key, []).append(value)
    return found


def _line(sweep: Sweep, curve: Curve, endpoint: int, seeds: Mapping[Key, list[float]], shape: Shape) -> Line:
    points: list[Row] = []
    dots: list[tuple[float, float]] = []
    for value, place in sweep.places.items():
        pair = curve.points.get(value)
        end = pair.endpoints[endpoint] if pair else None
        if pair is None or end is None or end.mean is None:
            continue
        ends = {name: end.values.get(name) for name in ("low", "high")}
        note = f"{curve.name} at {sweep.factor}={value}: {end.in_words}"
        points.append({"x": place, "y": end.mean, **ends, "present": end.verdict == "present", "note": note})
        dots += [(place, effect) for effect in seeds.get(pair.key, ())]
    return Line(
        shortened(curve.learner, f" {curve.rule}", LETTERS),
        shape,
        not curve.is_subject,
        points,
        dots if curve.is_subject else (),
    )


def _span(sweep: Sweep, curve: Curve, endpoint: int) -> str:
    """A curve's first and last mean in words."""
    ends = [(v, curve.points[v].endpoints[endpoint]) for v in sweep.values if v in curve.points]
    known = [(value, end.effect) for value, end in ends if end.mean is not None]
    if not known:
        return f"{curve.name}: {MISSING}."
    return f"{curve.name}: {known[0][1]} at {known[0][0]}, {known[-1][1]} at {known[-1][0]}."
