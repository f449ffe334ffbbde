"""Forests that answer with numbers, against the library's and a tree refitted by hand."""

import numpy as np
import pytest
from sklearn import ensemble

from iml_general.learner import Schema
from iml_general.regressor import NumberBatch
from learners.trees.forest_regressors import ExtraTreesRegressor, RandomForestRegressor

SCHEMA = Schema("vectors", tuple(f"x[{i}]" for i in range(8)), (), (0,))
both = pytest.mark.parametrize(
    ("cls", "library"),
    [
        (RandomForestRegressor, ensemble.RandomForestRegressor),
        (ExtraTreesRegressor, ensemble.ExtraTreesRegressor),
    ],
)


def batch(n_rows: int, seed: int) -> NumberBatch:
    generator = np.random.default_rng(seed)
    inputs = generator.integers(2, size=(n_rows, 8)).astype(np.float32)
    return NumberBatch(inputs, generator.normal(size=n_rows), SCHEMA)


STAGE1, STAGE2, PROBES = batch(120, 0), batch(40, 1), batch(200, 2).inputs


@both
def test_defaults_are_the_librarys(cls, library):
    learner, defaults = cls(), library().get_params()
    for name in ("n_estimators", "max_features", "max_depth", "min_samples_leaf", "bootstrap"):
        assert getattr(learner, name) == defaults[name], name


@both
def test_predictions_equal_the_librarys(cls, library):
    options = {"n_estimators": 15, "max_features": 0.5, "max_depth": 5, "min_samples_leaf": 2}
    learner, forest = cls(**options), library(**options, random_state=7)
    forest.fit(STAGE1.inputs, STAGE1.answers)
    assert learner.predict(learner.fit(STAGE1, 7), PROBES) == pytest.approx(forest.predict(PROBES), abs=1e-12)


@pytest.mark.parametrize("decay", [0.0, 0.3, 1.0])
def test_refit_moves_each_leaf_to_the_mean_of_its_new_rows(decay):
    learner = ExtraTreesRegressor(n_estimators=1, max_depth=1, max_features=1.0, decay=decay)
    state = learner.fit(STAGE1, 3)
    (tree,) = state.trees
    column, threshold = tree.feature[0], tree.threshold[0]
    assert tree.node_count == 3

    def sides(rows):
        return rows[:, column] <= threshold

    expected = np.empty(len(PROBES))
    for side in (True, False):
        old = STAGE1.answers[sides(STAGE1.inputs) == side].mean()
        new = STAGE2.answers[sides(STAGE2.inputs) == side].mean()
        expected[sides(PROBES) == side] = decay * old + (1 - decay) * new
    before = learner.predict(state, PROBES)
    assert learner.predict(learner.update(state, STAGE2, 0), PROBES) == pytest.approx(expected)
    assert np.array_equal(learner.predict(state, PROBES), before)


def test_a_leaf_that_no_new_row_reaches_stays_as_it_was():
    learner = ExtraTreesRegressor(n_estimators=1, max_depth=1, max_features=1.0, decay=0.0)
    state = learner.fit(STAGE1, 3)
    is_left = STAGE2.inputs[:, state.trees[0].feature[0]] <= 0.5
    one_sided = NumberBatch(STAGE2.inputs[is_left], STAGE2.answers[is_left], SCHEMA)
    before, after = (learner.predict(s, STAGE2.inputs) for s in (state, learner.update(state, one_sided, 0)))
    assert np.array_equal(before[~is_left], after[~is_left])
    assert after[is_left] == pytest.approx(np.full(is_left.sum(), one_sided.answers.mean()))


def test_grown_trees_answer_together_with_the_old_ones():
    learner = RandomForestRegressor(n_estimators=10, rule="grow")
    state = learner.fit(STAGE1, 3)
    grown = learner.update(state, STAGE2, 5)
    assert len(grown.trees) == 20
    warm = ensemble.RandomForestRegressor(n_estimators=10, random_state=3).fit(STAGE1.inputs, STAGE1.answers)
    old = warm.predict(PROBES)
    assert learner.predict(state, PROBES) == pytest.approx(old)
    new = 2 * learner.predict(grown, PROBES) - old
    assert np.corrcoef(new, old)[0, 1] < 0.9
