from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.formats.html import render_html
from iml_general.report.formats.markdown import render_markdown
from iml_general.report.shown.figures import figures
from iml_general.report.shown.searches import search_sheet
from iml_general.study.storage.record import IMPORTANCE_SCHEMA, SEARCH_SCHEMA

FACTORS = '{"width": %d, "rate": 0.00123456}'
TRIALS = [
    ("mlp", "sought", 0, "measured", "trust", 0.2, 0.9, True, 8, "continue", FACTORS % 64, False),
    ("mlp", "sought", 1, "measured", "trust", 0.5, 0.9, True, 8, "continue", FACTORS % 128, True),
    ("mlp", "sought", 2, "stopped", "trust", 0.9, 0.9, False, 2, "continue", FACTORS % 8, False),
    ("mlp", "sought", 3, "failed", "trust", None, None, False, 0, "continue", FACTORS % 9, False),
    ("mlp", "tuned", 0, "failed", "competence", None, None, False, 0, "", '{"width": 8}', False),
]
SHARES = [
    ("mlp", "sought", name, share, "x") for name, share in zip("abcd", (0.1, 0.2, 0.4, 0.3), strict=True)
]


@pytest.fixture(scope="module")
def searched(record: Callable[..., Any]) -> Any:
    """A run with two searches, one of which found nothing."""
    searches = pl.DataFrame(TRIALS, schema=SEARCH_SCHEMA, orient="row")
    return record([], 3, searches=searches, importances=pl.DataFrame(SHARES, IMPORTANCE_SCHEMA, orient="row"))


def test_a_search_is_one_row_with_what_it_tried_and_found(searched: Any) -> None:
    sought, tuned = search_sheet(searched).rows
    found = "rule = continue, width = 128, rate = 0.001235"
    assert sought == (
        *("mlp", "sought", "trust", "4", "1", "1", "no front", "+0.500", found, "c 40%, d 30%, b 20%"),
    )
    assert tuned == (
        *("mlp", "tuned", "competence", "1", "0", "1", "no front", "not measured", "nothing", "not known"),
    )


def test_where_two_things_were_maximised_the_front_is_counted(searched: Any) -> None:
    both = searched.searches.with_columns(maximised=pl.lit("competence,iml_gap"))
    sought, _ = search_sheet(replace(searched, searches=both)).rows
    assert sought[2] == "competence and iml gap"
    assert sought[6] == "2"


def test_a_search_that_found_nothing_better_than_its_start_says_so(searched: Any) -> None:
    found = searched.searches.with_columns(found=pl.col("trial") == 0)
    sought, _ = search_sheet(replace(searched, searches=found)).rows
    assert sought[8] == "what it started from: rule = continue, width = 64, rate = 0.001235"


def test_the_value_of_a_stopped_trial_is_not_the_best(searched: Any) -> None:
    assert "+0.900" not in search_sheet(searched).rows[0]


def test_page_and_markdown_show_searches_and_say_that_no_verdict_rests_on_them(searched: Any) -> None:
    report = ComparisonReport.from_run(searched)
    page = re.sub(r"<[^>]+>", "", render_html(report))
    for text in (page, render_markdown(report)):
        assert "What was searched for" in text
        assert "search seeds, which no verdict rests on" in text
        assert "width = 128" in text


def test_a_run_without_searches_has_no_such_section(searched: Any) -> None:
    report = ComparisonReport.from_run(replace(searched, searches=searched.searches.clear()))
    assert "searched for" not in render_html(report)
    assert "searched for" not in render_markdown(report)


def test_competence_is_drawn_against_effect_for_every_trial_that_measured_both(searched: Any) -> None:
    (figure,) = [one for one in figures(ComparisonReport.from_run(searched)) if one.name == "search"]
    (panel,) = figure.panels
    notes = dict(note.split(":", 1) for note in re.findall(r"<title>(.*?)</title>", panel.svg))
    found = "trial 1, found, then measured on fresh seeds"
    assert sorted(notes) == ["trial 0, tried", found, "trial 2, stopped early"]
    assert notes[found].endswith(
        "effect +0.500, competence 0.90; rule = continue, width = 128, rate = 0.001235"
    )
    assert "one of 3 configurations" in figure.caption
    assert "up to 8 search seeds" in figure.caption
    assert "largest at competence 0.90" in panel.alt


def test_searches_for_competence_alone_have_no_effect_to_draw(report: ComparisonReport) -> None:
    assert report.searched
    assert "search" not in [figure.name for figure in figures(report)]


def test_a_hostile_learner_leaves_the_drawing_valid(searched: Any) -> None:
    evil = "<script>alert(1)</script>\"'&\n$x_%{{7*7}}\u202e" + "n" * 300
    searches = searched.searches.with_columns(learner=pl.lit(evil))
    report = ComparisonReport.from_run(replace(searched, searches=searches))
    (figure,) = [one for one in figures(report) if one.name == "search"]
    tags = {element.tag.rpartition("}")[2] for element in ET.fromstring(figure.panels[0].svg).iter()}
    assert "script" not in tags
    assert "<script>alert" not in render_html(report)
