import itertools

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier

from iml_general.encoding import Encoding
from iml_general.learner import Batch, Schema
from iml_general.measuring.encoded import encode_episodes
from iml_general.protocol import BUILT_IN, configure_protocol
from iml_general.seeds import Seed
from iml_general.worlds.statements import Statements
from learners.classical.neighbors import NearestNeighbors

every_weighting = pytest.mark.parametrize("weights", ["uniform", "distance"])


def batch(inputs: object, answers: list[int], n_answers: int = 3) -> Batch:
    rows = np.array(inputs, dtype=np.float32).reshape(len(answers), -1)
    columns = tuple(f"x[{i}]" for i in range(rows.shape[1]))
    return Batch(rows, np.array(answers), n_answers, Schema("vectors", columns, (), ()))


def answers_to(learner: NearestNeighbors, rows: Batch, inputs: object) -> np.ndarray:
    return learner.predict(learner.fit(rows, 0), np.array(inputs, dtype=np.float32).reshape(-1, 1))


def dense(n_rows: int, seed: int) -> Batch:
    generator = np.random.default_rng(seed)
    return batch(generator.standard_normal((n_rows, 4)), generator.integers(3, size=n_rows).tolist())


def test_defaults_are_the_librarys():
    library = KNeighborsClassifier().get_params()
    assert NearestNeighbors().n_neighbors == library["n_neighbors"]
    assert NearestNeighbors().weights == library["weights"]


@every_weighting
@pytest.mark.parametrize("n_neighbors", [1, 2, 5, 60, 300])
def test_without_ties_predictions_equal_the_librarys(weights, n_neighbors):
    rows, probes = dense(300, 0), dense(2000, 1).inputs
    learner = NearestNeighbors(n_neighbors=n_neighbors, weights=weights)
    library = KNeighborsClassifier(n_neighbors, weights=weights).fit(
        rows.inputs.astype(np.float64), rows.answers
    )
    np.testing.assert_allclose(
        learner.predict(learner.fit(rows, 0), probes), library.predict_proba(probes), atol=1e-9
    )


def test_rows_that_tie_for_the_last_places_share_them():
    # From 0: one row at distance 1, four at distance 2 for the two places left, one beyond.
    rows = batch([1, 2, -2, 2, -2, 5], [0, 0, 1, 1, 2, 2])
    p = answers_to(NearestNeighbors(n_neighbors=3), rows, [0])
    np.testing.assert_allclose(p, [[1.5 / 3, 1 / 3, 0.5 / 3]])


def test_sharing_is_the_expectation_over_a_random_order_of_ties():
    rows = batch([1, 2, -2, 2], [0, 1, 1, 2])
    learner = NearestNeighbors(n_neighbors=2)
    by_library = [
        KNeighborsClassifier(2, algorithm="brute")
        .fit(rows.inputs[list(order)], rows.answers[list(order)])
        .predict_proba([[0.0]])[0]
        for order in itertools.permutations(range(4))
    ]
    np.testing.assert_allclose(answers_to(learner, rows, [0])[0], np.mean(by_library, axis=0))


@pytest.mark.parametrize("n_neighbors", [1, 20, 40, 60, 80, 100])
def test_rows_whose_distances_differ_by_rounding_alone_tie(n_neighbors):
    corners = list(itertools.permutations([0.001, 0.03, 0.7, 1.9, 90.1]))
    rows = batch(corners, [0] * 30 + [1] * 30 + [2] * 60)
    learner = NearestNeighbors(n_neighbors=n_neighbors)
    p = learner.predict(learner.fit(rows, 0), np.full((1, 5), 0.3, dtype=np.float32))
    np.testing.assert_allclose(p, [[0.25, 0.25, 0.5]])


def test_near_rows_count_more_under_distance_weights():
    rows = batch([1, 2, -2, 4], [0, 1, 2, 2])
    p = answers_to(NearestNeighbors(n_neighbors=2, weights="distance"), rows, [0])
    np.testing.assert_allclose(p, [[1 / 1.5, 0.25 / 1.5, 0.25 / 1.5]])


def test_rows_at_no_distance_answer_alone_under_distance_weights():
    rows = batch([3, 3, 4, 3], [0, 1, 2, 1])
    p = answers_to(NearestNeighbors(n_neighbors=4, weights="distance"), rows, [3, 5])
    np.testing.assert_allclose(p, [[1 / 3, 2 / 3, 0], [0.5 / 2.5, 1 / 2.5, 1 / 2.5]])


@every_weighting
def test_all_rows_answer_where_there_are_fewer_than_neighbours(weights):
    rows = batch([0, 2], [0, 2])
    np.testing.assert_allclose(answers_to(NearestNeighbors(weights=weights), rows, [1]), [[0.5, 0, 0.5]])


@every_weighting
@pytest.mark.parametrize("alias", ["bits", "dense", "one-hot", "ordinal"])
def test_the_order_of_rows_does_not_matter(weights, alias):
    """Also not which stage they came in: appending is retraining."""
    told = {"stage1": 15}
    sources = {"reliable": told, "unreliable": told, "neutral": {"stage2": 5}}
    sizes = configure_protocol({"sources": sources, "undefined": 5, "new_conflict": 5, "unseen": 5})
    seed = Seed(0, "search", "statements", 1)
    episode = encode_episodes(sizes, Statements(), Encoding(alias=alias), "vectors", seed, BUILT_IN)[
        "informative"
    ]
    learner = NearestNeighbors(weights=weights)
    stage1, stage2 = (stage.rows for stage in episode.stages)
    both = stage1 + stage2
    appended = learner.update(learner.fit(stage1, 0), stage2, 1)
    expected = learner.predict(learner.fit(both, 0), episode.probes.inputs)
    assert np.array_equal(learner.predict(appended, episode.probes.inputs), expected)
    order = np.random.default_rng(0).permutation(len(both))
    mixed = Batch(both.inputs[order], both.answers[order], both.n_answers, both.schema)
    found = learner.predict(learner.fit(mixed, 0), episode.probes.inputs)
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_many_probes_are_answered_as_each_of_them_alone():
    """More than fit into one pass over the distances."""
    rows = batch(np.random.default_rng(0).integers(2, size=(2000, 6)), [0, 1] * 1000)
    probes = np.random.default_rng(1).integers(2, size=(700, 6)).astype(np.float32)
    learner = NearestNeighbors(n_neighbors=40)
    together = learner.predict(rows, probes)
    alone = np.concatenate([learner.predict(rows, probes[i : i + 1]) for i in range(0, 700, 50)])
    np.testing.assert_allclose(together[::50], alone, atol=1e-12)
