"""A batch can be read by everyone and written to by no one, wherever it has been."""

import copy
import pickle
from dataclasses import replace

import numpy as np
import pytest

from iml_general.learner import Batch, Schema

SCHEMA = Schema("codes", ("tag", "alias", "question"), (4, 8, 2), (0,))


def batch() -> Batch:
    return Batch(np.arange(12).reshape(4, 3), np.array([0, 1, 1, 0]), 2, SCHEMA)


WAYS = {
    "made": lambda one: one,
    "unpickled": lambda one: pickle.loads(pickle.dumps(one)),
    "copied": copy.deepcopy,
    "added": lambda one: one + one,
    "replaced": lambda one: replace(one, answers=np.zeros(4, dtype=np.int64)),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_its_arrays_their_slices_and_views_are_read_only(way) -> None:
    one = way(batch())
    for array in (one.inputs, one.answers, one.inputs[1:], one.inputs[:, 0], one.answers[::2], one.inputs.T):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 7
    with pytest.raises(ValueError, match="read-only"):
        np.multiply(one.inputs, 2, out=one.inputs)


def test_whoever_made_the_arrays_can_still_write_to_them() -> None:
    inputs = np.zeros((2, 3), dtype=np.int64)
    Batch(inputs, np.zeros(2, dtype=np.int64), 2, SCHEMA)
    inputs[0] = 1


def test_it_is_the_same_after_a_journey() -> None:
    one = batch()
    for other in (pickle.loads(pickle.dumps(one)), copy.deepcopy(one)):
        assert np.array_equal(other.inputs, one.inputs)
        assert np.array_equal(other.answers, one.answers)
        assert (other.n_answers, other.schema) == (2, SCHEMA)
    assert (one + one).answers.tolist() == [0, 1, 1, 0] * 2
