"""Neighbours, a Gaussian process and ridge regression that answer with numbers."""

import numpy as np
import pytest
from sklearn import gaussian_process, linear_model
from sklearn.gaussian_process.kernels import RBF

from iml_general.learner import Schema
from iml_general.regressor import NumberBatch
from learners.classical.gaussian_process import GaussianProcessRegressor
from learners.classical.neighbors import NearestNeighborsRegressor
from learners.classical.ridge import Ridge

SCHEMA = Schema("vectors", ("x[0]", "x[1]"), (), ())


def batch(inputs: list[list[float]], answers: list[float]) -> NumberBatch:
    return NumberBatch(np.array(inputs, dtype=np.float32), np.array(answers), SCHEMA)


def drawn(n_rows: int, seed: int) -> NumberBatch:
    generator = np.random.default_rng(seed)
    inputs = generator.normal(size=(n_rows, 2)).astype(np.float32)
    return NumberBatch(inputs, generator.normal(size=n_rows), SCHEMA)


STAGE1, STAGE2, PROBES = drawn(50, 0), drawn(20, 1), drawn(30, 2).inputs


def test_neighbours_are_averaged_and_those_tied_for_the_last_place_share_it() -> None:
    rows = batch([[0, 0], [1, 0], [0, 1], [5, 5]], [10.0, 4.0, 8.0, 99.0])
    asked = np.array([[0, 0]], dtype=np.float32)
    for k, answer in ((1, 10), (2, (10 + (4 + 8) / 2) / 2), (3, 22 / 3)):
        learner = NearestNeighborsRegressor(n_neighbors=k)
        assert learner.predict(learner.fit(rows, 0), asked) == pytest.approx([answer])


def test_neighbours_of_both_stages_answer_together() -> None:
    learner = NearestNeighborsRegressor(n_neighbors=3)
    appended = learner.update(learner.fit(STAGE1, 0), STAGE2, 0)
    fresh = learner.fit(STAGE1 + STAGE2, 0)
    assert np.array_equal(learner.predict(appended, PROBES), learner.predict(fresh, PROBES))


def test_the_gaussian_process_equals_the_librarys_on_centred_answers() -> None:
    learner = GaussianProcessRegressor(length_scale=0.7, noise=0.1)
    library = gaussian_process.GaussianProcessRegressor(RBF(0.7), alpha=0.1, optimizer=None)
    mean = STAGE1.answers.mean()
    library.fit(STAGE1.inputs.astype(float), STAGE1.answers - mean)
    expected = library.predict(PROBES.astype(float)) + mean
    assert learner.predict(learner.fit(STAGE1, 0), PROBES) == pytest.approx(expected)


def test_ridge_equals_the_librarys() -> None:
    library = linear_model.Ridge(alpha=3.0).fit(STAGE1.inputs.astype(float), STAGE1.answers)
    learner = Ridge(alpha=3.0)
    assert learner.predict(learner.fit(STAGE1, 0), PROBES) == pytest.approx(
        library.predict(PROBES.astype(float))
    )
