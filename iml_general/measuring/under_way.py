"""A fit of stage 1 that is under way: it serves several lengths, and goes on from each to the next."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from iml_general.errors import UsageError
from iml_general.learner import CheckpointCohort, CheckpointLearner, Rows


class FitUnderWay:
    """What several calls of `iml_general.measuring.measure.measure` share.

    They are of one learner at several lengths, on the same seeds under the same conditions. What a length
    costs beyond the one before is what its own call takes. Whoever leaves the order, or comes after what has
    failed, is fitted alone: with the same states.
    """

    def __init__(self, lengths: Sequence[int]) -> None:
        """Nothing is fitted yet.

        Args:
            lengths: Lengths of stage 1 that will be asked for; some may be left out.
        """
        self._lengths = sorted(set(lengths))
        self._seeds: tuple[int, ...] | None = None
        self._reached: float = 0
        self._rest: Iterator[tuple[int, list[Any]]] = iter(())

    def states(
        self,
        learner: CheckpointLearner[Any],
        batches: Sequence[Rows],
        seeds: Sequence[int],
        alone: Callable[[], list[Any]],
    ) -> list[Any]:
        """Go on to a learner's length.

        Args:
            learner: The learner, of one of the lengths.
            batches: What is learned; the same in every call.
            seeds: A seed for each of them; the same in every call.
            alone: Fits the learner by itself.

        Returns:
            A state for each batch and seed.

        Raises:
            UsageError: If the seeds are others than before.
        """
        length = int(getattr(learner, learner.length_field))
        if self._seeds is None:
            self._seeds = tuple(seeds)
            self._rest = zip(self._lengths, _fits(learner, batches, seeds, self._lengths), strict=False)
        elif self._seeds != tuple(seeds):
            raise UsageError("a fit of stage 1 that is under way goes on with the seeds that it began with")
        while self._reached < length:
            self._reached, states = next(self._rest, (math.inf, []))
            if self._reached == length:
                return states
        return alone()


def _fits(
    learner: CheckpointLearner[Any], batches: Sequence[Rows], seeds: Sequence[int], lengths: Sequence[int]
) -> Iterator[list[Any]]:
    """States for all batches and seeds, length by length, each when it is asked for."""
    if isinstance(learner, CheckpointCohort):
        yield from learner.fit_path_cohort(batches, seeds, lengths)
        return
    paths = [learner.fit_path(batch, seed, lengths) for batch, seed in zip(batches, seeds, strict=True)]
    yield from (list(states) for states in zip(*paths, strict=True))
