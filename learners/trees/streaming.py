"""What learners that read a stream of rows, one at a time, have in common; the streams are river's."""

from __future__ import annotations

import copy
from abc import abstractmethod
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from iml_general.learner import Batch, Inputs, Learner, Probabilities


@dataclass(frozen=True, eq=False)
class StreamState:
    """A model in the middle of its stream, never changed once it is in a state.

    Attributes:
        model: A ``river.base.Classifier`` with its own random generator; None if it has read no rows.
        n_answers: Number of answer classes.
    """

    model: Any
    n_answers: int


class StreamLearner(Learner[StreamState]):
    """A learner that reads every row once, in an order drawn from the seed.

    A stage has no order, and a stream's outcome depends on it: so the order is drawn, lest groups of rows
    come in blocks. Under ``continue`` a copy of the model goes on reading, its own random numbers
    going on too; under ``retrain`` the rows of both stages come mixed.
    """

    @abstractmethod
    def unread(self, seed: int) -> Any:
        """Make a model that has read nothing.

        Args:
            seed: In [0, 2**31).

        Returns:
            A ``river.base.Classifier``.
        """

    def fit(self, batch: Batch, seed: int) -> StreamState:
        """Read the rows of stage 1."""
        return self.update(StreamState(None, batch.n_answers), batch, seed)

    def update(self, state: StreamState, batch: Batch, seed: int) -> StreamState:
        """Read on."""
        if len(batch) == 0:
            return state
        model = copy.deepcopy(state.model) if state.model is not None else self.unread(seed)
        answers = batch.answers.tolist()
        for row in np.random.default_rng(seed).permutation(len(batch)):
            model.learn_one(_features(batch.inputs[row]), answers[row])
        return replace(state, model=model)

    def predict(self, state: StreamState, inputs: Inputs) -> Probabilities:
        """Give the model's probabilities, 0 for an answer that it has not met; uniform if it can't say."""
        p = np.zeros((len(inputs), state.n_answers))
        if state.model is not None:  # one that has read nothing would be changed by being asked
            for row, found in zip(inputs, p, strict=True):
                for answer, probability in state.model.predict_proba_one(_features(row)).items():
                    found[answer] = probability
        sums = p.sum(axis=1, keepdims=True)
        return np.where(sums > 0, p / np.where(sums > 0, sums, 1.0), 1 / state.n_answers)


def _features(row: Inputs) -> dict[int, float]:
    """A row as river has it: values by the number of the column."""
    return dict(enumerate(row.tolist()))
