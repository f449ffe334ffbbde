"""What is said of verdicts that are open, and of checks that object."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from iml_general.judging.decision import VerdictSettings
from iml_general.judging.doubts import disagreement, seeds_needed
from iml_general.judging.inference import Inference, infer
from iml_general.judging.judge import Judgement

Around = Callable[..., list[float]]
JudgeAll = Callable[..., Judgement]
MakeLearner = Callable[..., list[dict[str, Any]]]


def test_only_inconclusive_verdicts_say_how_many_seeds_are_needed(
    learner: MakeLearner, judged: JudgeAll, around: Around
) -> None:
    table = judged(learner("a", around(0.03, sd=0.05)), learner("b", around(0.3))).verdicts
    needed = dict(table.filter(endpoint="iml_gap").select("learner", "seeds_needed").iter_rows())
    # d = 0.6 at level 0.05 / 4: the normal approximation gives (2.50 + 0.84)^2 / 0.36 = 31.
    assert 31 <= needed["a"] <= 38
    assert needed["b"] is None


def test_a_small_effect_needs_the_seeds_that_would_show_the_smallest_of_interest(around: Around) -> None:
    settings = VerdictSettings()
    inference = infer(np.array(around(0.001, sd=0.1)), 0.05)
    # d = 0.05 / 0.1 at level 0.05: Cohen's 34.
    assert seeds_needed(inference, 1.0, 1, 0.05, settings) == 34
    assert seeds_needed(inference, 1.0, 1, 0.02, settings) > 34
    assert seeds_needed(inference, 1.0, 20, 0.05, settings) > 34


def test_an_effect_told_apart_from_zero_but_not_from_the_sesoi_needs_no_seeds_for_power(
    learner: MakeLearner, judged: JudgeAll, around: Around
) -> None:
    table = judged(learner("a", around(0.0195, sd=0.005, n=20))).verdicts
    row = table.filter(endpoint="iml_gap").row(0, named=True)
    assert (row["verdict"], row["seeds_needed"]) == ("inconclusive", None)
    assert row["reason"] == "told apart from 0, but not shown to be below or above the SESOI"


def test_an_inconclusive_verdict_has_a_reason_and_no_other_has(
    learner: MakeLearner, judged: JudgeAll, around: Around
) -> None:
    unpaired = [row for row in learner("b", [0.1]) if row["condition"] == "informative"]
    open_one = learner("c", around(0.03, sd=0.1))
    table = judged(learner("a", [0.1]), unpaired, open_one, learner("d", around(0.3))).verdicts
    found = table.filter(endpoint="trust").select("learner", "n_seeds", "reason", "robust").rows()
    assert found == [
        ("a", 1, "one seed has no spread to test against", None),
        ("b", 0, "no seed was measured under both conditions", None),
        ("c", 8, "neither told apart from 0 nor shown to be equivalent to it", True),
        ("d", 8, "", True),
    ]


def test_robustness_checks_that_disagree_are_put_in_words(around: Around) -> None:
    agreeing = infer(np.array(around(0.1)), 0.02)
    assert disagreement(agreeing, 0.05) == ""
    disagreeing = Inference(8, 0.1, 0.05, 0.01, 0.19, 0.03, 0.9, -0.01, 0.2, 0.125)
    assert disagreement(disagreeing, 0.05) == (
        "the bootstrap interval includes 0; sign-flip p = 0.12 but t-test p = 0.03"
    )


def test_sign_flips_of_few_seeds_can_not_disagree() -> None:
    # Of five seeds the smallest p is 2 / 2^5 = 0.0625: above 0.05 whatever they show.
    few = Inference(5, 0.1, 0.05, 0.01, 0.19, 0.03, 0.9, 0.01, 0.2, 0.0625)
    assert disagreement(few, 0.05) == ""


@pytest.mark.parametrize("effects", [[], [0.3], [0.3, 0.3]])
def test_where_nothing_can_be_compared_nothing_disagrees(effects: list[float]) -> None:
    assert disagreement(infer(np.array(effects), 0.02), 0.05) == ""
