"""What the linear learners, nearest neighbours, naive Bayes and kernel methods have in common."""

import pickle
from dataclasses import replace
from typing import Any

import numpy as np
import optuna
import pytest

from iml_general.encoding import Encoding
from iml_general.errors import UsageError
from iml_general.learner import Batch
from iml_general.measuring.encoded import encode_episodes
from iml_general.options import configure, options_of
from iml_general.plugins.contract import check_contract
from iml_general.protocol import BUILT_IN
from iml_general.seeds import Seed
from iml_general.worlds.statements import Statements
from learners.classical.bayes import NaiveBayes
from learners.classical.gaussian_process import GaussianProcess
from learners.classical.linear import SGD, LogisticRegression
from learners.classical.neighbors import NearestNeighbors
from learners.classical.random_features import RandomFeatures
from learners.classical.svm import SVM
from tests.learners.sizes import SIZES

SEED = Seed(0, "search", "statements", 0)
EPISODE = encode_episodes(SIZES, Statements(), Encoding(), "vectors", SEED, BUILT_IN)["informative"]
STAGE1, STAGE2 = (stage.rows for stage in EPISODE.stages)
PROBES = EPISODE.probes.inputs

STILL_DESCENDING = [SGD(epochs=50, update_epochs=20)]  # comes near a probability of 0, no further
UPDATABLE = [
    *STILL_DESCENDING,
    NearestNeighbors(),
    NearestNeighbors(weights="distance"),
    NaiveBayes(),
    RandomFeatures(),
]
LEARNERS = [LogisticRegression(), GaussianProcess(), SVM(), *UPDATABLE]


def name(learner: Any) -> str:
    return f"{learner.info.name}-{learner.weights}" if hasattr(learner, "weights") else str(learner.info.name)


every_learner = pytest.mark.parametrize("learner", LEARNERS, ids=name)
every_updatable = pytest.mark.parametrize("learner", UPDATABLE, ids=name)


def part(batch: Batch, rows: Any, n_answers: int | None = None) -> Batch:
    return Batch(batch.inputs[rows], batch.answers[rows], n_answers or batch.n_answers, batch.schema)


def assert_probabilities(p: np.ndarray, n_rows: int, n_answers: int) -> None:
    assert p.shape == (n_rows, n_answers)
    assert np.isfinite(p).all()
    assert (p >= 0).all()
    np.testing.assert_allclose(p.sum(axis=1), 1, atol=1e-9)


@every_learner
def test_keeps_the_contract(learner):
    check_contract(type(learner))


@every_learner
def test_predicting_leaves_state_and_inputs_as_they_were(learner):
    state, inputs = learner.fit(STAGE1, 1), PROBES.copy()
    before = pickle.dumps(state)
    assert_probabilities(learner.predict(state, inputs), len(PROBES), 4)
    assert pickle.dumps(state) == before
    assert np.array_equal(inputs, PROBES)


@every_updatable
def test_updates_leave_the_old_states_as_they_were(learner):
    state = learner.fit(STAGE1, 1)
    before = pickle.dumps(state)
    updated = learner.update(state, STAGE2, 2)
    after_one = pickle.dumps(updated)
    learner.update(updated, STAGE1, 3)
    assert pickle.dumps(state) == before
    assert pickle.dumps(updated) == after_one
    assert not np.array_equal(learner.predict(state, PROBES), learner.predict(updated, PROBES))


@every_learner
def test_same_seed_same_answers(learner):
    runs = [learner.predict(learner.fit(STAGE1, 5), PROBES) for _ in range(2)]
    assert np.array_equal(*runs)


@every_updatable
def test_same_seed_same_answers_after_an_update(learner):
    runs = [learner.predict(learner.update(learner.fit(STAGE1, 5), STAGE2, 6), PROBES) for _ in range(2)]
    assert np.array_equal(*runs)


@every_learner
def test_an_update_without_rows_changes_nothing(learner):
    state = learner.fit(STAGE1, 1)
    updated = learner.update(state, part(STAGE2, []), 2)
    assert np.array_equal(learner.predict(updated, PROBES), learner.predict(state, PROBES))


@every_learner
def test_learning_from_no_rows_answers_uniformly(learner):
    state = learner.fit(part(STAGE1, []), 1)
    assert learner.predict(state, PROBES).tolist() == np.full((len(PROBES), 4), 0.25).tolist()


@every_updatable
def test_what_has_seen_no_rows_learns_from_the_first_ones(learner):
    state = learner.update(learner.fit(part(STAGE1, []), 1), STAGE2, 2)
    assert np.array_equal(learner.predict(state, PROBES), learner.predict(learner.fit(STAGE2, 2), PROBES))


@every_learner
def test_probabilities_for_no_rows_have_the_right_width(learner):
    assert learner.predict(learner.fit(STAGE1, 1), PROBES[:0]).shape == (0, 4)


