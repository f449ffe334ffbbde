"""The contract of learners that answer with a number, beside that of `iml_general.learner`.

What both share stands there: `LearnerInfo`, the update rules, the schema of inputs, how a state is fitted and
updated. Here is what differs: the answers of a batch, and what `predict` gives back::

    state = regressor.fit(stage_1, seed)              # numbers instead of classes
    state_2 = regressor.update(state, stage_2, seed)
    values = regressor.predict(state_2, inputs)       # one number a row
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

import numpy as np
from numpy.typing import NDArray

from iml_general.learner import NUMBERS, AnyLearner, Cohort, Inputs, Rows, Schema

Values = NDArray[np.floating[Any]]
"""One number a row, shape (n_rows,)."""

S = TypeVar("S")


@dataclass(frozen=True, eq=False)
class NumberBatch(Rows):
    """Rows whose answers are numbers.

    Attributes:
        inputs: Rows as `schema` describes them.
        answers: Numbers, float64 of shape (n_rows,).
        schema: What the columns of `inputs` mean.
    """

    inputs: Inputs
    answers: NDArray[np.float64]
    schema: Schema


class Regressor(AnyLearner[S]):
    """Base of all learners that answer with a number; they are given a `NumberBatch`.

    Subclasses are what those of `iml_general.learner.base.Learner` are: frozen dataclasses, final, with
    `info`, `fit` and `predict`, with `update` unless the only rule is ``retrain``, and with `suggest` if they
    are to be searched.
    """

    answer_kind: ClassVar[str] = NUMBERS

    @abstractmethod
    def predict(self, state: S, inputs: Inputs) -> Values:
        """Give the number that answers each row.

        Args:
            state: What `fit` or `update` returned. It must not be changed.
            inputs: Rows of shape (n_rows, n_columns), in the form that `info` names.

        Returns:
            Finite numbers of shape (n_rows,).
        """


class CohortRegressor(Cohort[S], Regressor[S]):
    """A `Regressor` that trains many seeds and conditions at once."""
