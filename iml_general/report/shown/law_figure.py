"""The figure of the law: what was read before the update across, what was found after it upright."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from iml_general.judging.law import Law
from iml_general.report.shown.figure import Figure, Panel
from iml_general.report.shown.laws import ABOUT, TITLE, law_sheet, slope_sheet
from iml_general.report.shown.palette import INK, SHAPES, Shape, colours_of
from iml_general.report.shown.scatter import Spot, scatter_chart
from iml_general.report.text.rounding import signed
from iml_general.report.text.wording import plain

if TYPE_CHECKING:
    from iml_general.report.findings.comparison import ComparisonReport

FILLED, OUTLINED, CIRCLE = SHAPES[0]


def law_figure(report: ComparisonReport) -> Figure | None:
    """Draw every law, a mark for each configuration.

    Args:
        report: The report.

    Returns:
        One panel for each law, the one that was written down first; None where there is none.
    """
    if not report.laws:
        return None
    families = colours_of(plain(spot.family) for law in report.laws for spot in law.spots)
    legend = (
        *((FILLED, Shape(CIRCLE, colour), family) for family, colour in families.items()),
        (FILLED, Shape(CIRCLE, INK), "held out"),
        (OUTLINED, Shape(CIRCLE, INK, filled=False), "fitted to"),
        ("\N{EM DASH}", Shape(CIRCLE, INK), "one slope for all"),
    )
    words = {effect.name: plain(effect.words) for effect in report.effects_table}
    slopes = [(f"slopes: {_title(law, words)}", slope_sheet(law)) for law in report.laws]
    sheets = (("how well each reading predicts", law_sheet(report)), *slopes)
    panels = tuple(_panel(law, words, families) for law in report.laws)
    return Figure("law", TITLE, ABOUT, legend, panels, sheets)


def _panel(law: Law, words: dict[str, str], families: dict[str, str]) -> Panel:
    spots = list(_spots(law, families))
    titles = (f"{words[law.predictor]}, before", f"{words[law.outcome]}, after")
    slope = None if law.pooled is None else law.pooled.slope.value
    svg = scatter_chart(spots, _title(law, words), titles, 0.0, slope=slope)
    alt = f"Dot plot of {words[law.outcome]} over {words[law.predictor]}, {len(spots)} configurations."
    return Panel(f"law-{law.predictor}-{law.outcome}".replace("_", "-"), alt, svg)


def _spots(law: Law, families: dict[str, str]) -> Iterator[Spot]:
    for spot in law.spots:
        shape = Shape(CIRCLE, families[plain(spot.family)], filled=spot.is_held_out)
        read, found = signed(spot.x, 3), signed(spot.y, 3)
        yield Spot(spot.x, spot.y, shape, f"{spot.who} ({spot.configuration}): read {read}, found {found}")


def _title(law: Law, words: dict[str, str]) -> str:
    return f"{words[law.outcome]} from {words[law.predictor]}"
