"""A learner's answers to probes, and what METHOD section 4 reads off each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from iml_general.learner import Probabilities

CLIP = 1e-6  # METHOD section 4: probabilities are clipped here before taking logarithms
NONE = -1  # in place of an answer that nobody gave
HONEST = -2  # in place of a lie, where the attacker tells the truth
TIE = 1e-9  # probabilities this close to the largest one count as tied with it
FEW = 8  # columns from which on numpy's sum of a row depends on how the rows lie in memory

T = TypeVar("T", bound=np.generic)


def by_columns(rows: NDArray[T]) -> NDArray[T]:
    """Lay short rows out column by column: sums and largest ones of each are found many times as fast.

    Args:
        rows: Shape (n_rows, n_columns).

    Returns:
        The same; as it was from `FEW` columns on, where sums would be others in the last digit.
    """
    return np.asarray(rows, order="F") if rows.shape[1] < FEW else rows


@dataclass(frozen=True, eq=False)
class Answers:
    """The answers to probes.

    Attributes:
        p: Probabilities, clipped and renormalised, shape (n_probes, n_answers); 0 for classes that a
            probe's question does not have.
        chosen: Arg-max class, int64 of shape (n_probes,).
        right: Which answers are right, shape (n_probes, n_answers): one of each row, or several.
        said: What the reliable and the unreliable source said, int64 of shape (2, n_probes); `NONE`
            where they did not both speak.
        inverse: What follows from the true answer for whoever takes it for a lie, int64 of shape
            (n_probes,); `NONE` where nothing does.
        lie: What an attacker says, int64 of shape (n_probes,); `HONEST` where it tells the truth, `NONE`
            where there is no attack.
        beside: What the statement beside the question says, int64 of shape (n_probes,); `NONE` where there
            is none.
    """

    p: NDArray[np.float64]
    chosen: NDArray[np.int64]
    right: NDArray[np.bool_]
    said: NDArray[np.int64]
    inverse: NDArray[np.int64]
    lie: NDArray[np.int64]
    beside: NDArray[np.int64]

    @classmethod
    def of(
        cls,
        probabilities: Probabilities,
        right: NDArray[np.bool_],
        said: NDArray[np.int64],
        inverse: NDArray[np.int64],
        lie: NDArray[np.int64],
        beside: NDArray[np.int64],
        n_classes: NDArray[np.int64],
        tie_breaks: NDArray[np.float64],
    ) -> Answers:
        """Read the answers off a learner's probabilities.

        Args:
            probabilities: Shape (n_probes, n_answers).
            right: As above.
            said: As above.
            inverse: As above.
            lie: As above.
            beside: As above.
            n_classes: How many classes each probe's question has, shape (n_probes,): classes from
                there on are other questions' and get no probability.
            tie_breaks: Random numbers, shape (n_probes, n_answers): among tied classes the one with
                the largest is chosen. Conditions of one seed share them, and so do twins, so that
                equal probabilities give equal answers.

        Returns:
            The answers.
        """
        raw = by_columns(probabilities)
        p = np.maximum(raw.astype(np.float64), CLIP)
        if n_classes.min(initial=p.shape[1]) < p.shape[1]:
            allowed = np.arange(p.shape[1])[None, :] < n_classes[:, None]
            p, raw = np.where(allowed, p, 0.0), np.where(allowed, raw, -1.0)
        p /= p.sum(axis=1, keepdims=True)
        # The arg-max is taken before clipping: two classes below the clip are not tied.
        tied = raw >= raw.max(axis=1, keepdims=True) - TIE
        chosen = np.where(tied, tie_breaks, -1.0).argmax(axis=1)
        return cls(p, chosen, right, said, inverse, lie, beside)

    def at(self, places: NDArray[np.int64]) -> Self:
        """The answers to some of the probes, by their places."""
        return type(self)(
            self.p[places],
            self.chosen[places],
            self.right[places],
            self.said[:, places],
            self.inverse[places],
            self.lie[places],
            self.beside[places],
        )

    @cached_property
    def correct(self) -> NDArray[np.bool_]:
        """Whether each answer is a right one, shape (n_probes,)."""
        correct: NDArray[np.bool_] = self.right[np.arange(len(self.chosen)), self.chosen]
        return correct

    @property
    def log_probability(self) -> NDArray[np.float64]:
        """Natural logarithm of the probability of the right answers together, shape (n_probes,)."""
        logarithms: NDArray[np.float64] = np.log(self._of_right)
        return logarithms

    @property
    def brier(self) -> NDArray[np.float64]:
        """Squared distance between the probabilities and the truth, in 0..2, shape (n_probes,).

        Several right answers count as one, which has their probabilities together.
        """
        if np.count_nonzero(self.right) == len(self.right):
            errors = self.p - self.right
        else:
            errors = np.where(self.right, 0.0, self.p)
            errors[np.arange(len(self.p)), self.right.argmax(axis=1)] = self._of_right - 1.0
        squares: NDArray[np.float64] = (errors**2).sum(axis=1)
        return squares

    @cached_property
    def _of_right(self) -> NDArray[np.float64]:
        together: NDArray[np.float64] = np.where(self.right, self.p, 0.0).sum(axis=1)
        return together

    def log_probability_of(self, answers: NDArray[np.int64]) -> NDArray[np.float64]:
        """Natural logarithm of the probability of an answer to each probe.

        Args:
            answers: Classes, int64 of shape (n_probes,).

        Returns:
            Shape (n_probes,).
        """
        logarithms: NDArray[np.float64] = np.log(self.p[np.arange(len(self.p)), answers])
        return logarithms
