"""Scores of numbers, worked out by hand, and what they say of toys whose trust is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import polars as pl
import pytest

from iml_general.encoding import Encoding
from iml_general.errors import LearnerError, UsageError
from iml_general.judging.effects import EFFECTS
from iml_general.judging.seed_effects import measured, seed_effects
from iml_general.learner import Inputs, LearnerInfo
from iml_general.measuring.encoded import encode_episodes
from iml_general.measuring.measure import Setting, measure
from iml_general.measuring.number_scores import NUMBER_MEASURES, NumberAnswers, NumberKey
from iml_general.plugins import registry
from iml_general.protocol import BUILT_IN, INFORMATIVE, SHUFFLED, Protocol, Source
from iml_general.regressor import NumberBatch, Regressor, Values
from iml_general.rows import KEYS
from iml_general.seeds import Seed
from iml_general.worlds.numbers import Numbers
from iml_general.worlds.statements import Statements

SOURCES = (Source("reliable", 1.0, 12, 8), Source("unreliable", 0.0, 12, 8), Source("neutral", stage2=4))
SMALL = Setting(Numbers(n_questions=3), Protocol(sources=SOURCES, undefined=4, new_conflict=6, unseen=4))
SEEDS = [Seed(0, "search", "numbers", index) for index in range(2)]
NOBODY = [np.nan, np.nan]


def read(
    given: list[float], right: list[float], variance: float, said: list[list[float]]
) -> dict[str, list[Any]]:
    key = NumberKey(np.array(right), np.full(len(given), variance), np.array(said, dtype=float).T)
    answers = NumberAnswers(np.array(given), key)
    return {name: measure.of(answers).tolist() for name, measure in NUMBER_MEASURES.items()}


def test_error_and_r2_by_hand() -> None:
    found = read([1.0, 0.0, 3.0], [1.0, 2.0, 1.0], 4.0, [NOBODY] * 3)
    assert found["squared_error"] == [0, 4, 4]
    assert found["r2"] == [1, 0, 0]  # an error as large as the standard deviation is worth nothing


def test_an_answer_is_whose_value_it_is_nearer_to_and_half_of_each_in_the_middle() -> None:
    # The reliable source said 1, the other one 3: their middle is 2, half of the difference -1.
    found = read([0.0, 1.9, 2.0, 2.5, 9.0], [1.0] * 5, 1.0, [[1.0, 3.0]] * 5)
    assert found["said_reliable"] == [1, 1, 0.5, 0, 0]
    assert found["said_unreliable"] == [0, 0, 0.5, 1, 1]
    assert found["towards_reliable"] == pytest.approx([2, 0.1, 0, -0.5, -7])


def test_what_nobody_disputes_counts_neither_as_trust_nor_in_the_slope() -> None:
    key = NumberKey(np.zeros(2), np.ones(2), np.array([[0.0, np.nan], [2.0, np.nan]]))
    answers = NumberAnswers(np.array([0.5, 7.0]), key)
    for name in ("said_reliable", "said_unreliable", "towards_reliable"):
        defined = NUMBER_MEASURES[name].defined
        assert defined is not None
        assert defined(key).tolist() == [True, False]
    assert NUMBER_MEASURES["towards_reliable"].of(answers)[0] == pytest.approx(0.5)


@dataclass(frozen=True)
class Weighs(Regressor[NumberBatch]):
    """Answers with what sources said, each weighed by its tag, and with a constant."""

    info: ClassVar[LearnerInfo] = LearnerInfo("weighs", "toys", "Weighs.", form="codes", rules=("append",))

    first: float = 0.75
    second: float = 0.25
    constant: float = 0.0

    def fit(self, batch: NumberBatch, seed: int) -> NumberBatch:
        return batch

    def update(self, state: NumberBatch, batch: NumberBatch, seed: int) -> NumberBatch:
        return state + batch

    def predict(self, state: NumberBatch, inputs: Inputs) -> Values:
        said = np.zeros((4, *state.schema.n_values[1:]))
        said[tuple(state.inputs.T)] = state.answers
        of_tags = said[1:3, inputs[:, 1], inputs[:, 2]]
        return self.first * of_tags[0] + self.second * of_tags[1] + self.constant


def effects_of(learner: Regressor[Any]) -> dict[str, list[float]]:
    rows = measure(learner, SMALL, SEEDS, (INFORMATIVE, SHUFFLED)).frame()
    scores = rows.with_columns(pl.lit("").alias(key) for key in KEYS if key not in rows.columns)
    found = seed_effects(scores, {}, measured(EFFECTS, scores)).filter(condition="informative")
    return {str(name): part["value"].to_list() for (name,), part in found.group_by("effect")}


def test_the_slope_gap_is_the_difference_of_the_weights_whatever_else_is_added() -> None:
    for constant in (0.0, 5.0):
        # The tag that is reliable alternates with the seed.
        assert effects_of(Weighs(constant=constant))["slope_gap"] == pytest.approx([0.5, -0.5])
    assert effects_of(Weighs(0.3, 0.3, 1.0))["slope_gap"] == pytest.approx([0, 0], abs=1e-12)


def test_trust_is_that_of_the_weights() -> None:
    assert effects_of(Weighs(0.75, 0.25))["trust"] == [1, -1]
    assert effects_of(Weighs(0.5, 0.5))["trust"] == [0, 0]  # in the middle
    assert effects_of(Weighs(0.0, 0.0, 1.0))["trust"] == [0, 0]  # of who knows nothing, exactly


def test_what_is_made_of_classes_is_absent_not_zero() -> None:
    found = effects_of(Weighs())
    assert {"trust", "iml_gap", "slope_gap", "stage1_gap", "disbelief"} <= {*found}
    assert {"statement_weight", "influence_gap", "affinity_gap"}.isdisjoint(found)


def test_whoever_answers_with_the_mean_has_no_r2_in_any_group() -> None:
    rows = measure(registry.learner("mean")(), Setting(Numbers()), SEEDS).frame().filter(measure="r2")
    assert rows["value"].to_numpy() == pytest.approx(np.zeros(len(rows)), abs=0.03)


def test_the_protocol_is_that_of_classes_and_learners_are_given_numbers() -> None:
    numbers = encode_episodes(SMALL.protocol, SMALL.source, Encoding(), "codes", SEEDS[0], BUILT_IN)
    stage1, stage2 = (stage.rows for stage in numbers["informative"].stages)
    assert isinstance(stage1, NumberBatch)
    assert stage1.answers.dtype == np.float64
    twin = numbers["informative"].stages[1].twin
    assert twin is not None
    tag, alias, question = stage2.inputs.T
    changed = np.flatnonzero(stage2.answers != twin.answers)
    assert len(changed) == 2 * 3 * 6  # both tags, every question about every alias of new_conflict
    for place in changed:  # what the other tag said as drawn
        other = (alias == alias[place]) & (question == question[place]) & (tag != tag[place])
        assert twin.answers[place] == stage2.answers[other][0]


@dataclass(frozen=True)
class Odd(Weighs):
    info: ClassVar[LearnerInfo] = LearnerInfo("odd", "toys", "Errs.", form="codes", rules=("append",))

    def predict(self, state: NumberBatch, inputs: Inputs) -> Values:
        values = super().predict(state, inputs)
        return values[:, None] if self.first == 0 else np.where(values > 1, np.nan, values)


def test_answers_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(LearnerError, match=r"not an array of shape \(\d+,\)"):
        measure(Odd(first=0.0), SMALL, SEEDS)
    with pytest.raises(LearnerError, match="NaN or infinity in"):
        measure(Odd(), SMALL, SEEDS)


def test_a_world_of_the_other_kind_is_refused() -> None:
    with pytest.raises(
        UsageError, match="answers with classes, and world 'numbers' is answered with numbers"
    ):
        measure(registry.learner("naive-bayes")(), Setting(Numbers()), SEEDS)
    with pytest.raises(UsageError, match="answers with numbers, and world 'statements' is answered with"):
        measure(Weighs(), Setting(Statements()), SEEDS)