@every_learner
@pytest.mark.parametrize("present", [(1, 3), (0, 2, 5)], ids=str)
def test_answers_that_never_occur_are_found_least_probable(learner, present):
    rows = part(STAGE1, STAGE1.answers < len(present), n_answers=6)
    rows = replace(rows, answers=np.array(present)[rows.answers])
    p = learner.predict(learner.fit(rows, 1), rows.inputs)
    assert_probabilities(p, len(rows), 6)
    absent = [answer for answer in range(6) if answer not in present]
    assert p[:, absent].mean(axis=0).max() < p[:, present].mean(axis=0).min() / 2
    if learner not in STILL_DESCENDING:
        assert (p[:, absent] == 0).all()


@every_updatable
def test_answers_that_first_occur_in_stage_2_are_learned_there(learner):
    state = learner.fit(part(STAGE1, STAGE1.answers < 2), 1)
    updated = learner.update(state, part(STAGE2, STAGE2.answers == 3), 2)
    p = learner.predict(updated, STAGE2.inputs[STAGE2.answers == 3])
    assert_probabilities(p, len(p), 4)
    assert p[:, 3].mean() > learner.predict(state, STAGE2.inputs)[:, 3].mean() + 0.1


@every_learner
@pytest.mark.parametrize("rows", [[0], slice(0, 10)], ids=["one row", "one class"])
def test_one_row_or_one_class_is_enough(learner, rows):
    one = part(part(STAGE1, STAGE1.answers == 2), rows)
    p = learner.predict(learner.fit(one, 1), PROBES)
    assert_probabilities(p, len(PROBES), 4)
    assert (p.argmax(axis=1) == 2).all()


@every_updatable
@pytest.mark.parametrize("rows", [[0], slice(0, 10)], ids=["one row", "one class"])
def test_one_row_or_one_class_is_enough_for_either_stage(learner, rows):
    one = part(part(STAGE1, STAGE1.answers == 2), rows)
    for first, second in ((one, STAGE2), (STAGE1, one), (one, one)):
        updated = learner.update(learner.fit(first, 1), second, 2)
        assert_probabilities(learner.predict(updated, PROBES), len(PROBES), 4)


@every_learner
def test_two_answers_are_told_apart(learner):
    inputs = np.repeat(np.eye(2, 41, dtype=np.float32), 20, axis=0)
    rows = Batch(inputs, np.repeat([1, 0], 20), 2, STAGE1.schema)
    p = learner.predict(learner.fit(rows, 1), inputs)
    assert_probabilities(p, 40, 2)
    assert (p.argmax(axis=1) == rows.answers).all()


@every_learner
@pytest.mark.parametrize("alias", ["bits", "dense", "one-hot", "ordinal"])
def test_every_alias_code_is_read(learner, alias):
    encoding = Encoding(alias=alias)
    episode = encode_episodes(SIZES, Statements(), encoding, "vectors", SEED, BUILT_IN)["informative"]
    p = learner.predict(learner.fit(episode.stages[0].rows, 1), episode.probes.inputs)
    assert_probabilities(p, len(PROBES), 4)


@every_learner
def test_every_suggested_configuration_is_valid_and_runs(learner):
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    for _ in range(20):
        trial = study.ask()
        suggested = type(learner).suggest(trial)
        assert configure(type(learner), options_of(suggested), "learner") == suggested
        assert set(trial.params) <= set(options_of(suggested))
        assert suggested.active_rule == learner.info.rules[0]
        p = suggested.predict(suggested.fit(part(STAGE1, slice(0, 60)), 1), PROBES)
        assert_probabilities(p, len(PROBES), 4)


@pytest.mark.parametrize(
    ("learner", "bad"),
    [
        (LogisticRegression, {"C": 0.0}),
        (LogisticRegression, {"C": float("inf")}),
        (LogisticRegression, {"rule": "retrain"}),
        (SGD, {"epochs": 0}),
        (SGD, {"learning_rate": 0.1}),
        (SGD, {"rule": "append"}),
        (NearestNeighbors, {"n_neighbors": 0}),
        (NearestNeighbors, {"n_neighbors": "5"}),
        (NearestNeighbors, {"weights": "equal"}),
        (NaiveBayes, {"var_smoothing": 0.0}),
        (NaiveBayes, {"rule": "grow"}),
        (RandomFeatures, {"gamma": "auto"}),
        (RandomFeatures, {"decay": 1.1}),
        (GaussianProcess, {"noise": 0.0}),
        (GaussianProcess, {"rule": "retrain"}),
        (SVM, {"gamma": 0.0}),
        (SVM, {"C": -1.0}),
    ],
    ids=str,
)
def test_options_that_make_no_sense_are_refused(learner, bad):
    with pytest.raises(UsageError, match=next(iter(bad))):
        configure(learner, bad, f"learner {learner.info.name!r}")


@every_learner
def test_nothing_is_printed(learner, capfd):
    for rows in (STAGE1, part(STAGE1, [0])):
        learner.predict(learner.fit(rows, 1), PROBES)
    assert capfd.readouterr() == ("", "")
