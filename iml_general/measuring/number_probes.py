"""Probes that are answered with numbers, and the measures of such answers.

Whose value an answer is nearer to takes the place of which answer is the most probable one, and how far the
answer is moved towards that value takes the place of log-odds (METHOD section 5a).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from iml_general.learner import Inputs
from iml_general.measuring.measures import Measure
from iml_general.measuring.probes import Probes, cells_of
from iml_general.measuring.scores import TIE
from iml_general.regressor import Values
from iml_general.worlds.world import UNKNOWN, World


@dataclass(frozen=True, eq=False)
class NumberAnswers:
    """Numbers given in answer to probes, beside what they are held against.

    Attributes:
        given: What the learner answered, shape (n_probes,).
        right: What counts as the answer, shape (n_probes,).
        variances: Mean squared error, on the probes of the same group and kind, of whoever answers each
            question with the mean over all aliases, shape (n_probes,).
        said: What the reliable and the unreliable source said, shape (2, n_probes); NaN where they did not
            both speak.
    """

    given: NDArray[np.float64]
    right: NDArray[np.float64]
    variances: NDArray[np.float64]
    said: NDArray[np.float64]

    def at(self, places: NDArray[np.int64]) -> Self:
        """The answers to some of the probes, by their places."""
        return type(self)(
            self.given[places], self.right[places], self.variances[places], self.said[:, places]
        )

    @property
    def is_disputed(self) -> NDArray[np.bool_]:
        """Where both sources said something, shape (n_probes,)."""
        return np.asarray(~np.isnan(self.said).any(axis=0))

    @property
    def squared_error(self) -> NDArray[np.float64]:
        """Of each answer, shape (n_probes,)."""
        errors: NDArray[np.float64] = (self.given - self.right) ** 2
        return errors

    @property
    def r2(self) -> NDArray[np.float64]:
        """What each probe adds to R2, their mean: 1 if right, 0 on average of whoever knows only the mean."""
        shares: NDArray[np.float64] = 1.0 - self.squared_error / self.variances
        return shares

    def is_nearer(self, place: int) -> NDArray[np.float64]:
        """Whether each answer is nearer to what one of the two said, half where it lies in the middle.

        Args:
            place: 0 for the reliable source, 1 for the other.

        Returns:
            Shape (n_probes,).
        """
        own, other = (np.abs(self.given - self.said[i]) for i in (place, 1 - place))
        return np.where(np.abs(own - other) <= TIE, 0.5, own < other)

    @property
    def towards_reliable(self) -> NDArray[np.float64]:
        """What each probe adds to the slope of answers on half of what the reliable said more than the other.

        The mean over all disputed probes is the least-squares slope through the middle of both values: 1 of
        whoever answers what the reliable source said, -1 of whoever answers what the other one did. For a
        learner that puts the weights w and v on both, the mean of this and of the same in the twin is w - v,
        whatever else it adds: what does not depend on who said what cancels. They are also the log-odds of
        both values in a Gaussian density around the answer, with the variance 2 mean(half^2).
        """
        reliable, unreliable = self.said
        half = (reliable - unreliable) / 2
        squares = half[self.is_disputed] ** 2
        unit = squares.mean() if len(squares) else 1.0
        pulls: NDArray[np.float64] = (self.given - (reliable + unreliable) / 2) * half / unit
        return pulls


def _is_disputed(answers: NumberAnswers) -> NDArray[np.bool_]:
    return answers.is_disputed


NUMBER_MEASURES: dict[str, Measure[NumberAnswers]] = {
    "r2": Measure(lambda answers: answers.r2),
    "squared_error": Measure(lambda answers: answers.squared_error),
    "said_reliable": Measure(lambda answers: answers.is_nearer(0), _is_disputed),
    "said_unreliable": Measure(lambda answers: answers.is_nearer(1), _is_disputed),
    "towards_reliable": Measure(lambda answers: answers.towards_reliable, _is_disputed),
}
"""Measures of numbers by name: R2, against the mean of all answers to a question; squared error; whether the
answer is nearer to what the reliable, or the unreliable, source said; how far it is moved from the middle of
both towards the reliable one."""


@dataclass(frozen=True, eq=False)
class NumberProbes(Probes):
    """Probes that are answered with numbers.

    Attributes:
        inputs: Shape (n_probes, n_columns).
        answers: Numbers, float64 of shape (n_probes,).
        cell: As `Probes` has it.
        cells: Likewise.
        variances: As `NumberAnswers` has it.
        said: Likewise.
    """

    inputs: Inputs
    answers: NDArray[np.float64]
    cell: NDArray[np.int64]
    cells: tuple[tuple[str, str], ...]
    variances: NDArray[np.float64]
    said: NDArray[np.float64]

    @classmethod
    def encoded(cls, frame: pl.DataFrame, inputs: Inputs, world: World, numbers: NDArray[np.float64]) -> Self:
        """Put encoded probes beside what scoring them takes.

        Args:
            frame: Probes as an episode has them.
            inputs: The same, encoded, shape (n_probes, n_columns).
            world: Says what is true.
            numbers: The number that each of its answer classes stands for, shape (n_questions, n_answers).

        Returns:
            The probes in the same order.
        """
        question = frame["question"].to_numpy().astype(np.int64)
        true = np.where(world.known, np.take_along_axis(numbers.T, world.answers.clip(0), axis=0), np.nan)
        answers = _numbers(frame["answer"], question, numbers)
        said = [_numbers(frame[name], question, numbers) for name in ("said_reliable", "said_unreliable")]
        cell, cells = cells_of(frame)
        squares = (answers - np.nanmean(true, axis=0)[question]) ** 2
        variances = np.bincount(cell, squares) / np.bincount(cell)
        return cls(inputs, answers, cell, cells, variances[cell], np.stack(said))

    @property
    def of_nobody(self) -> NDArray[np.float64]:
        """0 everywhere; see `Probes.of_nobody`."""
        return np.zeros(len(self.answers))

    def answered(self, given: Values) -> NumberAnswers:
        """Put numbers of shape (n_probes,) beside what they are held against; see `Probes.answered`."""
        return NumberAnswers(given.astype(np.float64), self.answers, self.variances, self.said)

    def measures(self, readings: Collection[str]) -> Mapping[str, Measure[NumberAnswers]]:
        """Measures of numbers, as no reading is read off them; see `Probes.measures`."""
        del readings
        return NUMBER_MEASURES


def _numbers(
    classes: pl.Series, question: NDArray[np.int64], numbers: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The numbers that classes stand for, NaN where there is none; shape (n_probes,)."""
    places = classes.cast(pl.Int64).fill_null(UNKNOWN).to_numpy()
    return np.where(places == UNKNOWN, np.nan, numbers[question, places])
