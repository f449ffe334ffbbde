"""On the way to a longer stage 1 a learner passes, to the last bit, through those that `fit` gives."""

from dataclasses import replace

import numpy as np
import pytest

from iml_general.encoding import Encoding
from iml_general.learner import NUMBERS, AffinityLearner, CheckpointCohort
from iml_general.measuring.encoded import encode_episodes
from iml_general.protocol import BUILT_IN
from iml_general.seeds import Seed
from iml_general.worlds.digits import Digits
from iml_general.worlds.numbers import Numbers
from iml_general.worlds.statements import Statements
from learners.neural.convnet import ConvNet
from learners.neural.mlp import MLP, MLPRegressor
from learners.neural.transformer import Transformer
from learners.trees.boosted_lgbm import LightGBM, LightGBMRegressor
from learners.trees.boosted_xgb import XGBoost, XGBoostRegressor
from learners.trees.forest import ExtraTrees, RandomForest
from learners.trees.forest_regressors import ExtraTreesRegressor, RandomForestRegressor
from tests.learners.sizes import SIZES

LENGTHS = [1, 3, 8]
# Numbers with many digits, and all that draws: whatever is copied on the way must keep both.
ODD = {
    "learning_rate": 0.1234567891,
    "colsample_bytree": 0.5,
    "reg_lambda": 0.0123456789,
    "decay": 0.345678901,
}
XGB = {**ODD, "subsample": 0.6, "max_depth": 4}
LGBM = {**ODD, "min_child_samples": 3}
NETWORK = {"update_epochs": 2, "learning_rate": 3e-3, "batch_size": 20}
LEARNERS = [
    ExtraTrees(max_features=0.4),
    RandomForest(min_samples_leaf=2),
    ExtraTreesRegressor(),
    RandomForestRegressor(max_features="sqrt"),
    XGBoost(**XGB),
    XGBoostRegressor(**XGB),
    LightGBM(**LGBM),
    LightGBM(min_child_samples=90, colsample_bytree=0.1),  # there are rounds in which nothing can be split
    LightGBMRegressor(**LGBM),
    MLP(width=16, **NETWORK),
    MLPRegressor(width=16, **NETWORK),
    Transformer(d_model=16, n_layers=1, n_heads=2, **NETWORK),
    ConvNet(channels=4, **NETWORK),
]


def episode(learner, index=0):
    source = Digits() if learner.info.form == "pictures" else Statements()
    source = Numbers() if learner.answer_kind == NUMBERS else source
    seed = Seed(0, "search", source.name, index)
    return encode_episodes(SIZES, source, Encoding(), learner.info.form, seed, BUILT_IN)["informative"]


def of_length(learner, length, **changes):
    return replace(learner, **{learner.length_field: length}, **changes)


@pytest.mark.parametrize("learner", LEARNERS, ids=lambda learner: learner.info.name)
def test_states_on_the_way_are_those_of_fits_of_that_length_to_the_last_bit(learner):
    drawn = episode(learner)
    first, second = (stage.rows for stage in drawn.stages)
    probes = drawn.probes.inputs
    states = list(learner.fit_path(first, 7, LENGTHS))
    assert len(states) == len(LENGTHS)
    for length, state in zip(LENGTHS, states, strict=True):
        alone = of_length(learner, length)
        fitted = alone.fit(first, 7)
        assert np.array_equal(alone.predict(state, probes), alone.predict(fitted, probes))
        if isinstance(alone, AffinityLearner):
            asked = (second.inputs, second.inputs[::-1].copy(), second.answers)
            assert np.array_equal(alone.affinity(state, *asked), alone.affinity(fitted, *asked))
        for rule in set(learner.info.rules) - {"retrain"}:
            one = of_length(learner, length, rule=rule)
            found, wanted = (one.predict(one.update(each, second, 9), probes) for each in (state, fitted))
            assert np.array_equal(found, wanted), rule


@pytest.mark.parametrize("learner", LEARNERS, ids=lambda learner: learner.info.name)
def test_no_rows_are_as_little_at_every_length(learner):
    drawn = episode(learner)
    none, probes = replace(drawn.stages[0].rows), drawn.probes.inputs
    none = replace(none, inputs=none.inputs[:0], answers=none.answers[:0])
    states = list(learner.fit_path(none, 7, LENGTHS))
    for length, state in zip(LENGTHS, states, strict=True):
        alone = of_length(learner, length)
        assert np.array_equal(alone.predict(state, probes), alone.predict(alone.fit(none, 7), probes))


@pytest.mark.parametrize("learner", [one for one in LEARNERS if isinstance(one, CheckpointCohort)], ids=repr)
def test_a_cohort_on_its_way_is_the_cohort_of_that_length_to_the_last_bit(learner):
    batches = [episode(learner, index).stages[0].rows for index in range(3)]
    probes = episode(learner).probes.inputs
    for length, states in zip(LENGTHS, learner.fit_path_cohort(batches, [1, 2, 3], LENGTHS), strict=True):
        alone = of_length(learner, length)
        for state, other in zip(states, alone.fit_cohort(batches, [1, 2, 3]), strict=True):
            assert np.array_equal(alone.predict(state, probes), alone.predict(other, probes))


@pytest.mark.parametrize("learner", LEARNERS[:4], ids=lambda learner: learner.info.name)
def test_a_larger_forest_has_the_very_trees_of_a_smaller(learner):
    small, large = learner.fit_path(episode(learner).stages[0].rows, 7, [2, 5])
    assert all(one is other for one, other in zip(small.trees, large.trees[:2], strict=True))


@pytest.mark.parametrize("learner", LEARNERS, ids=lambda learner: learner.info.name)
def test_nothing_is_learned_before_it_is_asked_for(learner):
    path = learner.fit_path(episode(learner).stages[0].rows, 7, [1, 10**9])
    next(path)  # of the other there is no end
    path.close()
