"""A sweep is reported as curves: in their order, in words, in tables and as charts."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import jsonschema
import polars as pl
import pytest

from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.findings.sweeps import Sweep
from iml_general.report.formats.figure_files import figure_files
from iml_general.report.formats.html import render_html
from iml_general.report.formats.json_export import render_json, schema
from iml_general.report.formats.latex import render_latex
from iml_general.report.formats.markdown import render_markdown
from iml_general.report.shown.answer import answer, second_answer
from iml_general.report.shown.curves import _apart
from iml_general.report.shown.figures import figures
from iml_general.report.shown.sheets import sweep_sheet
from iml_general.report.shown.sweep_answer import values_in_words
from iml_general.report.text.wording import CONTROLS

Make = Callable[..., Any]


def sweep_of(values: list[str]) -> Sweep:
    return Sweep("", {"factor": tuple(values)}, ())


def texts(svg: str) -> list[str]:
    return [one.text or "" for one in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def test_points_stand_in_numeric_order_and_anchors_among_the_controls(swept: Make, synthetic: Any) -> None:
    run = swept([synthetic("a", "grow", "f", gap=0.1)], ["10", "9.5", "100"], n_seeds=3)
    pairs = ComparisonReport.from_run(run).pairs
    assert [pair.more for pair in pairs if pair.learner == "a"] == [
        "reliable.reliability=9.5",
        "reliable.reliability=10",
        "reliable.reliability=100",
    ]
    anchors = [pair for pair in pairs if pair.role == "upper anchor"]
    assert [pair.heading for pair in anchors] == [CONTROLS] * 3
    assert pairs[-3:] == tuple(anchors)


def test_values_that_are_no_numbers_keep_the_order_of_the_plan(swept: Make, synthetic: Any) -> None:
    run = swept([synthetic("a", "grow", "f", gap=0.1)], ["words", "bits", "codes"], n_seeds=3)
    report = ComparisonReport.from_run(run)
    (sweep,) = report.sweeps
    assert sweep.values == ("words", "bits", "codes")
    assert list(sweep.places.values()) == [0.0, 0.5, 1.0]
    assert [pair.more.partition("=")[2] for pair in report.pairs if pair.learner == "a"] == [*sweep.values]


def test_numbers_stand_where_they_lie_on_the_axis_that_parts_them_best() -> None:
    assert list(sweep_of(["0", "0.5", "0.75", "1"]).places.values()) == [0.0, 0.5, 0.75, 1.0]
    assert not sweep_of(["0.25", "0.5", "0.75", "1"]).is_logarithmic
    wide = sweep_of(["1", "10", "100"])
    assert wide.is_logarithmic
    assert wide.places == pytest.approx({"1": 0.0, "10": 0.5, "100": 1.0})
    assert not sweep_of(["0", "1", "100"]).is_logarithmic
    assert sweep_of(["7"]).places == {"7": 0.5}


def test_the_answer_says_over_which_values_each_pair_trusts(sweep_report: ComparisonReport) -> None:
    assert answer(sweep_report) == (
        "Trust over reliable.reliability, 0.5 to 10 (8 seeds each): boosting (refit): trusts at every value;"
        " stump (grow): no trust at every value."
    )
    assert second_answer(sweep_report).startswith("IML gap over reliable.reliability, 0.5 to 10")


def test_the_answer_names_where_trust_begins(swept: Make, synthetic: Any) -> None:
    run = swept([synthetic("a", "grow", "f", 0.6, 0.2, 0.3)], [0.1, 0.2, 0.3])
    flat = run.scores.filter(
        (pl.col("learner") != "a") | (pl.col("point") != '{"reliable.reliability": 0.1}')
    )
    said = answer(ComparisonReport.from_run(replace(run, scores=flat)))
    assert "a (grow): trusts from reliable.reliability=0.2 and not measured at 0.1." in said


def test_pairs_of_which_the_same_is_to_be_said_are_named_together(swept: Make, synthetic: Any) -> None:
    subjects = [synthetic(f"a{i}", "grow", "f", 0.6, 0.3, 0.3, spread=0.01) for i in range(8)]
    said = answer(ComparisonReport.from_run(swept(subjects, [1, 2])))
    assert "a4 (grow), a5 (grow) and 2 more: trusts at every value." in said


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        (["1", "2", "3", "4"], "at every value"),
        (["3", "4"], "from x=3"),
        (["1", "2"], "up to x=2"),
        (["2", "3"], "from x=2 to 3"),
        (["1", "3"], "at x=1 and 3"),
        (["4"], "at x=4"),
    ],
)
def test_values_are_named_as_briefly_as_is_true(chosen: list[str], words: str) -> None:
    assert values_in_words(sweep_of(["1", "2", "3", "4"]), chosen, "x=") == words


def test_words_have_no_from_and_to() -> None:
    assert values_in_words(sweep_of(["a", "b", "c"]), ["b", "c"]) == "at b and c"


def test_an_invalid_sweep_gets_no_answer(sweep_report: ComparisonReport) -> None:
    broken = replace(sweep_report, faults=("A control failed.",))
    assert answer(broken).startswith("INVALID")
    assert second_answer(broken) == ""


def test_other_runs_of_the_report_are_counted_beside_the_sweep(
    sweep_report: ComparisonReport, report: ComparisonReport
) -> None:
    both = ComparisonReport.from_runs([*report.records, *sweep_report.records])
    assert "Trust is learned in 2 of 5 learner-rule pairs" in answer(both)
    assert "Trust over reliable.reliability (sweep), 0.5 to 10" in answer(both)
    assert figures(both)[0].title == "Controlled effects over reliable.reliability (sweep)"


def test_a_learner_with_two_sets_of_options_has_two_curves(swept: Make, synthetic: Any) -> None:
    twins = [synthetic("a", "grow", "f", gap=gap, configuration=c) for gap, c in ((0.1, "x"), (0.3, "y"))]
    (sweep,) = ComparisonReport.from_run(swept(twins, [1, 2], n_seeds=3)).sweeps
    first, second = sweep.subjects
    assert (first.name, second.in_words) == ("a grow 1", "a (grow 2)")
    assert [pair.key[-2] for pair in first.points.values()] == ["x0", "x1"]
    assert [pair.key[-2] for pair in second.points.values()] == ["y0", "y1"]


def test_the_table_has_every_effect_of_the_sweep_in_the_page_and_in_markdown(
    sweep_report: ComparisonReport,
) -> None:
    (sweep,) = sweep_report.sweeps
    sheet = sweep_sheet(sweep)
    assert sheet.columns[2:] == (
        "reliable.reliability=0.5",
        "reliable.reliability=2",
        "reliable.reliability=10",
    )
    curves = ("boosting refit", "stump grow", "ideal-observer retrain (upper anchor)")
    shown = ("finding", "trust", "IML gap")
    assert [row[:2] for row in sheet.rows] == [(curve, one) for curve in curves for one in shown]
    page = re.sub(r"<[^>]+>", "", render_html(sweep_report)).replace("\N{MINUS SIGN}", "-")
    note = render_markdown(sweep_report).replace("\\", "")
    cells = [cell for row in sheet.rows for cell in row[2:]]
    assert len(cells) == 27
    assert all(cell in page and cell in note for cell in cells)


def test_the_chart_names_every_curve_and_value_and_says_what_is_seen(sweep_report: ComparisonReport) -> None:
    figure = figures(sweep_report)[0]
    assert figure.name == "sweep"
    assert "8 seeds" in figure.caption
    assert "upper anchor" in figure.caption
    for panel in figure.panels:
        shown = texts(panel.svg)
        assert {"boosting refit", "stump grow", "ideal-observer retrain"} <= set(shown)
        assert {"0.5", "2", "10", "reliable.reliability (logarithmic)"} <= set(shown)
        assert 'stroke-dasharray="6,3"' in panel.svg
    assert "boosting refit: +0." in figure.panels[0].alt


def test_the_chart_is_a_file_in_three_formats(sweep_report: ComparisonReport) -> None:
    files = figure_files(sweep_report)
    stems = {name.rpartition(".")[0] for name in files if "sweep" in name}
    assert len(stems) == 2
    assert sum("sweep" in name for name in files) == 6


def test_symbols_are_filled_only_where_the_effect_is_present(sweep_report: ComparisonReport) -> None:
    svg = figures(sweep_report)[0].panels[0].svg
    present = re.findall(r'<path aria-label="[^"]*"[^>]*fill="#2a7fc1"|<path[^>]*fill="#2a7fc1"', svg)
    other = re.findall(r'<path[^>]*fill="#d4561f"', svg)
    assert len(present) == 3 + 1  # and the one beside the name
    assert len(other) == 1


def test_names_never_stand_on_each_other() -> None:
    found = _apart([0.5, 0.5, 0.52, 0.98], 0.1, (0.0, 1.0))
    heights = sorted(found)
    assert all(b - a >= 0.1 - 1e-9 for a, b in pairwise(heights))
    assert heights[0] >= 0.05
    assert heights[-1] <= 0.95 + 1e-9


def test_a_point_that_was_not_measured_is_a_gap_and_said_in_words(swept: Make, synthetic: Any) -> None:
    run = swept([synthetic("a", "grow", "f", gap=0.2)], [1, 2], n_seeds=3)
    kept = run.scores.filter((pl.col("learner") != "a") | (pl.col("point") == '{"reliable.reliability": 1}'))
    report = ComparisonReport.from_run(replace(run, scores=kept))
    assert sweep_sheet(report.sweeps[0]).rows[0][-1] == "not measured"
    assert "2" in texts(figures(report)[0].panels[0].svg)


def test_json_and_latex_hold_a_sweep(sweep_report: ComparisonReport) -> None:
    content = json.loads(render_json(sweep_report))
    jsonschema.validate(content, schema())
    assert {one["role"] for one in content["configurations"]} >= {"subject", "upper anchor"}
    points = [None, *({"reliable.reliability": value} for value in (10, 0.5, 2))]
    for configurations in (content["configurations"], content["runs"][0]["configurations"]):
        found = [one["point"] for one in configurations]
        assert all(point in found for point in points)
        assert all(point in points for point in found)
    latex = render_latex(sweep_report).replace(r"\allowbreak{}", "")
    assert "The sweep set protocol.sources.reliable.reliability to 10, 0.5 and 2" in latex
    assert "were true with probability 1." not in latex


def test_hostile_factors_and_values_do_no_harm(swept: Make, synthetic: Any) -> None:
    evil = "<script>alert(1)</script>\"'&|\n=\u202e{{7*7}}"
    run = swept([synthetic(evil, "grow", evil, gap=0.2)], [evil, f"{evil}2"], factor=evil, n_seeds=3)
    report = ComparisonReport.from_run(run)
    page = render_html(report).partition("<pre")[0]
    assert "<script>alert" not in page
    assert "\u202e" not in page
    for panel in figures(report)[0].panels:
        ET.fromstring(panel.svg)


def test_points_of_two_factors_are_curves_over_the_first(swept: Make, synthetic: Any) -> None:
    grid = {"unreliable.reliability": [0.5, 0]}
    run = swept([synthetic("a", "grow", "f", 0.6, 0.2, 0.3)], [1, 0.5], also=grid)
    report = ComparisonReport.from_run(run)
    (sweep,) = report.sweeps
    assert sweep.factors == ("reliable.reliability", "unreliable.reliability")
    assert sweep.grid == {"reliable.reliability": ("0.5", "1"), "unreliable.reliability": ("0", "0.5")}
    assert [curve.name for curve in sweep.subjects] == [
        "a grow unreliable.reliability=0",
        "a grow unreliable.reliability=0.5",
    ]
    assert all(set(curve.points) == {"0.5", "1"} for curve in sweep.curves)
    at = sweep.subjects[1].points["0.5"]
    assert at.point == {"reliable.reliability": "0.5", "unreliable.reliability": "0.5"}
    assert at.name == "a grow reliable.reliability=0.5 unreliable.reliability=0.5"
    subjects = [pair.point for pair in report.pairs if pair.is_subject]
    assert [tuple(point.values()) for point in subjects] == [
        ("0.5", "0"),
        ("0.5", "0.5"),
        ("1", "0"),
        ("1", "0.5"),
    ]


def test_values_that_are_close_are_points_of_their_own(swept: Make, synthetic: Any) -> None:
    run = swept([synthetic("a", "grow", "f", 0.6, 0.2)], [0.9999991, 0.9999992], n_seeds=3)
    (sweep,) = ComparisonReport.from_run(run).sweeps
    assert sweep.values == ("0.9999991", "0.9999992")
    assert len(sweep.subjects[0].points) == 2


def test_a_run_without_a_sweep_has_none(report: ComparisonReport, page: str) -> None:
    assert report.sweeps == ()
    assert 'id="sweep"' not in page
