"""Levels, worlds and runs side by side."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.findings.matrix import matrix_of
from iml_general.report.formats.html import render_html
from iml_general.report.formats.markdown import render_markdown

Make = Callable[..., Any]


@pytest.fixture(scope="module")
def levels(record: Make, synthetic: Any) -> ComparisonReport:
    """Two learners, of which one was also tuned and sought."""
    subjects = [
        synthetic("mlp", "continue", "neural networks", 0.6, gap, 0.5, default=level, configuration=level)
        for level, gap in (("sought", 0.4), ("default", 0.0), ("tuned", 0.2))
    ]
    return ComparisonReport.from_run(record([*subjects, synthetic("stump", "grow", "trees")]))


def test_a_line_per_learner_and_rule_and_a_column_per_level_in_their_order(levels: ComparisonReport) -> None:
    assert levels.matrix is not None
    assert levels.matrix.columns == ("default", "tuned", "sought")
    assert [name for name, _ in levels.matrix.rows] == ["mlp continue", "stump grow"]
    found = {pair.key[-2]: pair.gap.in_short for pair in levels.pairs if pair.learner == "mlp"}
    mlp, stump = levels.matrix.sheet(0).rows
    assert mlp == ("mlp continue", found["default"], found["tuned"], found["sought"])
    assert stump[2:] == ("not measured", "not measured")


def test_page_and_markdown_show_it_in_words(levels: ComparisonReport) -> None:
    page = render_html(levels)
    assert levels.matrix is not None
    shown = re.findall(r'<div class="scroll matrix".*?</div>', page, flags=re.DOTALL)
    assert len(shown) == 2
    for i, text in enumerate(shown):
        words = re.findall(r'class="verdict [\w-]+">.*?</span> ([\w ]+)</span>', text)
        cells = [pair for _, cells in levels.matrix.rows for cell in cells for pair in cell.pairs]
        assert words == [pair.endpoints[i].verdict for pair in cells]
        assert text.count("not measured") == 2
    assert render_markdown(levels).count("### Side by side: ") == 2


def test_one_level_of_one_run_has_nothing_side_by_side(
    report: ComparisonReport, sweep_report: ComparisonReport, page: str
) -> None:
    assert report.matrix is None
    assert sweep_report.matrix is None
    assert 'class="scroll matrix"' not in page


def test_several_sets_of_options_share_a_cell(record: Make, synthetic: Any) -> None:
    subjects = [
        synthetic("mlp", "continue", "f", default=level, configuration=f"{level}{i}")
        for level, i in (("default", 1), ("default", 2), ("tuned", 1))
    ]
    matrix = matrix_of(ComparisonReport.from_run(record(subjects, 3)).pairs)
    assert matrix is not None
    ((_, (default, tuned)),) = matrix.rows
    assert (len(default.pairs), len(tuned.pairs)) == (2, 1)
    assert matrix.sheet(0).rows[0][1].count(";") == 1


def test_defaults_and_chosen_options_share_a_column_unless_a_learner_has_both(
    record: Make, synthetic: Any
) -> None:
    lines = [("mlp", "chosen"), ("stump", "default"), ("mlp", "tuned"), ("stump", "tuned")]

    def made(*lines: tuple[str, str]) -> Any:
        subjects = [synthetic(name, "grow", "f", default=level, configuration=level) for name, level in lines]
        return matrix_of(ComparisonReport.from_run(record(subjects, 3)).pairs)

    together, apart = made(*lines), made(*lines, ("mlp", "default"))
    assert together.columns == ("default or chosen", "tuned")
    cells = {row[0]: row[1] for row in together.sheet(0).rows}
    assert cells["mlp grow"].endswith(" (chosen)")
    assert "chosen" not in cells["stump grow"]
    assert apart.columns == ("default", "chosen", "tuned")


def test_a_rule_that_a_search_did_not_find_is_not_called_missing(record: Make, synthetic: Any) -> None:
    subjects = [
        synthetic("mlp", rule, "f", default=level, configuration=f"{level}{rule}")
        for rule, level in (("grow", "default"), ("refit", "default"), ("refit", "sought"))
    ]
    report = ComparisonReport.from_run(record([*subjects, synthetic("stump", "grow", "f")], 3))
    assert report.matrix is not None
    cells = {row[0]: row[2] for row in report.matrix.sheet(0).rows}
    assert cells["mlp grow"] == "another rule found"
    assert cells["stump grow"] == "not measured"
    assert render_html(report).count("another rule found") == 2
