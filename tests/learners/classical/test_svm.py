import numpy as np
import pytest
from scipy.special import expit, softmax
from sklearn.svm import SVC

from iml_general.learner import Batch, Schema
from learners.classical.svm import SVM

SCHEMA = Schema("vectors", tuple(f"x[{i}]" for i in range(4)), (), ())


def batch(n_rows: int, seed: int, n_answers: int) -> Batch:
    generator = np.random.default_rng(seed)
    inputs = generator.standard_normal((n_rows, 4)).astype(np.float32)
    answers = (inputs[:, :n_answers] + generator.standard_normal((n_rows, n_answers))).argmax(axis=1)
    return Batch(inputs, answers, n_answers, SCHEMA)


PROBES = batch(60, 9, 4).inputs


def test_defaults_are_the_librarys():
    library = SVC().get_params()
    assert (SVM().C, SVM().gamma, library["kernel"]) == (library["C"], library["gamma"], "rbf")


@pytest.mark.parametrize("n_answers", [2, 4])
@pytest.mark.parametrize("options", [{}, {"C": 30.0, "gamma": 0.5}, {"gamma": "auto"}], ids=str)
def test_the_most_probable_answer_is_the_librarys(n_answers, options):
    rows, learner = batch(150, 0, n_answers), SVM(**options)
    library = SVC(**options, break_ties=True).fit(rows.inputs.astype(np.float64), rows.answers)
    found = learner.predict(learner.fit(rows, 0), PROBES).argmax(axis=1)
    assert np.array_equal(found, library.predict(PROBES.astype(np.float64)))


def test_probabilities_are_the_softmax_of_the_decision_function():
    rows, learner = batch(150, 0, 4), SVM()
    library = SVC().fit(rows.inputs.astype(np.float64), rows.answers)
    expected = softmax(library.decision_function(PROBES.astype(np.float64)), axis=1)
    np.testing.assert_allclose(learner.predict(learner.fit(rows, 0), PROBES), expected, atol=1e-12)


def test_of_two_answers_the_distance_from_the_border_decides():
    rows, learner = batch(150, 0, 2), SVM()
    library = SVC().fit(rows.inputs.astype(np.float64), rows.answers)
    expected = expit(library.decision_function(PROBES.astype(np.float64)))
    np.testing.assert_allclose(learner.predict(learner.fit(rows, 0), PROBES)[:, 1], expected, atol=1e-12)


def test_the_seed_makes_no_difference():
    rows, learner = batch(150, 0, 4), SVM()
    one, other = (learner.predict(learner.fit(rows, seed), PROBES) for seed in (1, 2))
    assert np.array_equal(one, other)
