from dataclasses import replace

import numpy as np
import pytest

from iml_general.learner import Batch, Schema
from learners.classical.gaussian_process import GaussianProcess
from learners.classical.indicator_scores import clipped, indicators
from learners.classical.random_features import RandomFeatures

SCHEMA = Schema("vectors", ("x[0]", "x[1]"), (), ())
GENERATOR = np.random.default_rng(0)
ROWS = Batch(GENERATOR.standard_normal((60, 2)).astype(np.float32), GENERATOR.integers(3, size=60), 3, SCHEMA)


def test_answers_become_one_hot_rows():
    assert indicators(replace(ROWS, answers=np.array([2, 0]))).tolist() == [[0, 0, 1], [1, 0, 0]]


def test_scores_outside_0_to_1_are_clipped_and_scaled():
    p = clipped(np.array([[1.2, -0.3, 0.1], [0.2, 0.3, 0.5]]))
    np.testing.assert_allclose(p, [[1.2 / 1.3, 0, 0.1 / 1.3], [0.2, 0.3, 0.5]])


@pytest.mark.parametrize("learner", [GaussianProcess(noise=20.0), RandomFeatures(alpha=20.0, n_features=50)])
def test_what_one_row_says_counts_as_much_whatever_the_others_say(learner):
    def moved(answers: np.ndarray) -> np.ndarray:
        """By how much the answers change where the first row says 1 and not 0."""
        said = [np.concatenate([[answer], answers[1:]]) for answer in (0, 1)]
        states = [learner.fit(replace(ROWS, answers=one), 0) for one in said]
        before, after = (learner.predict(state, ROWS.inputs) for state in states)
        assert min(before.min(), after.min()) > 0  # nothing is clipped
        return after - before

    others = GENERATOR.permutation(ROWS.answers)
    assert np.abs(moved(ROWS.answers)).max() > 0.01
    np.testing.assert_allclose(moved(ROWS.answers), moved(others), atol=1e-9)
