"""What answers to probes are held against: the same whatever a learner answers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

NONE = -1  # in place of an answer that nobody gave
HONEST = -2  # in place of a lie, where the attacker tells the truth


@dataclass(frozen=True, eq=False)
class AnswerKey:
    """The key to probes that are answered with classes.

    Attributes:
        right: Which answers are right, shape (n_probes, n_answers): one of each row, or several.
        n_classes: How many classes each probe's question has, shape (n_probes,): classes from there on are
            other questions' and get no probability.
        said: What the reliable and the unreliable source said, int64 of shape (2, n_probes); `NONE`
            where they did not both speak.
        inverse: What follows from the true answer for whoever takes it for a lie, int64 of shape
            (n_probes,); `NONE` where nothing does.
        lie: What an attacker says, int64 of shape (n_probes,); `HONEST` where it tells the truth, `NONE`
            where there is no attack.
        beside: What the statement beside the question says, int64 of shape (n_probes,); `NONE` where there
            is none.
        tie_breaks: Random numbers, shape (n_probes, n_answers): among tied classes the one with the largest
            is chosen. Conditions of one seed share them, and so do twins, so that equal probabilities give
            equal answers.
    """

    right: NDArray[np.bool_]
    n_classes: NDArray[np.int64]
    said: NDArray[np.int64]
    inverse: NDArray[np.int64]
    lie: NDArray[np.int64]
    beside: NDArray[np.int64]
    tie_breaks: NDArray[np.float64]

    def at(self, places: NDArray[np.int64]) -> Self:
        """The key to some of the probes, by their places."""
        return type(self)(
            self.right[places],
            self.n_classes[places],
            self.said[:, places],
            self.inverse[places],
            self.lie[places],
            self.beside[places],
            self.tie_breaks[places],
        )

    @cached_property
    def only_right(self) -> NDArray[np.int64] | None:
        """The right answer to each probe, shape (n_probes,); None where some have several."""
        has_one = np.count_nonzero(self.right) == len(self.right)
        return self.right.argmax(axis=1) if has_one else None

    @cached_property
    def truth(self) -> NDArray[np.float64]:
        """The probabilities of whoever knows the only right answers: `right` as numbers."""
        return self.right.astype(np.float64)

    @cached_property
    def allowed(self) -> NDArray[np.bool_] | None:
        """Which classes each probe's question has, shape (n_probes, n_answers); None if all have all."""
        n_answers = self.right.shape[1]
        if self.n_classes.min(initial=n_answers) == n_answers:
            return None
        allowed: NDArray[np.bool_] = np.arange(n_answers) < self.n_classes[:, None]
        return allowed
