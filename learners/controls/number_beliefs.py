"""What the ideal observer believes where answers are numbers.

Numbers that sources and questions share are exactly equal, so whoever hears a number can treat it as a class
of its own: the beliefs are those of `learners.controls.beliefs`, by which a statement hardly agrees with the
truth by coincidence. The answer is the posterior mean, which has the least expected squared error.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from iml_general.learner import Batch, Inputs
from iml_general.regressor import NumberBatch, Values
from learners.controls.beliefs import Beliefs


@dataclass(frozen=True, eq=False)
class NumberBeliefs:
    """All rows seen so far and what follows from them.

    Attributes:
        rows: The rows, in the form ``"codes"``.
        numbers: Every number that was heard, ascending, float64 of shape (n_numbers,).
        beliefs: What is believed of which of them answers what.
    """

    rows: NumberBatch
    numbers: NDArray[np.float64]
    beliefs: Beliefs

    @classmethod
    def of(cls, rows: NumberBatch) -> Self:
        """Work out what follows from some rows.

        Args:
            rows: Rows of both stages or of one, in the form ``"codes"``.

        Returns:
            The beliefs of an observer who has seen these rows and no others.
        """
        numbers, classes = np.unique(rows.answers, return_inverse=True)
        if len(numbers) == 0:
            numbers = np.zeros(1)
        heard = Batch(rows.inputs, classes.astype(np.int64), len(numbers), rows.schema)
        return cls(rows, numbers, Beliefs.of(heard))

    def answer(self, inputs: Inputs) -> Values:
        """Give the posterior mean, which is what was heard of a row that was seen.

        Args:
            inputs: Codes of tag, alias and question, int64 of shape (n_rows, 3).

        Returns:
            Numbers of shape (n_rows,).
        """
        means: NDArray[np.float64] = self.beliefs.answer(inputs) @ self.numbers
        return means
