from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from iml_general.errors import UsageError
from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.shown.answer import answer

Make = Callable[..., Any]


def test_the_answer_counts_pairs_names_them_and_says_how_many_seeds(report: ComparisonReport) -> None:
    assert report.answer.startswith(
        "IML appears in 1 of 4 learner-rule pairs (8 seeds each): mlp (continue);"
    )
    assert report.answer.count(".") == 1


def test_every_subject_is_counted_once(report: ComparisonReport) -> None:
    words = {"present": 1, "absent": 1, "not internalised": 1, "inconclusive": 1}
    found = [pair.gap.verdict for pair in report.pairs if pair.is_subject]
    assert {word: found.count(word) for word in words} == words
    assert "the verdict is absent for 1, not internalised for 1 and inconclusive for 1" in report.answer


def test_absent_where_no_gap_could_show_is_not_passed_off_as_plain_absence(report: ComparisonReport) -> None:
    assert "(1 of the absent saturated: no gap could have shown)" in report.answer
    assert "saturated" not in report.second_answer


def test_none_is_said_as_none(record: Make, synthetic: Any) -> None:
    subject = synthetic("stump", "grow", "forests", 0.8, spread=0.004)
    text = ComparisonReport.from_run(record([subject])).answer
    assert text == "IML appears in none of 1 learner-rule pair (8 seeds each); the verdict is absent for 1."


def test_the_strongest_come_first_and_the_many_are_counted(record: Make, synthetic: Any) -> None:
    subjects = [
        synthetic(f"learner-{i}", "refit", "family", 0.6, gap, 0.5)
        for i, gap in enumerate((0.2, 0.3, 0.25, 0.35, 0.4, 0.45, 0.5, 0.55))
    ]
    text = ComparisonReport.from_run(record(subjects)).answer
    assert "in 8 of 8 learner-rule pairs" in text
    assert text.index("learner-7") < text.index("learner-6") < text.index("learner-5")
    assert "learner-0" not in text
    assert "2 more" in text


def test_an_invalid_study_gets_no_count(record: Make, synthetic: Any) -> None:
    subject = synthetic("mlp", "continue", "neural networks", 0.8, 0.33, 0.9)
    report = ComparisonReport.from_run(record([subject], controls=[]))
    assert report.faults
    assert report.answer.startswith("INVALID: this study supports no claim")
    assert "appears" not in report.answer
    assert report.second_answer == ""


def test_an_unfinished_run_says_so_first(report: ComparisonReport) -> None:
    unfinished = replace(report, records=(replace(report.records[0], units_done=12),))
    assert unfinished.answer.startswith("So far, with 12 of 40 units of work done: IML appears in ")


def test_controls_alone_make_no_claim(record: Make) -> None:
    assert ComparisonReport.from_run(record([])).answer == "No learner has been measured yet, only controls."


def test_seeds_that_differ_between_pairs_are_given_as_a_range(record: Make, synthetic: Any) -> None:
    run = record([synthetic("a", "grow", "f", gap=0.3), synthetic("b", "grow", "f", gap=0.3)])
    fewer = run.scores.filter((pl.col("learner") != "b") | (pl.col("seed") < 5))
    assert "(5 to 8 seeds per pair)" in ComparisonReport.from_run(replace(run, scores=fewer)).answer


def test_twins_are_called_configurations_and_counted(record: Make, synthetic: Any) -> None:
    twins = [synthetic("a", "grow", "f", gap=0.3, configuration=c) for c in ("aa", "bb")]
    text = ComparisonReport.from_run(record(twins)).answer
    assert "IML appears in 2 of 2 learner-rule configurations (8 seeds each): a (2 of 2)." in text


def test_the_plan_decides_the_smallest_effect_of_interest(record: Make, synthetic: Any) -> None:
    subject = synthetic("mlp", "continue", "neural networks", 0.6, 0.3, 0.5)
    run = record([subject])
    strict = replace(run, plan={**run.plan, "verdict": {"sesoi": 0.5}})
    assert "appears in 1 of 1" in ComparisonReport.from_run(run).answer
    assert ComparisonReport.from_run(strict).settings.sesoi == 0.5
    assert "appears in 1 of 1" not in answer(ComparisonReport.from_run(strict).pairs, (), (), "")


def test_wrong_verdict_settings_are_refused_by_name(record: Make) -> None:
    run = record([])
    with pytest.raises(UsageError, match="sesio"):
        ComparisonReport.from_run(replace(run, plan={**run.plan, "verdict": {"sesio": 0.1}}))
