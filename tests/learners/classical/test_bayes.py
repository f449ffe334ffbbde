import numpy as np
import pytest
from sklearn.naive_bayes import GaussianNB

from iml_general.learner import Batch, Schema
from learners.classical import bayes
from learners.classical.bayes import NaiveBayes


def batch(inputs: object, answers: object, n_answers: int = 3) -> Batch:
    rows = np.array(inputs, dtype=np.float32)
    columns = tuple(f"x[{i}]" for i in range(rows.shape[1]))
    return Batch(rows, np.array(answers), n_answers, Schema("vectors", columns, (), ()))


def bits(n_rows: int, seed: int) -> Batch:
    generator = np.random.default_rng(seed)
    return batch(generator.integers(2, size=(n_rows, 5)), generator.integers(3, size=n_rows))


STAGE1, STAGE2, PROBES = bits(90, 0), bits(40, 1), bits(30, 2).inputs


def test_defaults_are_the_librarys():
    assert NaiveBayes().var_smoothing == GaussianNB().var_smoothing


def test_predictions_equal_the_librarys():
    learner = NaiveBayes(var_smoothing=0.1)
    library = GaussianNB(var_smoothing=0.1).fit(STAGE1.inputs.astype(np.float64), STAGE1.answers)
    np.testing.assert_allclose(
        learner.predict(learner.fit(STAGE1, 0), PROBES), library.predict_proba(PROBES), atol=1e-12
    )


def test_rows_are_answered_some_at_a_time_and_alike(monkeypatch):
    state = NaiveBayes().fit(bits(200, 3), 0)
    many = np.random.default_rng(4).normal(size=(500, 5)).astype(np.float32)
    at_once = NaiveBayes().predict(state, many)
    monkeypatch.setattr(bayes, "AT_ONCE", 7)
    asked = []
    answer = GaussianNB.predict_joint_log_proba
    monkeypatch.setattr(
        GaussianNB, "predict_joint_log_proba", lambda self, x: asked.append(len(x)) or answer(self, x)
    )
    assert np.array_equal(NaiveBayes().predict(state, many), at_once)
    assert max(asked) == 7
    assert sum(asked) == 500


def test_a_posterior_worked_out_by_hand():
    # Answer 0: mean 0, variance 1; answer 1: mean 4, variance 1; priors 1/2. At 1 they differ by exp(4).
    rows = batch([[-1], [1], [3], [5]], [0, 0, 1, 1], n_answers=2)
    learner = NaiveBayes()
    p = learner.predict(learner.fit(rows, 0), np.array([[1.0], [2.0]], dtype=np.float32))
    np.testing.assert_allclose(p, [[1 / (1 + np.exp(-4)), 1 / (1 + np.exp(4))], [0.5, 0.5]], atol=1e-6)


def test_going_on_answers_as_fitting_both_stages_but_for_the_smoothing():
    learner = NaiveBayes()
    continued = learner.update(learner.fit(STAGE1, 0), STAGE2, 0)
    retrained = learner.fit(STAGE1 + STAGE2, 0)
    np.testing.assert_allclose(
        learner.predict(continued, PROBES), learner.predict(retrained, PROBES), atol=1e-6
    )


@pytest.mark.parametrize("later", [STAGE2, batch([[1, 0, 1, 0, 1]] * 2, [2, 2])], ids=["rows", "alike"])
def test_variances_stay_positive_after_rows_that_are_all_alike(later):
    learner = NaiveBayes()
    state = learner.fit(batch([[0, 1, 0, 1, 1]] * 3, [1, 1, 1]), 0)
    updated = learner.update(state, later, 0)
    for found in (state, updated):
        assert (found.estimator.var_ > 0).all()
        p = learner.predict(found, PROBES)
        assert np.isfinite(p).all()
        np.testing.assert_allclose(p.sum(axis=1), 1)
