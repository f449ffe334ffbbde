"""Several runs side by side."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from iml_general.errors import UsageError
from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.formats.html import render_html
from iml_general.report.formats.markdown import render_markdown
from iml_general.report.shown.plans import plan_differences

Make = Callable[..., Any]


@pytest.fixture(scope="module")
def runs(record: Make, synthetic: Any) -> list[Any]:
    """Two runs of the same learner in two worlds, and of one learner each that the other lacks."""
    shared = synthetic("mlp", "continue", "neural networks", 0.8, 0.33, 0.9)
    first = record([shared, synthetic("sgd", "continue", "linear", 0.3)], 5, "quick")
    second = record([shared, synthetic("xgboost", "refit", "boosting", 0.8, 0.1)], 5, "cities")
    cities = second.scores.with_columns(world=pl.lit("table"))
    plan = second.plan | {"world": {"name": "table", "options": {"n_questions": 4}}}
    return [first, replace(second, scores=cities, plan=plan)]


def test_lines_of_all_runs_stand_side_by_side_under_names_that_tell_them_apart(runs: list[Any]) -> None:
    names = [pair.name for pair in ComparisonReport.from_runs(runs).pairs if pair.is_subject]
    assert names == [
        "xgboost refit cities",
        "sgd continue quick",
        "mlp continue cities",
        "mlp continue quick",
    ]


def test_each_run_is_judged_as_if_it_were_alone(runs: list[Any]) -> None:
    together = ComparisonReport.from_runs(runs)
    alone = [ComparisonReport.from_run(run) for run in runs]
    for name in ("verdicts", "findings", "effects", "estimates", "means"):
        assert getattr(together, name).equals(pl.concat([getattr(report, name) for report in alone]))
    assert together.faults == ()


def test_the_controls_of_one_run_vouch_for_no_other(runs: list[Any]) -> None:
    first, second = runs
    without = replace(second, scores=second.scores.filter(pl.col("role") == "subject"))
    faults = ComparisonReport.from_runs([first, without]).faults
    assert len(faults) == 2
    assert all("Study 'cities'" in fault and "world 'table'" in fault for fault in faults)


def test_the_same_configuration_twice_is_a_usage_error(runs: list[Any]) -> None:
    with pytest.raises(
        UsageError, match=r"runs 1 and 2 \(both named 'quick'\) .* by the same plan: leave one"
    ):
        ComparisonReport.from_runs([runs[0], runs[0]])


def test_runs_of_one_name_but_other_plans_are_told_apart(runs: list[Any]) -> None:
    first = runs[0]
    other = replace(first, plan=first.plan | {"seeds": 9})
    report = ComparisonReport.from_runs([first, other])
    assert [pair.name for pair in report.pairs if pair.learner == "mlp"] == [
        "mlp continue quick (run 1)",
        "mlp continue quick (run 2)",
    ]
    assert report.matrix is not None
    assert report.matrix.columns == ("quick (run 1)", "quick (run 2)")
    assert report.scores["study"].unique().sort().to_list() == ["quick (run 1)", "quick (run 2)"]
    assert report.faults == ()


def test_runs_with_other_verdict_settings_are_a_usage_error(runs: list[Any]) -> None:
    first, second = runs
    other = replace(second, plan=second.plan | {"verdict": {"sesoi": 0.1}})
    with pytest.raises(UsageError, match=r"sesoi=0\.1.*sesoi=0\.02.*one by one"):
        ComparisonReport.from_runs([first, other])


def test_no_run_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="at least one run"):
        ComparisonReport.from_runs([])


def test_what_differs_between_the_plans_is_a_table_with_a_column_per_run(runs: list[Any]) -> None:
    sheet = plan_differences([(run.name, run.plan) for run in runs])
    assert sheet.columns == ("setting", "quick", "cities")
    assert sheet.rows == (
        ("name", '"quick"', '"cities"'),
        ("world.name", '"statements"', '"table"'),
        ("world.options.n_questions", "6", "4"),
        ("learner sgd", "takes part", "does not take part"),
        ("learner xgboost", "does not take part", "takes part"),
    )


def test_the_files_show_the_difference_and_every_plan(runs: list[Any]) -> None:
    report = ComparisonReport.from_runs(runs)
    page, note = html.unescape(render_html(report)), render_markdown(report)
    for text in (page, note):
        assert "What differs between the runs' plans" in text
        assert "does not take part" in text
        assert text.count("plan.toml") >= 2
    assert "2 runs: <b>quick and cities</b>" in page
    assert note.startswith("# quick and cities\n")


def test_runs_of_one_name_are_numbered(runs: list[Any]) -> None:
    first = runs[0]
    other = replace(first, scores=first.scores.with_columns(world=pl.lit("table")))
    report = ComparisonReport.from_runs([first, other])
    assert [name for name, _ in report.runs] == ["quick (run 1)", "quick (run 2)"]
    assert report.title == "quick"
    assert "The plans are equal." in render_markdown(report)


def test_the_work_of_all_runs_is_counted(runs: list[Any]) -> None:
    first, second = runs
    report = ComparisonReport.from_runs([first, replace(second, units_done=10)])
    assert report.unfinished == "50 of 80 units of work done"
