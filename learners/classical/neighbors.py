"""k nearest neighbours, with ties of distance settled by no order of rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple, Self, TypeVar, cast, get_args

import numpy as np
from numpy.typing import NDArray

from iml_general.learner import AnyLearner, Batch, Inputs, Learner, LearnerInfo, Probabilities, Rows
from iml_general.options import PositiveInt
from iml_general.plugins.threads import one_thread
from iml_general.regressor import NumberBatch, Regressor, Values
from learners.classical.coded_rows import CodedRows
from learners.classical.nearest import Memory

if TYPE_CHECKING:
    import optuna

Weights = Literal["uniform", "distance"]


class Votes(NamedTuple):
    """Which remembered rows answer some rows that are asked.

    Attributes:
        asked: Index of the row that is asked, ascending, shape (n_pairs,).
        remembered: Index of the one that answers, shape (n_pairs,).
        weight: How much it counts, shape (n_pairs,); those that count for nothing may be among them.
        n_asked: How many rows are asked.
    """

    asked: NDArray[np.int64]
    remembered: NDArray[np.int64]
    weight: NDArray[np.float64]
    n_asked: int


TIE = 1e-9
"""Squared distances are equal if they differ by less than this share of the largest squared norms."""

WHOLE_TIE = 0.5
"""Whole ones, which come out exactly, are equal if they differ by less than this."""

R = TypeVar("R", bound=Rows)


@dataclass(frozen=True)
class Neighbors(AnyLearner[R]):
    """The answers of the nearest rows; defaults are scikit-learn's. The state is all rows so far.

    Bit codes put many rows at the same distance. scikit-learn takes those that come first, which would prefer
    stage 1 to stage 2. Here all rows at the distance of the last neighbour share the places that nearer rows
    leave: the expectation over a random choice among them.

    Attributes:
        rule: The update rule; both give the same answers.
        n_neighbors: How many rows answer together; all of them if there are fewer.
        weights: Under ``"distance"`` a row counts 1 / its Euclidean distance, and if there are rows at
            distance 0 they answer alone.
    """

    rule: Literal["append", "retrain"] = "append"
    n_neighbors: PositiveInt = 5
    weights: Weights = "uniform"

    @classmethod
    def suggest(cls, trial: optuna.Trial) -> Self:
        """Draw the number of neighbours and how they are weighed."""
        return cls(
            n_neighbors=trial.suggest_int("n_neighbors", 1, 100, log=True),
            weights=cast(Weights, trial.suggest_categorical("weights", get_args(Weights))),
        )

    def fit(self, batch: R, seed: int) -> R:
        """Remember the rows; nothing is random."""
        del seed
        return batch

    def update(self, state: R, batch: R, seed: int) -> R:
        """Remember these rows too."""
        del seed
        return state + batch

    def votes(self, state: R, inputs: Inputs) -> Iterator[tuple[slice | NDArray[np.int64], Votes]]:
        """Find out which remembered rows answer which rows, some at a time.

        Args:
            state: All rows so far, at least one.
            inputs: Rows that are asked.

        Yields:
            Which rows are asked, and who votes on them.
        """
        k = min(self.n_neighbors, len(state))
        coded = CodedRows.of(state.inputs, inputs, state.schema.columns)
        if coded is not None:
            for places, pairs in coded.nearest(k):
                yield places, self._votes(*pairs, np.zeros(len(places)), k, WHOLE_TIE)
            return
        rows = inputs.astype(np.float64)
        memory = Memory.of(state.inputs.astype(np.float64), k, len(rows))
        n_at_once = len(memory.distances)
        for start in range(0, len(rows), n_at_once):
            part = slice(start, start + n_at_once)
            norms = (rows[part] ** 2).sum(axis=1)
            tie = TIE * (memory.largest + norms.max())
            yield part, self._votes(*memory.nearest(rows[part], k, tie), norms, k, tie)

    def _votes(
        self,
        asked: NDArray[np.int64],
        remembered: NDArray[np.int64],
        excess: NDArray[np.float64],
        norms: NDArray[np.float64],
        k: int,
        tie: float,
    ) -> Votes:
        """Weigh pairs of rows by their squared distances, less a number for each row that is asked."""
        weight = _places(asked, excess, k, len(norms), tie)
        if self.weights == "distance":
            weight *= _closeness(asked, excess + norms[asked], len(norms), tie)
        return Votes(asked, remembered, weight, len(norms))


@dataclass(frozen=True)
class NearestNeighbors(Neighbors[Batch], Learner[Batch]):
    """Nearest neighbours that answer with classes."""

    info: ClassVar[LearnerInfo] = LearnerInfo(
        name="nearest-neighbors",
        family="nearest neighbours",
        summary="k nearest neighbours by Euclidean distance; stage 2 adds rows to the memory",
        form="vectors",
        rules=("append", "retrain"),
        libraries=("numpy",),
    )

    @one_thread()
    def predict(self, state: Batch, inputs: Inputs) -> Probabilities:
        """Let the nearest rows vote; uniform if there are none."""
        n_answers = state.n_answers
        p = np.full((len(inputs), n_answers), 1 / n_answers)
        if len(state) == 0:
            return p
        for part, votes in self.votes(state, inputs):
            cell = votes.asked * n_answers + state.answers[votes.remembered]
            found = np.bincount(cell, votes.weight, votes.n_asked * n_answers).reshape(-1, n_answers)
            p[part] = found / found.sum(axis=1, keepdims=True)
        return p


@dataclass(frozen=True)
class NearestNeighborsRegressor(Neighbors[NumberBatch], Regressor[NumberBatch]):
    """Nearest neighbours that answer with numbers."""

    info: ClassVar[LearnerInfo] = replace(NearestNeighbors.info, name="nearest-neighbors-regressor")

    @one_thread()
    def predict(self, state: NumberBatch, inputs: Inputs) -> Values:
        """Average the numbers of the nearest rows; 0 if there are none."""
        values = np.zeros(len(inputs))
        if len(state) == 0:
            return values
        for part, votes in self.votes(state, inputs):
            sums = np.bincount(votes.asked, votes.weight * state.answers[votes.remembered], votes.n_asked)
            values[part] = sums / np.bincount(votes.asked, votes.weight, votes.n_asked)
        return values


def _places(
    row: NDArray[np.int64], distances: NDArray[np.float64], k: int, n_rows: int, tie: float
) -> NDArray[np.float64]:
    """Give out k places a row: one to what is nearer than the k-th, the rest to all that tie with it.

    Args:
        row: Which row each pair belongs to, ascending, shape (n_pairs,).
        distances: Any increasing function of the distance, shape (n_pairs,).
        k: Places of each row, which has at least as many pairs.
        n_rows: Number of rows.
        tie: Distances that differ by less are equal.

    Returns:
        Places of each pair, in 0..1, shape (n_pairs,).
    """
    ascending = distances[np.lexsort((distances, row))]
    beyond = distances - ascending[np.searchsorted(row, np.arange(n_rows)) + k - 1][row]
    nearer, tied = beyond < -tie, np.abs(beyond) <= tie
    left = k - np.bincount(row, nearer, minlength=n_rows)
    share = left / np.bincount(row, tied, minlength=n_rows)
    return np.where(nearer, 1.0, np.where(tied, share[row], 0.0))


def _closeness(
    row: NDArray[np.int64], squared: NDArray[np.float64], n_rows: int, tie: float
) -> NDArray[np.float64]:
    """1 / distance; in rows with a distance of 0, 1 for that and 0 for all others.

    Args:
        row: Which row each pair belongs to, shape (n_pairs,).
        squared: Squared distances, 0 up to rounding, shape (n_pairs,).
        n_rows: Number of rows.
        tie: Squared distances up to this are 0.

    Returns:
        Shape (n_pairs,).
    """
    same = squared <= tie
    has_same = np.bincount(row, same, minlength=n_rows)[row] > 0
    return np.where(has_same, same, 1 / np.sqrt(np.where(same, 1.0, squared)))
