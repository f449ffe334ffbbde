"""A learner that writes into the rows it is given is told so by name, and changes nobody else's results."""

import pickle
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self

import numpy as np
import optuna
import pytest
import torch

from iml_general.encoding import Encoding
from iml_general.errors import LearnerError
from iml_general.learner import Batch, CohortLearner, Inputs, Learner, LearnerInfo, Probabilities
from iml_general.measuring.encoded import encode_episodes
from iml_general.measuring.measure import Setting, measure
from iml_general.protocol import BUILT_IN, Protocol, Source
from iml_general.seeds import Seed
from iml_general.worlds.statements import Statements
from learners.classical.neighbors import NearestNeighbors

SOURCES = (Source("reliable", 1.0, 10, 10), Source("unreliable", 0.0, 10, 10))
SETTING = Setting(Statements(), Protocol(sources=SOURCES, undefined=0, new_conflict=5, unseen=5))
SEEDS = [Seed(0, "confirm", "statements", index) for index in range(2)]
WAYS = ("fit answers", "fit inputs", "update answers", "predict inputs", "view", "past the flag")


@dataclass(frozen=True)
class Writer(Learner[int]):
    """Writes into what it is given, in one of several ways."""

    info: ClassVar[LearnerInfo] = LearnerInfo(
        name="writer", family="toys", summary="For tests.", form="vectors", rules=("append",)
    )
    way: Literal[WAYS] = "fit answers"  # type: ignore[valid-type]

    @classmethod
    def suggest(cls, trial: optuna.Trial) -> Self:
        return cls()

    def fit(self, batch: Batch, seed: int) -> int:
        if self.way == "fit answers":
            batch.answers[:] = 0
        elif self.way == "fit inputs":
            batch.inputs[:, 0] = 0
        elif self.way == "view":
            batch.inputs[2:, 1:].T[:] = 0
        elif self.way == "past the flag":  # what a library does that takes the memory, as torch does
            batch.inputs.base[:] = 0  # type: ignore[index]
        return batch.n_answers

    def update(self, state: int, batch: Batch, seed: int) -> int:
        if self.way == "update answers":
            batch.answers[:] = 0
        return state

    def predict(self, state: int, inputs: Inputs) -> Probabilities:
        if self.way == "predict inputs":
            inputs[:] = 0
        return np.full((len(inputs), state), 1 / state)


class WriterInCohort(Writer, CohortLearner[int]):
    """The same, all seeds together."""

    def fit_cohort(self, batches: Any, seeds: Any) -> list[int]:
        return [self.fit(*one) for one in zip(batches, seeds, strict=True)]

    def update_cohort(self, states: Any, batches: Any, seeds: Any) -> list[int]:
        return [self.update(*one) for one in zip(states, batches, seeds, strict=True)]


def batch() -> Batch:
    encoded = encode_episodes(SETTING.protocol, SETTING.source, Encoding(), "vectors", SEEDS[0], BUILT_IN)
    return encoded["informative"].stages[0].rows


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("cls", [Writer, WriterInCohort])
def test_who_writes_is_told_so_by_name_and_others_find_the_rows_as_they_were(
    cls: type[Writer], way: str
) -> None:
    before = measure(NearestNeighbors(), SETTING, SEEDS).scores
    with pytest.raises(LearnerError, match=r"learner 'writer'.* read-only; copy what you change"):
        measure(cls(way=way), SETTING, SEEDS)
    assert measure(NearestNeighbors(), SETTING, SEEDS).scores == before


def test_rows_stay_read_only_in_another_process_and_in_sums_and_views() -> None:
    rows = batch()
    for one in (rows, pickle.loads(pickle.dumps(rows)), rows + rows):
        for array in (one.inputs, one.answers, one.inputs[3:], one.inputs.T):
            assert not array.flags.writeable


@pytest.mark.filterwarnings("ignore:The given NumPy array is not writable")
def test_a_tensor_that_shares_the_rows_memory_is_found_out() -> None:
    class Tensors(Writer):
        def fit(self, batch: Batch, seed: int) -> int:
            torch.from_numpy(batch.inputs).zero_()
            return batch.n_answers

    before = measure(NearestNeighbors(), SETTING, SEEDS).scores
    with pytest.raises(LearnerError, match="learner 'writer' has changed rows that it was given"):
        measure(Tensors(), SETTING, SEEDS)
    assert measure(NearestNeighbors(), SETTING, SEEDS).scores == before
