from __future__ import annotations

import re
import struct
import xml.etree.ElementTree as ET
from io import BytesIO

import pytest
from PIL import Image
from pypdf import PdfReader

from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.formats.figure_files import COLUMN_MM, figure_files, standalone
from iml_general.report.shown.figures import figures

STEMS = (
    "controlled-trust",
    "controlled-iml-gap",
    "controlled-statement-weight",
    "controlled-conflict-preference",
    "controlled-stage1-gap",
    "controlled-disbelief",
    "controlled-internalisation-reliable",
    "controlled-internalisation-unreliable",
    "controlled-internalisation-neutral",
    "price",
    "conditions-trust",
    "conditions-iml-gap",
    "groups-stage1",
    "groups-stage2",
)
RULES = ("continue", "grow", "refit", "retrain")


@pytest.fixture(scope="module")
def files(report: ComparisonReport) -> dict[str, bytes]:
    """All figure files of a report."""
    return figure_files(report)


def parse(svg: bytes) -> ET.Element:
    return ET.fromstring(svg.decode("utf-8"))


def texts(svg: bytes) -> list[str]:
    return [one.text or "" for one in parse(svg).iter("{http://www.w3.org/2000/svg}text")]


def test_every_chart_comes_in_three_formats(files: dict[str, bytes]) -> None:
    assert sorted(files) == sorted(
        f"figures/{stem}.{suffix}" for stem in STEMS for suffix in ("svg", "pdf", "png")
    )
    assert all(files[name].startswith(b"%PDF") for name in files if name.endswith("pdf"))
    assert all(files[name].startswith(b"\x89PNG") for name in files if name.endswith("png"))


def test_each_is_one_column_wide_with_letters_of_at_least_six_points(files: dict[str, bytes]) -> None:
    points = COLUMN_MM * 72 / 25.4
    for stem in STEMS:
        svg = parse(files[f"figures/{stem}.svg"])
        assert svg.get("width") == f"{COLUMN_MM}mm"
        units = float((svg.get("viewBox") or "").split()[2])
        sizes = [float(found.removesuffix("px")) for e in svg.iter() if (found := e.get("font-size"))]
        assert min(sizes) * points / units >= 6
        box = re.search(rb"/MediaBox \[0 0 ([\d.]+) ", files[f"figures/{stem}.pdf"])
        assert box is not None
        assert float(box[1]) == pytest.approx(points, abs=0.1)
        png = files[f"figures/{stem}.png"]
        assert struct.unpack(">I", png[16:20])[0] == pytest.approx(COLUMN_MM / 25.4 * 300, abs=2)


def test_each_stands_for_itself(files: dict[str, bytes], report: ComparisonReport) -> None:
    for figure in figures(report):
        for panel in figure.panels:
            svg = files[f"figures/{panel.name}.svg"]
            shown = texts(svg)
            assert {meaning for _, _, meaning in figure.legend} <= set(shown)
            if panel.name != "price":  # where marks are named by a pointer only
                assert {"mlp continue", "controls and references", "random-forest grow"} <= set(shown)
            assert panel.alt in svg.decode()


def test_svg_and_png_are_the_same_to_the_byte(files: dict[str, bytes], report: ComparisonReport) -> None:
    again = figure_files(ComparisonReport.from_runs(report.records))
    assert all(again[name] == files[name] for name in files if not name.endswith("pdf"))


def test_hostile_names_leave_every_file_valid(hostile: ComparisonReport) -> None:
    for figure in figures(hostile):
        for panel in figure.panels:
            svg = standalone(figure, panel).encode("utf-8", "replace")
            tags = {element.tag.rpartition("}")[2] for element in parse(svg).iter()}
            assert tags <= {"svg", "g", "path", "line", "rect", "text", "title", "desc"}


def test_hostile_names_leave_pictures_that_open_and_do_nothing(hostile: ComparisonReport) -> None:
    files = figure_files(hostile)
    for name, content in files.items():
        if name.endswith("png"):
            with Image.open(BytesIO(content)) as image:
                image.load()
                assert len(image.getcolors(2**24) or ()) > 2, f"{name} is blank"
        elif name.endswith("pdf"):
            reader = PdfReader(BytesIO(content), strict=True)
            (page,) = reader.pages
            assert ("seconds per seed" if "price" in name else "ideal-observer") in page.extract_text()
            assert not page.annotations
            assert not {"/OpenAction", "/AA", "/Names", "/AcroForm"} & reader.root_object.keys()
    assert {name.rpartition(".")[2] for name in files} == {"svg", "pdf", "png"}
