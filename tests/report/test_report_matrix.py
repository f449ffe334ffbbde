"""Levels, worlds and runs side by side."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.formats.markdown import render_markdown
from iml_general.report.shown.sheets import matrix_sheet, matrix_sheets
from iml_general.rows import KEYS

Make = Callable[..., Any]


@pytest.fixture(scope="module")
def levels(record: Make, synthetic: Any) -> ComparisonReport:
    """Two learners, of which one was also tuned and sought."""
    subjects = [
        synthetic("mlp", "continue", "neural networks", 0.6, gap, gap, default=level, configuration=level)
        for level, gap in (("sought", 0.4), ("default", 0.0), ("tuned", 0.2))
    ]
    return ComparisonReport.from_run(record([*subjects, synthetic("stump", "grow", "trees")]))


def test_a_line_per_learner_and_rule_and_a_column_per_level_in_their_order(levels: ComparisonReport) -> None:
    assert levels.matrix is not None
    assert levels.matrix.columns == ("default", "tuned", "sought")
    assert [name for name, _ in levels.matrix.rows] == ["mlp continue", "stump grow"]
    found = {pair.key[KEYS.index("level")]: pair for pair in levels.pairs if pair.learner == "mlp"}
    mlp, stump = matrix_sheet(levels.matrix).rows
    assert mlp == ("mlp continue", *(f"{found[c].symbol} {found[c].finding}" for c in levels.matrix.columns))
    assert stump[2:] == ("not measured", "not measured")
    mlp, _ = matrix_sheet(levels.matrix, "iml_gap").rows
    assert mlp[1:] == tuple(found[column].end("iml_gap").in_short for column in levels.matrix.columns)


def test_findings_stand_side_by_side_first_then_every_endpoint(levels: ComparisonReport) -> None:
    assert [title for title, _ in matrix_sheets(levels)] == ["finding", "trust", "IML gap"]
    note = render_markdown(levels)
    assert note.count("### Side by side: ") == 3
    assert "| mlp continue | ● no trust | ▲ trusts | ▲ trusts |" in note


def test_one_level_of_one_run_has_nothing_side_by_side(
    report: ComparisonReport, sweep_report: ComparisonReport
) -> None:
    assert report.matrix is None
    assert sweep_report.matrix is None
    assert matrix_sheets(report) == []


def test_several_sets_of_options_share_a_cell(record: Make, synthetic: Any) -> None:
    subjects = [
        synthetic("mlp", "continue", "f", default=level, configuration=f"{level}{i}")
        for level, i in (("default", 1), ("default", 2), ("tuned", 1))
    ]
    matrix = ComparisonReport.from_run(record(subjects, 3)).matrix
    assert matrix is not None
    ((_, (default, tuned)),) = matrix.rows
    assert (len(default.pairs), len(tuned.pairs)) == (2, 1)
    assert matrix_sheet(matrix).rows[0][1].count(";") == 1


def test_defaults_and_chosen_options_share_a_column_unless_a_learner_has_both(
    record: Make, synthetic: Any
) -> None:
    lines = [("mlp", "chosen"), ("stump", "default"), ("mlp", "tuned"), ("stump", "tuned")]

    def made(*lines: tuple[str, str]) -> Any:
        subjects = [synthetic(name, "grow", "f", default=level, configuration=level) for name, level in lines]
        return ComparisonReport.from_run(record(subjects, 3)).matrix

    together, apart = made(*lines), made(*lines, ("mlp", "default"))
    assert together.columns == ("default or chosen", "tuned")
    cells = {row[0]: row[1] for row in matrix_sheet(together).rows}
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
    cells = {row[0]: row[2] for row in matrix_sheet(report.matrix).rows}
    assert cells["mlp grow"] == "another rule found"
    assert cells["stump grow"] == "not measured"
    assert render_markdown(report).count("another rule found") == 3
