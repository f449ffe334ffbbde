"""A learner's answers to probes, and what METHOD section 4 reads off each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from iml_general.learner import Probabilities
from iml_general.measuring.answer_key import AnswerKey
from iml_general.measuring.layout import by_columns, first_true, pick

CLIP = 1e-6  # METHOD section 4: probabilities are clipped here before taking logarithms
TIE = 1e-9  # probabilities this close to the largest one count as tied with it


@dataclass(frozen=True, eq=False)
class Answers:
    """The answers to probes.

    Attributes:
        p: Probabilities, clipped and renormalised, shape (n_probes, n_answers); 0 for classes that a
            probe's question does not have.
        chosen: Arg-max class, int64 of shape (n_probes,).
        key: What they are held against.
    """

    p: NDArray[np.float64]
    chosen: NDArray[np.int64]
    key: AnswerKey

    @classmethod
    def of(cls, probabilities: Probabilities, key: AnswerKey) -> Self:
        """Read the answers off a learner's probabilities.

        Args:
            probabilities: Shape (n_probes, n_answers).
            key: What they are held against; it breaks ties.

        Returns:
            The answers.
        """
        raw = by_columns(probabilities)
        p = np.maximum(raw.astype(np.float64, copy=False), CLIP)
        if key.allowed is not None:
            p, raw = np.where(key.allowed, p, 0.0), np.where(key.allowed, raw, -1.0)
        p /= p.sum(axis=1, keepdims=True)
        # The arg-max is taken before clipping: two classes below the clip are not tied.
        tied = raw >= raw.max(axis=1, keepdims=True) - TIE
        if np.count_nonzero(tied) > len(tied):
            drawn = np.where(tied, key.tie_breaks, -1.0)
            tied = drawn == drawn.max(axis=1, keepdims=True)
        return cls(p, first_true(tied), key)

    def at(self, places: NDArray[np.int64], key: AnswerKey) -> Self:
        """The answers to some of the probes, by their places; `key` is what these are held against."""
        return type(self)(self.p[places], self.chosen[places], key)

    @cached_property
    def correct(self) -> NDArray[np.bool_]:
        """Whether each answer is a right one, shape (n_probes,)."""
        right = self.key.only_right
        return pick(self.key.right, self.chosen) if right is None else np.asarray(self.chosen == right)

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
        if self.key.only_right is not None:
            errors = self.p - self.key.truth
        else:
            errors = np.where(self.key.right, 0.0, self.p)
            errors[np.arange(len(self.p)), self.key.right.argmax(axis=1)] = self._of_right - 1.0
        squares: NDArray[np.float64] = (errors**2).sum(axis=1)
        return squares

    @cached_property
    def _of_right(self) -> NDArray[np.float64]:
        if self.key.only_right is not None:
            return pick(self.p, self.key.only_right)
        together: NDArray[np.float64] = np.where(self.key.right, self.p, 0.0).sum(axis=1)
        return together

    def log_probability_of(self, answers: NDArray[np.int64]) -> NDArray[np.float64]:
        """Natural logarithm of the probability of an answer to each probe.

        Args:
            answers: Classes, int64 of shape (n_probes,).

        Returns:
            Shape (n_probes,).
        """
        logarithms: NDArray[np.float64] = np.log(pick(self.p, answers))
        return logarithms
