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
from iml_general.report.shown.curves import _apart
from iml_general.report.shown.figures import figures
from iml_general.report.shown.sheets import sweep_sheet
from iml_general.report.shown.sweep_answer import values_in_words
from iml_general.report.text.wording import CONTROLS

Make = Callable[..., Any]


def sweep_of(values: list[str]) -> Sweep:
    return Sweep("", "factor", tuple(values), ())


def texts(svg: str) -> list[str]:
    return [one.text or "" for one in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def test_points_stand_in_numeric_order_and_anchors_among_the_controls(swept: Make, synthetic: Any) -> None:
    run = swept([synthetic("a", "grow", "f", gap=0.1)], ["10", "9.5", "100"], n_seeds=3)
    pairs = ComparisonReport.from_run(run).pairs
    assert [pair.more for pair in pairs if pair.learner == "a"] == [
        "alpha_reliable=9.5",
        "alpha_reliable=10",
        "alpha_reliable=100",
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


def test_the_answer_says_over_which_values_each_pair_shows_the_effect(sweep_report: ComparisonReport) -> None:
    assert sweep_report.answer == (
        "IML over alpha_reliable, 0.5 to 10 (8 seeds each): boosting (refit): present at every value;"
        " stump (grow): absent at every value."
    )
    assert sweep_report.second_answer.startswith("A preference for the reliable tag in conflicts over alpha")


def test_the_answer_names_where_the_effect_begins(swept: Make, synthetic: Any) -> None:
    run = swept([synthetic("a", "grow", "f", gap=0.3)], [0.1, 0.2, 0.3])
    flat = run.scores.filter((pl.col("learner") != "a") | (pl.col("level") != "alpha_reliable=0.1"))
    answer = ComparisonReport.from_run(replace(run, scores=flat)).answer
    assert "a (grow): present from alpha_reliable=0.2 and not measured at 0.1." in answer


def test_pairs_of_which_the_same_is_to_be_said_are_named_together(swept: Make, synthetic: Any) -> None:
    subjects = [synthetic(f"a{i}", "grow", "f", 0.6, gap=0.3, spread=0.01) for i in range(8)]
    answer = ComparisonReport.from_run(swept(subjects, [1, 2])).answer
    assert "a4 (grow), a5 (grow) and 2 more: present at every value." in answer


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
    assert broken.answer.startswith("INVALID")
    assert broken.second_answer == ""


def test_other_runs_of_the_report_are_counted_beside_the_sweep(
    sweep_report: ComparisonReport, report: ComparisonReport
) -> None:
    both = ComparisonReport.from_runs([*report.records, *sweep_report.records])
    assert "IML appears in 1 of 4 learner-rule pairs" in both.answer
    assert "IML over alpha_reliable (sweep), 0.5 to 10" in both.answer
    assert figures(both)[0].title == "Controlled effects over alpha_reliable (sweep)"


def test_a_learner_with_two_sets_of_options_has_two_curves(swept: Make, synthetic: Any) -> None:
    twins = [synthetic("a", "grow", "f", gap=gap, configuration=c) for gap, c in ((0.1, "x"), (0.3, "y"))]
    (sweep,) = ComparisonReport.from_run(swept(twins, [1, 2], n_seeds=3)).sweeps
    first, second = sweep.subjects
    assert (first.name, second.in_words) == ("a grow 1", "a (grow 2)")
    assert [pair.key[-1] for pair in first.points.values()] == ["x0", "x1"]
    assert [pair.key[-1] for pair in second.points.values()] == ["y0", "y1"]


def test_the_table_has_every_effect_of_the_sweep_in_the_page_and_in_markdown(
    sweep_report: ComparisonReport,
) -> None:
    (sweep,) = sweep_report.sweeps
    sheet = sweep_sheet(sweep)
    assert sheet.columns[2:] == ("alpha_reliable=0.5", "alpha_reliable=2", "alpha_reliable=10")
    assert [row[:2] for row in sheet.rows[::2]] == [
        ("boosting refit", "IML gap"),
        ("stump grow", "IML gap"),
        ("ideal-observer retrain (upper anchor)", "IML gap"),
    ]
    page = re.sub(r"<[^>]+>", "", render_html(sweep_report)).replace("\N{MINUS SIGN}", "-")
    note = render_markdown(sweep_report).replace("\\", "")
    cells = [cell for row in sheet.rows for cell in row[2:]]
    assert len(cells) == 18
    assert all(cell in page and cell in note for cell in cells)


def test_the_chart_names_every_curve_and_value_and_says_what_is_seen(sweep_report: ComparisonReport) -> None:
    figure = figures(sweep_report)[0]
    assert figure.name == "sweep"
    assert "8 seeds" in figure.caption
    assert "upper anchor" in figure.caption
    for panel in figure.panels:
        shown = texts(panel.svg)
        assert {"boosting refit", "stump grow", "ideal-observer retrain"} <= set(shown)
        assert {"0.5", "2", "10", "alpha_reliable (logarithmic)"} <= set(shown)
        assert 'stroke-dasharray="6,3"' in panel.svg
    assert "boosting refit: +0." in figure.panels[0].alt


def test_the_chart_is_a_file_in_three_formats(sweep_report: ComparisonReport) -> None:
    files = figure_files(sweep_report)
    stems = {name.rpartition(".")[0] for name in files if "sweep" in name}
    assert stems == {"figures/sweep-iml-gap", "figures/sweep-conflict-preference"}
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
    kept = run.scores.filter((pl.col("learner") != "a") | (pl.col("level") == "alpha_reliable=1"))
    report = ComparisonReport.from_run(replace(run, scores=kept))
    assert sweep_sheet(report.sweeps[0]).rows[0][-1] == "not measured"
    assert "2" in texts(figures(report)[0].panels[0].svg)


def test_json_and_latex_hold_a_sweep(sweep_report: ComparisonReport) -> None:
    content = json.loads(render_json(sweep_report))
    jsonschema.validate(content, schema())
    assert {one["role"] for one in content["configurations"]} >= {"subject", "upper anchor"}
    assert {one["value"] for one in content["runs"][0]["configurations"]} == {"", "0.5", "2", "10"}
    latex = render_latex(sweep_report)
    assert r"The sweep set protocol.alpha\_reliable to 10, 0.5 and 2" in latex
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


def test_a_run_without_a_sweep_has_none(report: ComparisonReport, page: str) -> None:
    assert report.sweeps == ()
    assert 'id="sweep"' not in page
