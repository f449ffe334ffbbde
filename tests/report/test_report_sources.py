"""What the word of each source weighs is drawn over its reliability, in units of the reliable one's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.shown.figures import figures
from iml_general.report.shown.source_figure import source_figure
from iml_general.rows import KEYS, SCORE_SCHEMA
from iml_general.study.storage.record import RunRecord

Make = Callable[..., Any]
SOURCES = {
    "reliable": {"reliability": 1.0, "stage1": 60, "stage2": 30},
    "half": {"reliability": 0.5, "stage1": 60, "stage2": 30},
    "unreliable": {"reliability": 0.0, "stage1": 60, "stage2": 30},
    "neutral": {"reliability": 0.5, "stage1": 0, "stage2": 30},
}


def graded(record: Make, pairs: list[Any], weights: dict[str, tuple[float, float, float]]) -> RunRecord:
    """A run in which each learner's influence of the three sources is known, but for a little noise."""
    run: RunRecord = record(pairs, 6)
    rows = []
    for row in run.scores.unique(["learner", "rule"], maintain_order=True).iter_rows(named=True):
        for seed in range(6):
            by_source = dict(
                zip(("reliable", "half", "unreliable"), weights.get(row["learner"], ()), strict=False)
            )
            for source, value in by_source.items():
                where = {
                    "condition": "informative",
                    "moment": "stage1",
                    "group": f"new_{source}",
                    "seed": seed,
                }
                noise = 0.01 * (-1) ** seed if source == "reliable" else 0.0
                what = {"probe": "own_question", "measure": "influence", "value": value + noise, "n": 30}
                rows.append({**row, **where, **what})
    scores = pl.concat([run.scores, pl.DataFrame(rows, schema=SCORE_SCHEMA)])
    plan = run.plan | {"protocol": run.plan["protocol"] | {"sources": SOURCES}}
    return replace(run, scores=scores, plan=plan)


@pytest.fixture(scope="module")
def report(record: Make, synthetic: Any) -> ComparisonReport:
    pairs = [synthetic("a", "refit", "trees", preference=0.4), synthetic("b", "append", "memory")]
    weights = {"a": (3.0, 2.5, 1.0), "b": (1.0, 1.0, 1.0), "ideal-observer": (5.0, 1.0, 0.0)}
    return ComparisonReport.from_run(graded(record, pairs, weights))


def test_weights_are_relative_to_the_two_sources_that_effects_compare(report: ComparisonReport) -> None:
    figure = source_figure(report)
    assert figure is not None
    ((_, sheet),) = figure.sheets
    assert sheet.columns == ("learner, rule", "unreliable (0)", "half (0.5)", "reliable (1)")
    cells = {row[0]: [cell.split(" ")[0] for cell in row[1:]] for row in sheet.rows}
    assert cells == {"a refit": ["0.00", "0.75", "1.00"], "ideal-observer retrain": ["0.00", "0.20", "1.00"]}


def test_a_source_that_stage_1_does_not_tell_of_has_no_place_on_the_axis(report: ComparisonReport) -> None:
    figure = source_figure(report)
    assert figure is not None
    assert "neutral" not in figure.sheets[0][1].columns[1:]


def test_learners_that_weigh_all_sources_alike_are_named_and_not_drawn(report: ComparisonReport) -> None:
    figure = source_figure(report)
    assert figure is not None
    assert "Left out, since the two hardly differ: b append." in figure.caption
    assert "b append" not in figure.panels[0].svg
    assert "sources" in [one.name for one in figures(report)]


def test_without_influence_or_with_two_sources_there_is_no_figure(record: Make, synthetic: Any) -> None:
    plain = record([synthetic("a", "refit", "trees", preference=0.4)], 6)
    assert source_figure(ComparisonReport.from_run(plain)) is None
    weights = {"a": (3.0, 2.5, 1.0)}
    three = graded(record, [synthetic("a", "refit", "trees", preference=0.4)], weights)
    two = replace(three, plan=plain.plan)
    assert source_figure(ComparisonReport.from_run(two)) is None
    assert source_figure(ComparisonReport.from_run(three)) is not None


def test_a_line_needs_the_rows_of_its_configuration_alone(
    report: ComparisonReport, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = source_figure(report)
    keys = report.findings.select(KEYS).unique().rows()
    for key in keys:
        rows = report.scores.filter(**dict(zip(KEYS, key, strict=True)))
        assert_frame_equal(report.scores_of(key), rows)

    def all_rows(_: ComparisonReport) -> pl.DataFrame:
        raise AssertionError("looks through the rows of all configurations")

    monkeypatch.setattr(ComparisonReport, "scores", property(all_rows))
    assert source_figure(report) == drawn
