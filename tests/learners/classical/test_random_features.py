import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.metrics.pairwise import rbf_kernel

from iml_general.learner import Batch, Schema
from learners.classical.indicator_scores import clipped
from learners.classical.random_features import Features, RandomFeatures

SCHEMA = Schema("vectors", tuple(f"x[{i}]" for i in range(6)), (), ())


def batch(n_rows: int, seed: int, n_answers: int = 3) -> Batch:
    generator = np.random.default_rng(seed)
    inputs = generator.standard_normal((n_rows, 6)).astype(np.float32)
    return Batch(inputs, generator.integers(n_answers, size=n_rows), n_answers, SCHEMA)


STAGE1, STAGE2, PROBES = batch(120, 0), batch(70, 1), batch(50, 2).inputs


def answers_after(learner: RandomFeatures, *stages: Batch, seed: int = 7) -> np.ndarray:
    first, *later = stages
    state = learner.fit(first, seed)
    for number, stage in enumerate(later):
        state = learner.update(state, stage, number)
    return learner.predict(state, PROBES)


@pytest.mark.parametrize("alpha", [1.0, 1e-3])
def test_continuing_equals_retraining_to_rounding(alpha):
    learner = RandomFeatures(n_features=200, gamma=0.1, alpha=alpha)
    np.testing.assert_allclose(
        answers_after(learner, STAGE1, STAGE2), answers_after(learner, STAGE1 + STAGE2), atol=1e-9
    )


def test_the_measured_bandwidth_is_stage_1s_alone():
    narrow = Batch(STAGE2.inputs / 10, STAGE2.answers, 3, SCHEMA)
    learner = RandomFeatures(n_features=200)
    fixed = RandomFeatures(n_features=200, gamma=float(1 / (6 * STAGE1.inputs.var(dtype=np.float64))))
    np.testing.assert_allclose(
        answers_after(learner, STAGE1, narrow), answers_after(fixed, STAGE1, narrow), atol=1e-9
    )
    assert not np.allclose(
        answers_after(learner, STAGE1, narrow), answers_after(learner, STAGE1 + narrow), atol=1e-3
    )


def test_many_features_approximate_the_kernel():
    z = Features.drawn(STAGE1.inputs, 20_000, 0.1, seed=3).of(PROBES)
    np.testing.assert_allclose(z @ z.T, rbf_kernel(PROBES.astype(np.float64), gamma=0.1), atol=0.05)


def test_scores_are_those_of_the_librarys_ridge_regression():
    learner = RandomFeatures(n_features=50, alpha=0.3)
    state = learner.fit(STAGE1, 0)
    library = Ridge(alpha=0.3).fit(learner.represent(state, STAGE1.inputs), np.eye(3)[STAGE1.answers])
    expected = clipped(library.predict(learner.represent(state, PROBES)))
    np.testing.assert_allclose(learner.predict(state, PROBES), expected, atol=1e-9)


def test_the_penalty_is_the_librarys():
    assert RandomFeatures().alpha == Ridge().alpha


def test_decay_is_the_weight_that_old_rows_keep():
    learner = RandomFeatures(n_features=50, decay=0.25)
    state = learner.update(learner.fit(STAGE1, 0), STAGE2, 1)
    both = STAGE1 + STAGE2
    weights = np.repeat([0.25, 1.0], [len(STAGE1), len(STAGE2)])
    library = Ridge(alpha=1.0).fit(learner.represent(state, both.inputs), np.eye(3)[both.answers], weights)
    expected = clipped(library.predict(learner.represent(state, PROBES)))
    np.testing.assert_allclose(learner.predict(state, PROBES), expected, atol=1e-9)


def test_with_a_decay_of_0_stage_1_leaves_nothing_but_the_features():
    learner = RandomFeatures(n_features=50, gamma=0.1, decay=0.0)
    np.testing.assert_allclose(
        answers_after(learner, STAGE1, STAGE2), answers_after(learner, STAGE2), atol=1e-9
    )


def test_another_seed_draws_other_features():
    learner = RandomFeatures(n_features=50)
    assert not np.allclose(answers_after(learner, STAGE1, seed=1), answers_after(learner, STAGE1, seed=2))


def test_scores_sum_to_1_before_they_are_clipped():
    learner = RandomFeatures(n_features=50, alpha=1e-3)
    state = learner.update(learner.fit(STAGE1, 0), STAGE2, 1)
    scores = learner.represent(state, PROBES) @ state.weights + state.intercepts
    assert (scores < 0).any()
    np.testing.assert_allclose(scores.sum(axis=1), 1, atol=1e-9)


def test_affinity_says_how_one_more_row_moves_another_prediction():
    learner = RandomFeatures(n_features=100, gamma=0.05, alpha=3.0)
    state = learner.fit(batch(200, 4), 7)
    statement, question = batch(1, 5), batch(1, 6)
    both = np.concatenate([statement.inputs, question.inputs])
    after = learner.update(state, statement, 0)
    moved = state.features.of(both) @ (after.weights - state.weights) + after.intercepts - state.intercepts
    there_and_back = [
        learner.affinity(state, one, other, statement.answers)[0]
        for one, other in ((statement.inputs, question.inputs), (question.inputs, statement.inputs))
    ]
    assert there_and_back[0] == pytest.approx(there_and_back[1])
    features = state.features.of(both) - state.sums.z / state.sums.n
    inverse = np.linalg.inv(state.sums.penalised(3.0))
    variances = np.einsum("ij,jk,ik->i", features, inverse, features) + 1 / 200
    expected = there_and_back[0] * np.sqrt(variances[1] / variances[0])
    np.testing.assert_allclose(moved[1] / moved[0], np.full(3, expected), rtol=1e-6)
    assert learner.affinity(state, both, both, np.zeros(2, int)) == pytest.approx([1.0, 1.0])
