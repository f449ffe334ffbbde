"""What some learners can do besides: train many seeds at once, and be looked into. The class alone tells."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from iml_general.learner.base import AnyLearner, Learner
from iml_general.learner.batch import Inputs

LAST_LAYER = "last_layer"
"""The name of a learner's representation among its layers."""

COHORT_SEEDS = 4
"""Seeds that one unit of work of a cohort learner trains together, if it says nothing else."""

S = TypeVar("S")


class Cohort(AnyLearner[S]):
    """A learner of either contract that trains many seeds and conditions at once.

    Members of a cohort are independent: each result equals, to rounding, what `fit`, `update` and
    `predict` give for that member alone.
    """

    @property
    def seeds_at_once(self) -> int:
        """Seeds that one unit of work trains together; it hangs on options alone, never on the machine."""
        return COHORT_SEEDS

    @abstractmethod
    def fit_cohort(self, batches: Sequence[Any], seeds: Sequence[int]) -> list[S]:
        """`fit` for each pair of batch and seed."""

    @abstractmethod
    def update_cohort(self, states: Sequence[S], batches: Sequence[Any], seeds: Sequence[int]) -> list[S]:
        """`update` for each triple of state, batch and seed."""


class CohortLearner(Cohort[S], Learner[S]):
    """A `Learner` that trains many seeds and conditions at once."""


class AffinityLearner(Learner[S]):
    """A learner whose coupling of statements and questions can be read off."""

    @abstractmethod
    def affinity(
        self, state: S, statements: Inputs, questions: Inputs, answers: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """How strongly learning each statement would move the answer to its question.

        Args:
            state: What `fit` returned.
            statements: Tagged rows, shape (n_rows, n_columns).
            questions: The same rows without a tag, shape (n_rows, n_columns).
            answers: What the statements say, int64 of shape (n_rows,).

        Returns:
            Affinities, shape (n_rows,): for trees the share of trees in which both rows fall in
            one leaf; for neural learners the cosine of the two loss gradients.
        """

    @abstractmethod
    def step_size(self, n_rows: int) -> float:
        """How far `update` goes, by the rule ``self.rule``, in a unit of the learner's own.

        What an update does to the answer to a question is expected to grow with affinity times step; how far
        that holds is derived for forests and gradient steps, and measured by a law, not promised.

        Args:
            n_rows: Rows of the update.

        Returns:
            At least 0: the share of a leaf's value that is replaced, or the learning rate times the
            number of steps; 0 where the rule leaves alone what the affinity is read off.
        """


class RepresentationLearner(Learner[S]):
    """A learner whose inner representation of a row can be read."""

    @abstractmethod
    def represent(self, state: S, inputs: Inputs) -> NDArray[np.floating[Any]]:
        """The learner's representation of each row.

        Args:
            state: What `fit` or `update` returned.
            inputs: Rows of shape (n_rows, n_columns).

        Returns:
            Features of shape (n_rows, n_features).
        """

    def layers(self, state: S, inputs: Inputs) -> Mapping[str, NDArray[np.floating[Any]]]:
        """The representations of each row on the way to the last one, where there are several.

        Args:
            state: What `fit` or `update` returned.
            inputs: Rows of shape (n_rows, n_columns).

        Returns:
            Features of shape (n_rows, n_features) by layer: ``layer_1`` and so on, and what `represent`
            gives as `LAST_LAYER`.
        """
        return {LAST_LAYER: self.represent(state, inputs)}
