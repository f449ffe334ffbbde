"""An optional part of the learner contract: stage 1 at several lengths, out of one fit.

Learners whose stage 1 takes epochs, rounds or trees one after the other can stop on the way. A sweep over
that length then fits once, up to the largest of its values, and goes on to stage 2 from every one::

    for length, state in zip(lengths, learner.fit_path(stage_1, seed, lengths)):
        state_2 = learner_of_that_length.update(state, stage_2, seed)

Nothing else changes by it: every state is, to the last bit, what `fit` gives a learner of that length. So it
is for those learners only whose first steps don't hang on how many follow: not, say, for a learning rate that
falls towards the last epoch.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, TypeVar

from iml_general.learner.base import AnyLearner
from iml_general.learner.capabilities import Cohort

S = TypeVar("S")


class CheckpointLearner(AnyLearner[S]):
    """A learner, of either contract, whose stage 1 of some length is how a longer one begins.

    One that is a `Cohort` too derives from `CheckpointCohort`.

    Attributes:
        length_field: The field that is the length of stage 1, such as ``"epochs"``: a whole number from 1.
    """

    length_field: ClassVar[str]

    @abstractmethod
    def fit_path(self, batch: Any, seed: int, lengths: Sequence[int]) -> Iterator[S]:
        """Learn from scratch, and give the state at several lengths.

        Args:
            batch: As for `fit`.
            seed: As for `fit`.
            lengths: At least one, rising. The learner's own length does not matter.

        Yields:
            For each length the state that `fit` gives a learner of that length, to the last bit, all else
            being equal. It stays as it is while learning goes on, and nothing is learned before it is
            asked for: so time that passes between two states is what the second costs.
        """


class CheckpointCohort(CheckpointLearner[S], Cohort[S]):
    """A `CheckpointLearner` that trains many seeds and conditions at once."""

    def fit_path(self, batch: Any, seed: int, lengths: Sequence[int]) -> Iterator[S]:
        """Do so with a cohort of one; see `CheckpointLearner.fit_path`."""
        for (state,) in self.fit_path_cohort([batch], [seed], lengths):
            yield state

    @abstractmethod
    def fit_path_cohort(
        self, batches: Sequence[Any], seeds: Sequence[int], lengths: Sequence[int]
    ) -> Iterator[list[S]]:
        """`fit_path` for each pair of batch and seed.

        Yields:
            For each length what `fit_cohort` gives for the same pairs, to the last bit.
        """
