"""A learner's answers to probes, and what METHOD section 4 reads off each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from iml_general.learner import Probabilities

CLIP = 1e-6  # METHOD section 4: probabilities are clipped here before taking logarithms
NONE = -1  # in place of an answer that nobody gave
HONEST = -2  # in place of a lie, where the attacker tells the truth
TIE = 1e-9  # probabilities this close to the largest one count as tied with it


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
        allowed = np.arange(probabilities.shape[1])[None, :] < n_classes[:, None]
        p = np.where(allowed, np.clip(probabilities.astype(np.float64), CLIP, None), 0.0)
        p /= p.sum(axis=1, keepdims=True)
        # The arg-max is taken before clipping: two classes below the clip are not tied.
        raw = np.where(allowed, probabilities, -1.0)
        tied = raw >= raw.max(axis=1, keepdims=True) - TIE
        chosen = np.where(tied, tie_breaks, -1.0).argmax(axis=1)
        return cls(p, chosen, right, said, inverse, lie, beside)

    @property
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
        errors = np.where(self.right, 0.0, self.p)
        errors[np.arange(len(self.p)), self.right.argmax(axis=1)] = self._of_right - 1.0
        squares: NDArray[np.float64] = (errors**2).sum(axis=1)
        return squares

    @property
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
