"""Every chart as a file of its own, for papers and slides: SVG, PDF and PNG.

A file is one text column wide and holds its own legend on a white ground. SVG and PNG of the same
report are the same to the byte; a PDF shows the same, but its parts are stored in any order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.sax.saxutils import escape

import vl_convert

from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.shown.figure import Figure, Panel
from iml_general.report.shown.figures import figures
from iml_general.report.shown.palette import INK, Shape
from iml_general.report.text.wording import plain

FOLDER = "figures"
KINDS = ("svg", "pdf", "png")
COLUMN_MM = 84  # one of two text columns; letters of 12 units are then 7 points high
PNG_PPI = 300
PNG_SCALE = 72 / 96  # the renderer reads sizes as for a screen, but counts resolution from 72
DARK = "#1d2229"  # text on paper, where no style sheet sees to it
LEGEND_STEP, LEGEND_SIZE = 19, 4.2

OUTLINES = {
    "circle": "M-1,0A1,1,0,1,1,1,0A1,1,0,1,1,-1,0Z",
    "square": "M-.9,-.9H.9V.9H-.9Z",
    "diamond": "M-1,0L0,-1L1,0L0,1Z",
    "triangle-up": "M0,-.87L1,.87L-1,.87Z",
    "triangle-down": "M0,.87L1,-.87L-1,-.87Z",
}
"""Vega's named shapes as paths within -1..1; other shapes are such paths already."""


def figure_files(report: ComparisonReport) -> dict[str, bytes]:
    """Draw every chart of a report in three formats.

    Args:
        report: The report.

    Returns:
        Content by path, such as ``figures/controlled-iml-gap.pdf``.
    """
    contents: dict[str, bytes] = {}
    for figure in figures(report):
        for panel in figure.panels:
            svg = standalone(figure, panel)
            for kind in KINDS:
                contents[f"{FOLDER}/{panel.name}.{kind}"] = drawn(svg, kind)
    return contents


def drawn(svg: str, kind: str) -> bytes:
    """Make a file of a drawing.

    Args:
        svg: What `standalone` made.
        kind: One of `KINDS`.

    Returns:
        The file's content.
    """
    if kind == "pdf":
        pdf: bytes = vl_convert.svg_to_pdf(_in_points(svg))
        return pdf
    if kind == "png":
        png: bytes = vl_convert.svg_to_png(svg, scale=PNG_SCALE, ppi=PNG_PPI)
        return png
    return svg.encode("utf-8", "replace")


def standalone(figure: Figure, panel: Panel) -> str:
    """Make a drawing stand for itself: legend above, white ground, description inside.

    Args:
        figure: The figure with its legend.
        panel: One of its drawings.

    Returns:
        SVG text.
    """
    found = re.match(r'<svg [^>]*? width="([\d.]+)" height="([\d.]+)"', panel.svg)
    assert found is not None
    width, inner = (float(text) for text in found.groups())
    legend = list(_legend(figure, width))
    top = LEGEND_STEP * ((len(legend) + 1) // 2) + 6
    drawing = panel.svg.replace(f'fill="{INK}"', f'fill="{DARK}"').replace("<svg ", f'<svg y="{top}" ', 1)
    height = top + inner
    return "".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{COLUMN_MM}mm"'
            f' height="{COLUMN_MM * height / width:.2f}mm" viewBox="0 0 {width:g} {height:g}" role="img">',
            f"<title>{escape(plain(figure.title))}</title><desc>{escape(plain(panel.alt))}</desc>",
            '<rect width="100%" height="100%" fill="#ffffff"/>',
            *legend,
            drawing,
            "</svg>\n",
        )
    )


def _in_points(svg: str) -> str:
    """The same drawing for a renderer that takes pixels for points."""
    return re.sub(r'="([\d.]+)mm"', lambda size: f'="{float(size[1]) * 72 / 25.4:.2f}"', svg, count=2)


def _legend(figure: Figure, width: float) -> Iterator[str]:
    """Marks and their meanings, in two columns."""
    for i, (_, shape, meaning) in enumerate(figure.legend):
        x, y = 8 + (i % 2) * width / 2, LEGEND_STEP * (i // 2 + 0.6)
        yield (
            f'<g transform="translate({x:g},{y:g})">{_mark(shape)}'
            f'<text x="11" y="4" font-family="sans-serif" font-size="12" fill="{DARK}">'
            f"{escape(meaning)}</text></g>"
        )


def _mark(shape: Shape) -> str:
    paint = f'fill="{shape.colour}"' if shape.filled else 'fill="none"'
    return (
        f'<path d="{OUTLINES.get(shape.path, shape.path)}" transform="scale({LEGEND_SIZE})" {paint}'
        f' stroke="{shape.colour}" stroke-width="{1.6 / LEGEND_SIZE:.2f}"/>'
    )
