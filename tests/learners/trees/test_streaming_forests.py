import pickle

import numpy as np
import pytest
from river.forest import AMFClassifier, ARFClassifier

from iml_general.errors import UsageError
from iml_general.learner import Batch, Schema
from iml_general.options import configure
from learners.trees.streaming_forests import AdaptiveRandomForest, MondrianForest

SCHEMA = Schema("vectors", tuple(f"x[{i}]" for i in range(8)), (), (0,))


def batch(n_rows: int, seed: int, classes: tuple[int, ...] = (0, 1, 2, 3)) -> Batch:
    generator = np.random.default_rng(seed)
    inputs = generator.integers(2, size=(n_rows, 8)).astype(np.float32)
    return Batch(inputs, generator.choice(classes, size=n_rows).astype(np.int64), 4, SCHEMA)


STAGE1, STAGE2, PROBES = batch(150, 0), batch(40, 1), batch(30, 2).inputs
ARF, MONDRIAN = AdaptiveRandomForest(n_models=3, grace_period=20), MondrianForest(n_estimators=3)
both = pytest.mark.parametrize("learner", [ARF, MONDRIAN], ids=lambda learner: learner.info.name)


def library(learner: AdaptiveRandomForest | MondrianForest) -> ARFClassifier | AMFClassifier:
    if isinstance(learner, MondrianForest):
        return AMFClassifier(n_estimators=3, seed=7)
    return ARFClassifier(n_models=3, grace_period=20, tau=1.0, seed=7)


def read(model: ARFClassifier | AMFClassifier, rows: Batch, seed: int) -> None:
    for i in np.random.default_rng(seed).permutation(len(rows)):
        model.learn_one(dict(enumerate(rows.inputs[i].tolist())), int(rows.answers[i]))


def asked(model: ARFClassifier | AMFClassifier) -> np.ndarray:
    found = [model.predict_proba_one(dict(enumerate(row.tolist()))) for row in PROBES]
    return np.array([[one.get(answer, 0.0) for answer in range(4)] for one in found])


def test_defaults_are_the_librarys_but_for_one():
    for learner, model in ((AdaptiveRandomForest(), ARFClassifier()), (MondrianForest(), AMFClassifier())):
        ours = {name: value for name, value in vars(learner).items() if name != "rule"}
        theirs = {name: getattr(model, name) for name in ours}
        different = {name for name in ours if ours[name] != theirs[name]}
        assert different == ({"tau"} if isinstance(model, ARFClassifier) else set())


@both
def test_going_on_is_the_librarys_own_model_reading_on(learner):
    model = library(learner)
    read(model, STAGE1, 7)
    state = learner.fit(STAGE1, 7)
    np.testing.assert_allclose(learner.predict(state, PROBES), asked(model), atol=1e-9)
    read(model, STAGE2, 8)
    updated = learner.update(state, STAGE2, 8)
    np.testing.assert_allclose(learner.predict(updated, PROBES), asked(model), atol=1e-9)


@both
def test_neither_asking_nor_updating_leaves_a_trace_in_the_state(learner):
    state = learner.fit(STAGE1, 7)
    before = pickle.dumps(state)
    updated = learner.update(state, STAGE2, 8)
    learner.predict(state, PROBES)
    assert pickle.dumps(state) == before
    assert not np.array_equal(learner.predict(state, PROBES), learner.predict(updated, PROBES))


@both
def test_the_seed_decides_order_and_trees_and_nothing_else_does(learner):
    def run(seed: int) -> np.ndarray:
        return learner.predict(learner.update(learner.fit(STAGE1, seed), STAGE2, seed + 1), PROBES)

    assert np.array_equal(run(5), run(5))
    assert not np.array_equal(run(5), run(6))


@both
def test_an_answer_that_was_never_read_has_no_probability(learner):
    p = learner.predict(learner.fit(batch(60, 3, classes=(1, 3)), 7), PROBES)
    assert (p[:, [0, 2]] == 0).all()
    np.testing.assert_allclose(p.sum(axis=1), 1)


@both
def test_what_has_read_nothing_answers_uniformly_and_reads_on_as_from_the_start(learner):
    nothing = learner.fit(batch(0, 0), 7)
    assert learner.predict(nothing, PROBES).tolist() == [[0.25] * 4] * len(PROBES)
    late, fresh = learner.update(nothing, STAGE2, 8), learner.fit(STAGE2, 8)
    assert np.array_equal(learner.predict(late, PROBES), learner.predict(fresh, PROBES))
    assert learner.update(fresh, batch(0, 0), 9) is fresh


def test_mondrian_trees_keep_what_they_knew_of_old_rows():
    learner = MondrianForest()
    state = learner.fit(STAGE1, 7)
    elsewhere = Batch(STAGE2.inputs + 5, STAGE2.answers, 4, SCHEMA)
    before, after = (
        learner.predict(one, STAGE1.inputs).argmax(axis=1)
        for one in (state, learner.update(state, elsewhere, 8))
    )
    assert (before == after).mean() > 0.95


@pytest.mark.parametrize(
    ("cls", "bad"),
    [
        (AdaptiveRandomForest, {"n_models": 0}),
        (AdaptiveRandomForest, {"max_features": "all"}),
        (AdaptiveRandomForest, {"delta": 1.0}),
        (AdaptiveRandomForest, {"rule": "grow"}),
        (MondrianForest, {"step": 0.0}),
        (MondrianForest, {"dirichlet": 0.0}),
    ],
    ids=str,
)
def test_options_that_make_no_sense_are_refused(cls, bad):
    with pytest.raises(UsageError, match=next(iter(bad))):
        configure(cls, bad, f"learner {cls.info.name!r}")
