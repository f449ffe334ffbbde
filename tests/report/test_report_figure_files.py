from __future__ import annotations

import re
import struct
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import Any

import polars as pl
import pytest
from PIL import Image
from pypdf import PdfReader

from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.formats.figure_files import COLUMN_MM, figure_files, standalone
from iml_general.report.shown.figures import DRAWN_AT_MOST, figures

STEMS = (
    "controlled-iml-gap",
    "controlled-conflict-preference",
    "conditions-iml-gap",
    "conditions-conflict-preference",
    "groups-stage1",
    "groups-stage2",
)


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
            assert {"mlp continue", "forests", "random-forest grow"} <= set(shown)
            assert panel.alt in svg.decode()


def test_a_dot_stands_for_every_seed_of_every_mean(report: ComparisonReport) -> None:
    effects, _, groups = figures(report)
    marks = re.findall(r'<path[^>]*stroke-linecap="round"[^>]*>', effects.panels[0].svg)
    dots = [mark.count("L") for mark in marks]
    different = report.effects.filter(effect="iml_gap").drop_nulls("controlled")
    assert 0.8 * different.height <= sum(dots) <= different.height
    assert different.height == 7 * 8
    assert all('stroke-linecap="round"' in panel.svg for panel in groups.panels)


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
            assert "ideal-observer" in page.extract_text()
            assert not page.annotations
            assert not {"/OpenAction", "/AA", "/Names", "/AcroForm"} & reader.root_object.keys()
    assert {name.rpartition(".")[2] for name in files} == {"svg", "pdf", "png"}


def test_a_learner_that_measured_nothing_leaves_an_empty_line(report: ComparisonReport) -> None:
    without = report.records[0].scores.filter(pl.col("group") != "new_conflict")
    bare = figures(ComparisonReport.from_run(replace(report.records[0], scores=without)))[0].panels[1]
    assert bare.name == "controlled-conflict-preference"
    assert "mlp continue" in texts(bare.svg.encode())
    assert "nothing was measured" in bare.alt


def test_of_very_many_lines_the_largest_effects_are_drawn_and_the_caption_says_so(
    record: Callable[..., Any], synthetic: Any
) -> None:
    many = [synthetic(f"weak-{i:03}", "grow", "f") for i in range(DRAWN_AT_MOST + 5)]
    strong = [synthetic("strong", "grow", "f", 0.6, 0.5), synthetic("against", "grow", "f", 0.6, -0.5)]
    report = ComparisonReport.from_run(record([*many, *strong], 2))
    for figure in figures(report):
        assert "Of 107 lines only the 100 with the largest controlled IML gaps" in figure.caption
        for panel in figure.panels:
            names = [
                text for text in texts(panel.svg.encode()) if text.endswith(("grow", "refit", "retrain"))
            ]
            assert len(names) == DRAWN_AT_MOST + 3
            assert {"strong grow", "against grow", "ideal-observer retrain"} <= set(names)


def test_a_chart_of_few_lines_leaves_none_out(report: ComparisonReport) -> None:
    assert not any("lines only" in figure.caption for figure in figures(report))
