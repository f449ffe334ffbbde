"""The classifiers that can't learn more: histogram boosting and AdaBoost."""

import pickle

import numpy as np
import pytest
from sklearn.ensemble import AdaBoostClassifier, HistGradientBoostingClassifier
from sklearn.tree import DecisionTreeClassifier

from iml_general.errors import UsageError
from iml_general.learner import Batch, Schema
from iml_general.options import configure
from learners.trees.adaboost import AdaBoost
from learners.trees.boosted_hist import HistBoosting

SCHEMA = Schema("vectors", tuple(f"x[{i}]" for i in range(8)), (), (0,))


def batch(n_rows: int, seed: int, classes: tuple[int, ...] = (0, 1, 2, 3)) -> Batch:
    generator = np.random.default_rng(seed)
    inputs = generator.integers(2, size=(n_rows, 8)).astype(np.float32)
    return Batch(inputs, generator.choice(classes, size=n_rows).astype(np.int64), 4, SCHEMA)


STAGE1, PROBES = batch(200, 0), batch(60, 2).inputs
HIST = HistBoosting(max_iter=5, max_features=0.5)
ADA = AdaBoost(n_estimators=8, max_depth=2)
both = pytest.mark.parametrize("learner", [HIST, ADA], ids=lambda learner: learner.info.name)


def library(learner: HistBoosting | AdaBoost) -> HistGradientBoostingClassifier | AdaBoostClassifier:
    if isinstance(learner, HistBoosting):
        return HistGradientBoostingClassifier(max_iter=5, max_features=0.5, random_state=7)
    return AdaBoostClassifier(DecisionTreeClassifier(max_depth=2), n_estimators=8, random_state=7)


def test_defaults_are_the_librarys():
    hist, ada = HistGradientBoostingClassifier().get_params(), AdaBoostClassifier().get_params()
    assert {name: hist[name] for name in vars(HistBoosting())} == vars(HistBoosting())
    assert (ada["estimator"], ada["n_estimators"], ada["learning_rate"]) == (None, 50, 1.0)
    assert vars(AdaBoost()) == {"n_estimators": 50, "learning_rate": 1.0, "max_depth": 1}


@both
def test_predictions_equal_the_librarys_and_are_the_same_again(learner):
    state = learner.fit(STAGE1, 7)
    before = pickle.dumps(state)
    expected = library(learner).fit(STAGE1.inputs, STAGE1.answers).predict_proba(PROBES)
    for _ in range(2):
        assert np.array_equal(learner.predict(state, PROBES), expected)
    assert pickle.dumps(state) == before


@both
def test_columns_are_our_answers_whichever_classes_the_library_saw(learner):
    rows = batch(100, 3, classes=(1, 3))
    p = learner.predict(learner.fit(rows, 7), PROBES)
    expected = library(learner).fit(rows.inputs, rows.answers).predict_proba(PROBES)
    assert np.array_equal(p[:, [1, 3]], expected)
    assert (p[:, [0, 2]] == 0).all()


@both
def test_one_answer_is_certain_and_none_leaves_all_equally_likely(learner):
    one, none = batch(20, 3, classes=(2,)), batch(0, 0)
    assert learner.predict(learner.fit(one, 7), PROBES).tolist() == [[0, 0, 1, 0]] * len(PROBES)
    assert learner.predict(learner.fit(none, 7), PROBES).tolist() == [[0.25] * 4] * len(PROBES)


@both
def test_rows_of_stage_2_are_refused_as_the_only_rule_is_retrain(learner):
    state = learner.fit(STAGE1, 7)
    with pytest.raises(NotImplementedError, match=f"{learner.info.name} can't learn more .* 'retrain'"):
        learner.update(state, STAGE1, 7)
    assert learner.update(state, batch(0, 0), 7) is state


def test_adaboost_answers_by_frequency_where_no_split_is_better_than_chance():
    alike = Batch(np.zeros((4, 8), dtype=np.float32), np.array([1, 3, 1, 3]), 4, SCHEMA)
    p = ADA.predict(ADA.fit(alike, 7), PROBES)
    assert p.tolist() == [[0, 0.5, 0, 0.5]] * len(PROBES)


def test_the_librarys_warm_start_boosts_on_from_what_the_old_trees_do_not_answer():
    """Why hist-boosting has no rule ``grow``; should this fail, the library has come to support it."""
    inputs = np.random.default_rng(0).random((300, 1))
    model = HistGradientBoostingClassifier(max_iter=30, random_state=0, warm_start=True)
    model.fit(inputs, inputs[:, 0] > 0.5)
    elsewhere, answers = inputs + 10, np.arange(300) > 0
    before = model.decision_function(elsewhere)
    step = model.set_params(max_iter=31).fit(elsewhere, answers).decision_function(elsewhere) - before
    assert np.ptp(before) == 0  # one answer for all: a step from there is, but for one row, one for all
    low = inputs[:, 0] < 0.4  # the same bins as in stage 1, where they had the answer 0
    assert np.median(step[low]) > np.median(step[~low]) + 1


@pytest.mark.parametrize(
    ("cls", "bad"),
    [
        (HistBoosting, {"max_iter": 0}),
        (HistBoosting, {"max_leaf_nodes": 1}),
        (HistBoosting, {"max_features": 0.0}),
        (HistBoosting, {"rule": "grow"}),
        (AdaBoost, {"learning_rate": 0.0}),
        (AdaBoost, {"max_depth": 0}),
    ],
    ids=str,
)
def test_options_that_make_no_sense_are_refused(cls, bad):
    with pytest.raises(UsageError, match=next(iter(bad))):
        configure(cls, bad, f"learner {cls.info.name!r}")
