import numpy as np
import pytest
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF

from iml_general.learner import Batch, Schema
from learners.classical import gaussian_process
from learners.classical.gaussian_process import GaussianProcess
from learners.classical.indicator_scores import clipped

SCHEMA = Schema("vectors", tuple(f"x[{i}]" for i in range(4)), (), ())


def batch(n_rows: int, seed: int, n_answers: int = 3) -> Batch:
    generator = np.random.default_rng(seed)
    inputs = generator.standard_normal((n_rows, 4)).astype(np.float32)
    return Batch(inputs, generator.integers(n_answers, size=n_rows), n_answers, SCHEMA)


ROWS, PROBES = batch(80, 0), batch(50, 1).inputs


@pytest.mark.parametrize("learner", [GaussianProcess(), GaussianProcess(length_scale=0.7, noise=0.1)])
def test_the_posterior_mean_is_the_librarys(learner):
    shares = np.eye(3)[ROWS.answers].mean(axis=0)
    library = GaussianProcessRegressor(RBF(learner.length_scale), alpha=learner.noise, optimizer=None).fit(
        ROWS.inputs.astype(np.float64), np.eye(3)[ROWS.answers] - shares
    )
    expected = clipped(shares + library.predict(PROBES.astype(np.float64)))
    np.testing.assert_allclose(learner.predict(learner.fit(ROWS, 0), PROBES), expected, atol=1e-6)


def test_the_noise_is_the_librarys_and_so_is_the_length_scale():
    assert GaussianProcess().noise == GaussianProcessRegressor().alpha
    assert GaussianProcess().length_scale == RBF().length_scale


def test_with_hardly_any_noise_every_answer_learned_is_certain():
    learner = GaussianProcess()
    p = learner.predict(learner.fit(ROWS, 0), ROWS.inputs)
    np.testing.assert_allclose(p, np.eye(3)[ROWS.answers], atol=1e-4)


def test_far_from_all_rows_the_answers_shares_are_given():
    learner = GaussianProcess()
    p = learner.predict(learner.fit(ROWS, 0), np.full((1, 4), 1e3, dtype=np.float32))
    np.testing.assert_allclose(p[0], np.bincount(ROWS.answers) / len(ROWS))


def test_rows_that_repeat_and_a_wide_kernel_are_factorised_with_more_noise():
    often = Batch(np.tile(ROWS.inputs, (5, 1)), np.tile(ROWS.answers, 5), 3, SCHEMA)
    learner = GaussianProcess(length_scale=1e4, noise=1e-30)
    p = learner.predict(learner.fit(often, 0), PROBES)
    assert np.isfinite(p).all()


def test_rows_asked_in_parts_are_answered_alike(monkeypatch):
    learner = GaussianProcess()
    state = learner.fit(ROWS, 0)
    at_once = learner.predict(state, PROBES)
    monkeypatch.setattr(gaussian_process, "KERNELS_AT_ONCE", 7 * len(ROWS))
    np.testing.assert_allclose(learner.predict(state, PROBES), at_once, atol=1e-12)


def test_affinity_is_scikit_learns_posterior_correlation():
    learner = GaussianProcess(length_scale=1.5, noise=0.1)
    known, statements, questions = batch(60, 0), batch(8, 1), batch(8, 2)
    found = learner.affinity(learner.fit(known, 0), statements.inputs, questions.inputs, statements.answers)
    theirs = GaussianProcessRegressor(RBF(1.5, "fixed"), alpha=0.1, optimizer=None)
    theirs.fit(known.inputs.astype(np.float64), known.answers)
    both = np.concatenate([statements.inputs, questions.inputs]).astype(np.float64)
    _, covariance = theirs.predict(both, return_cov=True)
    deviations = np.sqrt(np.diag(covariance))
    np.testing.assert_allclose(
        found, np.diagonal(covariance / np.outer(deviations, deviations), 8), atol=1e-6
    )
