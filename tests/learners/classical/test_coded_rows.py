"""Nearest neighbours among codes side by side: the same answers as by looking at all pairs, and few looks."""

import numpy as np
import pytest
from numpy.typing import NDArray

from iml_general.encoding import Encoding
from iml_general.learner import Batch, Schema
from iml_general.measuring.encoded import encode_episodes
from iml_general.protocol import BUILT_IN, configure_protocol
from iml_general.seeds import Seed
from iml_general.worlds.statements import Statements
from learners.classical import coded_rows
from learners.classical.coded_rows import CodedRows
from learners.classical.neighbors import NearestNeighbors

TOLD = {"stage1": 25, "stage2": 10}
SIZES = {"sources": {"reliable": TOLD, "unreliable": TOLD}, "undefined": 5, "new_conflict": 5, "unseen": 5}


def rows_and_probes(**codes: object) -> tuple[Batch, NDArray[np.float32]]:
    seed = Seed(0, "search", "statements", 3)
    encoding = Encoding(**codes)  # type: ignore[arg-type]
    at = configure_protocol(SIZES), Statements(n_questions=12), encoding, "vectors", seed, BUILT_IN
    episode = encode_episodes(*at)["informative"]
    stage1, stage2 = (stage.rows for stage in episode.stages)
    return stage1 + stage2, episode.probes.inputs


def at_once(rows: Batch, probes: NDArray[np.float32], learner: NearestNeighbors) -> NDArray[np.float64]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(coded_rows, "FEW_PAIRS", len(rows) * len(probes))
        assert CodedRows.of(rows.inputs, probes, rows.schema.columns) is None
        return learner.predict(rows, probes)


@pytest.fixture
def coded(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setattr(coded_rows, "FEW_PAIRS", 0)
    monkeypatch.setattr(coded_rows, "ROWS_PER_CODE", 2)
    return monkeypatch


@pytest.mark.parametrize("n_neighbors", [1, 5, 90, 10**6])
@pytest.mark.parametrize("weights", ["uniform", "distance"])
@pytest.mark.parametrize("alias", ["bits", "one-hot", "ordinal"])
def test_answers_are_those_of_all_pairs_to_the_last_digit(
    coded: pytest.MonkeyPatch, alias: str, weights: str, n_neighbors: int
) -> None:
    rows, probes = rows_and_probes(alias=alias, alias_width=8)
    learner = NearestNeighbors(n_neighbors=n_neighbors, weights=weights)  # type: ignore[arg-type]
    expected = at_once(rows, probes, learner)
    found = CodedRows.of(rows.inputs, probes, rows.schema.columns)
    assert found is not None
    assert np.array_equal(learner.predict(rows, probes), expected)
    # As where there is no room for the distances of all rows at once.
    coded.setattr(CodedRows, "of", lambda *_: found)
    coded.setattr(coded_rows, "DISTANCES_AT_ONCE", 700)
    assert np.array_equal(learner.predict(rows, probes), expected)


def test_few_pairs_are_looked_at_and_never_more_than_there_is_room_for(coded: pytest.MonkeyPatch) -> None:
    rows, probes = rows_and_probes(alias_width=64)
    looks: list[int] = []
    squared_to = CodedRows._squared_to

    def noting(self: CodedRows, *arguments: NDArray[np.int64]) -> NDArray[np.float64]:
        looks.append(squared_to(self, *arguments).size)
        return squared_to(self, *arguments)

    coded.setattr(CodedRows, "_squared_to", noting)
    coded.setattr(coded_rows, "DISTANCES_AT_ONCE", 5000)
    NearestNeighbors().predict(rows, probes)
    assert 0 < sum(looks) < 0.25 * len(rows) * len(probes)
    assert max(looks) <= 5000


@pytest.mark.parametrize("codes", [{"alias": "dense"}, {"question": "dense"}, {"tag": "dense"}])
def test_codes_that_are_no_whole_numbers_are_left_to_all_pairs(
    coded: pytest.MonkeyPatch, codes: dict[str, object]
) -> None:
    rows, probes = rows_and_probes(**codes)
    assert CodedRows.of(rows.inputs, probes, rows.schema.columns) is None


@pytest.mark.parametrize("largest", [1e6, np.inf, np.nan])
def test_numbers_that_are_too_large_are_left_to_all_pairs(coded: pytest.MonkeyPatch, largest: float) -> None:
    inputs = np.array([[0, 0], [1, 0], [1, largest]] * 4, dtype=np.float32)
    assert CodedRows.of(inputs, inputs, ("alias[0]", "tag[0]")) is None
    inputs[:, 1] = 5
    assert CodedRows.of(inputs, inputs, ("alias[0]", "tag[0]")) is not None


def test_rows_of_one_part_are_left_to_all_pairs(coded: pytest.MonkeyPatch) -> None:
    inputs = np.zeros((8, 2), dtype=np.float32)
    assert CodedRows.of(inputs, inputs, ("pixel[0,0]", "pixel[0,1]")) is None


def test_a_row_whose_neighbours_are_far_looks_farther_than_its_nearest_codes(
    coded: pytest.MonkeyPatch,
) -> None:
    # The two nearest codes have a row each, which is far in all else: the two rows beyond are nearer.
    alias, tag = [1, 2, 3, 3, 9, 9, 9, 9], [7, 7, 0, 0, 0, 0, 0, 0]
    inputs = np.array([alias, tag], dtype=np.float32).T
    schema = Schema("vectors", ("alias[0]", "tag[0]"), (), (1,))
    rows = Batch(inputs, np.array([0, 0, 1, 1, 2, 2, 2, 2]), 3, schema)
    assert CodedRows.of(inputs, inputs, schema.columns) is not None
    p = NearestNeighbors(n_neighbors=2).predict(rows, np.zeros((1, 2), dtype=np.float32))
    assert p.tolist() == [[0.0, 1.0, 0.0]]
