from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from iml_general.errors import UsageError
from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.shown.answer import answer, second_answer

Make = Callable[..., Any]


def answered(record: Any) -> str:
    return answer(ComparisonReport.from_run(record))


def test_the_answer_counts_findings_names_who_trusts_and_says_how_many_seeds(
    report: ComparisonReport,
) -> None:
    assert answer(report) == (
        "Trust is learned in 2 of 5 learner-rule pairs (8 seeds each): mlp (continue) and random-forest"
        " (refit); gap only for 1, no trust for 1 and not internalised for 1."
    )


def test_every_subject_is_counted_once(report: ComparisonReport) -> None:
    found = [pair.finding for pair in report.pairs if pair.is_subject]
    counted = [
        int(word) for word in answer(report).replace(",", "").replace(".", "").split() if word.isdigit()
    ]
    assert counted == [2, 5, 1, 1, 1]
    assert sorted(map(found.count, dict.fromkeys(found))) == [1, 1, 1, 2]


def test_a_gap_alone_is_never_counted_as_trust(record: Make, synthetic: Any) -> None:
    report = ComparisonReport.from_run(record([synthetic("gp", "retrain", "kernels", 0.6, gap=0.3)]))
    assert report.pairs[0].end("iml_gap").verdict == "present"
    assert answer(report) == (
        "Trust is learned in none of 1 learner-rule pair (8 seeds each); gap only for 1."
    )


def test_a_gap_that_had_no_room_to_show_is_never_called_absent(report: ComparisonReport) -> None:
    assert second_answer(report) == (
        "The verdict on the IML gap, which by itself is no evidence of trust, is present for 2, saturated for"
        " 1, not internalised for 1 and inconclusive for 1."
    )


def test_none_is_said_as_none(record: Make, synthetic: Any) -> None:
    text = answered(record([synthetic("stump", "grow", "forests", 0.8, spread=0.004)]))
    assert text == "Trust is learned in none of 1 learner-rule pair (8 seeds each); no trust for 1."


def test_who_trusts_the_unreliable_source_more_is_named(record: Make, synthetic: Any) -> None:
    text = answered(record([synthetic("odd", "grow", "f", 0.6, preference=-0.5)]))
    assert "the unreliable source is trusted more in 1: odd (grow)." in text


def test_the_strongest_come_first_and_the_many_are_counted(record: Make, synthetic: Any) -> None:
    subjects = [
        synthetic(f"learner-{i}", "refit", "family", 0.6, 0.2, trust)
        for i, trust in enumerate((0.2, 0.3, 0.25, 0.35, 0.4, 0.45, 0.5, 0.55))
    ]
    text = answered(record(subjects))
    assert "in 8 of 8 learner-rule pairs" in text
    assert text.index("learner-7") < text.index("learner-6") < text.index("learner-5")
    assert "learner-0" not in text
    assert "2 more" in text


def test_an_invalid_study_gets_no_count(record: Make, synthetic: Any) -> None:
    subject = synthetic("mlp", "continue", "neural networks", 0.8, 0.33, 0.9)
    report = ComparisonReport.from_run(record([subject], controls=[]))
    assert report.faults
    assert answer(report).startswith("INVALID: this study supports no claim")
    assert "learned" not in answer(report)
    assert second_answer(report) == ""


def test_an_unfinished_run_says_so_first(report: ComparisonReport) -> None:
    unfinished = replace(report, records=(replace(report.records[0], units_done=12),))
    assert answer(unfinished).startswith("So far, with 12 of 40 units of work done: Trust is learned in ")


def test_controls_alone_make_no_claim(record: Make) -> None:
    assert answered(record([])) == "No learner has been measured yet, only controls."


def test_seeds_that_differ_between_pairs_are_given_as_a_range(record: Make, synthetic: Any) -> None:
    run = record([synthetic("a", "grow", "f", gap=0.3), synthetic("b", "grow", "f", gap=0.3)])
    fewer = run.scores.filter((pl.col("learner") != "b") | (pl.col("seed") < 5))
    assert "(5 to 8 seeds per pair)" in answered(replace(run, scores=fewer))


def test_several_sets_of_options_are_called_configurations_and_counted(record: Make, synthetic: Any) -> None:
    twins = [synthetic("a", "grow", "f", 0.6, 0.3, 0.5, configuration=c) for c in ("aa", "bb")]
    text = answered(record(twins))
    assert text == "Trust is learned in 2 of 2 learner-rule configurations (8 seeds each): a (2 of 2)."


def test_the_plan_decides_the_smallest_trust_of_interest(record: Make, synthetic: Any) -> None:
    run = record([synthetic("mlp", "continue", "neural networks", 0.6, 0.3, 0.5)])
    strict = replace(run, plan={**run.plan, "verdict": {"sesoi_trust": 0.9}})
    assert "learned in 1 of 1" in answered(run)
    assert ComparisonReport.from_run(strict).settings.sesoi_trust == 0.9
    assert "learned in 1 of 1" not in answered(strict)


def test_wrong_verdict_settings_are_refused_by_name(record: Make) -> None:
    run = record([])
    with pytest.raises(UsageError, match="sesio"):
        ComparisonReport.from_run(replace(run, plan={**run.plan, "verdict": {"sesio": 0.1}}))


def test_a_condition_that_is_not_here_is_refused_by_name(record: Make) -> None:
    run = record([])
    with pytest.raises(UsageError, match="'betrayal'"):
        ComparisonReport.from_run(replace(run, plan={**run.plan, "conditions": ["informative", "betrayal"]}))
