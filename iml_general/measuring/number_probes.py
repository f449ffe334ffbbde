"""Probes that are answered with numbers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from iml_general.learner import Inputs
from iml_general.measuring.measures import Measure
from iml_general.measuring.number_scores import NUMBER_MEASURES, NumberAnswers, NumberKey
from iml_general.measuring.probes import Probes, cells_of
from iml_general.regressor import Values
from iml_general.worlds.world import UNKNOWN, World


@dataclass(frozen=True, eq=False)
class NumberProbes(Probes):
    """Probes that are answered with numbers.

    Attributes:
        inputs: Shape (n_probes, n_columns).
        answers: Numbers, float64 of shape (n_probes,).
        cell: As `Probes` has it.
        cells: Likewise.
        key: What answers are held against.
    """

    inputs: Inputs
    answers: NDArray[np.float64]
    cell: NDArray[np.int64]
    cells: tuple[tuple[str, str], ...]
    key: NumberKey

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
        return cls(inputs, answers, cell, cells, NumberKey(answers, variances[cell], np.stack(said)))

    @property
    def of_nobody(self) -> NDArray[np.float64]:
        """0 everywhere; see `Probes.of_nobody`."""
        return np.zeros(len(self.answers))

    def answered(self, given: Values) -> NumberAnswers:
        """Hold numbers of shape (n_probes,) against the key; see `Probes.answered`."""
        return NumberAnswers(given.astype(np.float64, copy=False), self.key)

    def measures(self, readings: Collection[str]) -> Mapping[str, Measure[NumberAnswers, NumberKey]]:
        """Measures of numbers, as no reading is read off them; see `Probes.measures`."""
        del readings
        return NUMBER_MEASURES


def _numbers(
    classes: pl.Series, question: NDArray[np.int64], numbers: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The numbers that classes stand for, NaN where there is none; shape (n_probes,)."""
    places = classes.cast(pl.Int64).fill_null(UNKNOWN).to_numpy()
    return np.where(places == UNKNOWN, np.nan, numbers[question, places])
