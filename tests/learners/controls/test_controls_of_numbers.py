"""The controls where answers are numbers: one must trust, the other can't."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from iml_general.learner import Schema
from iml_general.regressor import NumberBatch
from iml_general.worlds.numbers import Numbers
from learners.controls.ideal_observer import IdealObserverOfNumbers
from learners.controls.mean import Mean
from learners.controls.number_beliefs import NumberBeliefs
from learners.controls.tag_blind import TagBlindRegressor

# Eight aliases and three questions; tags 1 and 2 spoke of four aliases each.
SCHEMA = Schema("codes", ("tag", "alias", "question"), (3, 12, 3), (0,))
TRUTH = np.arange(36).reshape(12, 3) / 10


def heard(rows: list[tuple[int, int, int, float]]) -> NumberBatch:
    return NumberBatch(np.array([row[:3] for row in rows]), np.array([row[3] for row in rows]), SCHEMA)


def stage1() -> list[tuple[int, int, int, float]]:
    """Tag 1 tells the truth, tag 2 what is true of the next alias."""
    rows = [(0, alias, question, TRUTH[alias, question]) for alias in range(8) for question in range(3)]
    rows += [(1, alias, question, TRUTH[alias, question]) for alias in range(4) for question in range(3)]
    lies = [
        (2, alias, question, TRUTH[alias + 1, question]) for alias in range(4, 7) for question in range(3)
    ]
    return rows + lies


def test_the_ideal_observer_believes_who_told_the_truth_and_averages_over_what_it_does_not_know() -> None:
    state = NumberBeliefs.of(heard([*stage1(), (1, 9, 0, 2.9), (2, 9, 0, 0.4), (2, 10, 0, 0.4)]))
    reliable = state.beliefs.reliability
    assert reliable[1] == pytest.approx(5 / 6, abs=0.01)  # four of four, with a uniform prior
    assert reliable[2] == pytest.approx(1 / 5, abs=0.01)  # none of three
    disputed, doubted, unknown, seen = state.answer(np.array([[0, 9, 0], [0, 10, 0], [0, 11, 0], [0, 3, 2]]))
    assert abs(disputed - 2.9) < abs(disputed - 0.4)
    assert abs(unknown - TRUTH[:8, 0].mean()) < 0.4  # drawn a little to what other questions have
    assert abs(doubted - unknown) < abs(doubted - 0.4)
    assert seen == TRUTH[3, 2]


def test_the_ideal_observer_trusts(effects: Callable[..., Any]) -> None:
    found = effects(IdealObserverOfNumbers(), Numbers())
    informative, shuffled = found("trust")
    assert (informative > 0.9).all()
    assert np.abs(shuffled).max() < 0.05
    slope, none = found("slope_gap")
    assert (slope > 0.9).all()
    assert np.abs(none).max() < 0.05
    assert (found("iml_gap")[0] > 0.8).all()


def test_the_tag_blind_regressor_has_exactly_no_effect(effects: Callable[..., Any]) -> None:
    found = effects(TagBlindRegressor(n_estimators=5), Numbers())
    for effect in ("trust", "slope_gap", "iml_gap"):
        informative, shuffled = found(effect)
        assert np.array_equal(informative, shuffled), effect
    assert (found("trust")[0] == 0).all()


def test_the_reference_answers_with_the_mean_of_stage_1() -> None:
    learner, rows = Mean(), heard(stage1())
    state = learner.update(learner.fit(rows, 0), heard([(1, 9, 0, 99.0)]), 0)
    assert learner.predict(state, rows.inputs[:2]) == pytest.approx([rows.answers.mean()] * 2)
