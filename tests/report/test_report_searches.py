from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from iml_general.report.comparison import ComparisonReport
from iml_general.report.html import render_html
from iml_general.report.markdown import render_markdown
from iml_general.report.searches import search_sheet
from iml_general.study.record import IMPORTANCE_SCHEMA, SEARCH_SCHEMA

TRIALS = [
    ("mlp", "sought", 0, "measured", 0.2, 0.9, 8, "continue", '{"width": 64, "rate": 0.00123456}', False),
    ("mlp", "sought", 1, "measured", 0.5, 0.9, 8, "continue", '{"width": 128, "rate": 0.00123456}', True),
    ("mlp", "sought", 2, "stopped", 0.9, 0.9, 2, "continue", '{"width": 8, "rate": 0.1}', False),
    ("mlp", "sought", 3, "failed", None, None, 0, "continue", '{"width": 9, "rate": 0.1}', False),
    ("mlp", "tuned", 0, "failed", None, None, 0, "", '{"width": 8}', False),
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
    assert sought == ("mlp", "sought", "4", "1", "1", "+0.500", found, "c 40%, d 30%, b 20%")
    assert tuned == ("mlp", "tuned", "1", "0", "1", "not measured", "nothing", "not known")


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
