"""Numbers given in answer to probes, and what is read off each.

Whose value an answer is nearer to takes the place of which answer is the most probable one, and how far the
answer is moved towards that value takes the place of log-odds (METHOD section 5a).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from iml_general.measuring.measures import Measure
from iml_general.measuring.scores import TIE


@dataclass(frozen=True, eq=False)
class NumberKey:
    """What numbers are held against: the same whatever a learner answers.

    Attributes:
        right: What counts as the answer, shape (n_probes,).
        variances: Mean squared error, on the probes of the same group and kind, of whoever answers each
            question with the mean over all aliases, shape (n_probes,).
        said: What the reliable and the unreliable source said, shape (2, n_probes); NaN where they did not
            both speak.
    """

    right: NDArray[np.float64]
    variances: NDArray[np.float64]
    said: NDArray[np.float64]

    def at(self, places: NDArray[np.int64]) -> Self:
        """The key to some of the probes, by their places."""
        return type(self)(self.right[places], self.variances[places], self.said[:, places])

    @cached_property
    def is_disputed(self) -> NDArray[np.bool_]:
        """Where both sources said something, shape (n_probes,)."""
        return np.asarray(~np.isnan(self.said).any(axis=0))

    @cached_property
    def middle(self) -> NDArray[np.float64]:
        """The middle of what both said, shape (n_probes,)."""
        reliable, unreliable = self.said
        middle: NDArray[np.float64] = (reliable + unreliable) / 2
        return middle

    @cached_property
    def half(self) -> NDArray[np.float64]:
        """Half of what the reliable source said more than the other, shape (n_probes,)."""
        reliable, unreliable = self.said
        half: NDArray[np.float64] = (reliable - unreliable) / 2
        return half

    @cached_property
    def unit(self) -> float:
        """Mean square of `half` over all disputed probes; 1 if there are none."""
        squares = self.half[self.is_disputed] ** 2
        return float(squares.mean()) if len(squares) else 1.0


@dataclass(frozen=True, eq=False)
class NumberAnswers:
    """Numbers given in answer to probes.

    Attributes:
        given: What the learner answered, shape (n_probes,).
        key: What they are held against.
    """

    given: NDArray[np.float64]
    key: NumberKey

    def at(self, places: NDArray[np.int64], key: NumberKey) -> Self:
        """The answers to some of the probes, by their places; `key` is what these are held against."""
        return type(self)(self.given[places], key)

    @cached_property
    def squared_error(self) -> NDArray[np.float64]:
        """Of each answer, shape (n_probes,)."""
        errors: NDArray[np.float64] = (self.given - self.key.right) ** 2
        return errors

    @property
    def r2(self) -> NDArray[np.float64]:
        """What each probe adds to R2, their mean: 1 if right, 0 on average of whoever knows only the mean."""
        shares: NDArray[np.float64] = 1.0 - self.squared_error / self.key.variances
        return shares

    def is_nearer(self, place: int) -> NDArray[np.float64]:
        """Whether each answer is nearer to what one of the two said, half where it lies in the middle.

        Args:
            place: 0 for the reliable source, 1 for the other.

        Returns:
            Shape (n_probes,).
        """
        own, other = self._distances[place], self._distances[1 - place]
        return np.where(np.abs(own - other) <= TIE, 0.5, own < other)

    @cached_property
    def _distances(self) -> NDArray[np.float64]:
        """How far each answer is from what either source said, shape (2, n_probes)."""
        return np.abs(self.given - self.key.said)

    @property
    def towards_reliable(self) -> NDArray[np.float64]:
        """What each probe adds to the slope of answers on half of what the reliable said more than the other.

        The mean over all disputed probes is the least-squares slope through the middle of both values: 1 of
        whoever answers what the reliable source said, -1 of whoever answers what the other one did. For a
        learner that puts the weights w and v on both, the mean of this and of the same in the twin is w - v,
        whatever else it adds: what does not depend on who said what cancels. They are also the log-odds of
        both values in a Gaussian density around the answer, with the variance 2 mean(half^2).
        """
        pulls: NDArray[np.float64] = (self.given - self.key.middle) * self.key.half / self.key.unit
        return pulls


def _is_disputed(key: NumberKey) -> NDArray[np.bool_]:
    return key.is_disputed


NUMBER_MEASURES: dict[str, Measure[NumberAnswers, NumberKey]] = {
    "r2": Measure(lambda answers: answers.r2),
    "squared_error": Measure(lambda answers: answers.squared_error),
    "said_reliable": Measure(lambda answers: answers.is_nearer(0), _is_disputed),
    "said_unreliable": Measure(lambda answers: answers.is_nearer(1), _is_disputed),
    "towards_reliable": Measure(lambda answers: answers.towards_reliable, _is_disputed),
}
"""Measures of numbers by name: R2, against the mean of all answers to a question; squared error; whether the
answer is nearer to what the reliable, or the unreliable, source said; how far it is moved from the middle of
both towards the reliable one."""
