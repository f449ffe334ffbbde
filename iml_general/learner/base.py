"""What a learner does: it fits, it updates, it predicts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from iml_general.errors import UsageError
from iml_general.learner.batch import Inputs
from iml_general.learner.info import LearnerInfo

if TYPE_CHECKING:
    import optuna

Probabilities = NDArray[np.floating[Any]]
"""Probabilities of the answers, shape (n_rows, n_answers)."""

CLASSES, NUMBERS = "classes", "numbers"
"""The kinds of answers: a world has one of them, and so does a learner."""

S = TypeVar("S")


class AnyLearner(ABC, Generic[S]):
    """What learners of both contracts have; nobody derives from this but `Learner` and its counterpart.

    `S` is whatever the learner uses as its state. A batch holds classes or numbers as the contract has it.

    Attributes:
        info: What the learner is.
        answer_kind: Whether it answers with `CLASSES` or `NUMBERS`; the contract says so.
    """

    info: ClassVar[LearnerInfo]
    answer_kind: ClassVar[str]

    @classmethod
    def suggest(cls, trial: optuna.Trial) -> Self:
        """Draw a configuration from the learner's own search space; only a search needs it.

        Args:
            trial: Gives values through ``trial.suggest_*``. Name parameters as the fields.

        Returns:
            A valid learner. The update rule is left at its default: the study varies it.

        Raises:
            UsageError: If the class has no search space.
        """
        del trial
        raise UsageError(f"learner {cls.info.name!r} has no search space: write its `suggest`")

    @abstractmethod
    def fit(self, batch: Any, seed: int) -> S:
        """Learn from scratch.

        Args:
            batch: The rows of stage 1 (or of both stages, under ``retrain``).
            seed: In [0, 2**31); the same seed gives the same state.

        Returns:
            A new state.
        """

    def update(self, state: S, batch: Any, seed: int) -> S:
        """Learn more, by the update rule ``self.rule``; left out where the only rule is ``retrain``.

        Args:
            state: What `fit` or `update` returned. It must not be changed.
            batch: The rows of stage 2. With no rows, the result predicts as `state` does.
            seed: As in `fit`.

        Returns:
            A new state, which may share unchanged parts with `state`.

        Raises:
            NotImplementedError: If there are rows, and the only rule is ``retrain``.
        """
        del seed
        if len(batch):
            raise NotImplementedError(
                f"{self.info.name} can't learn more from a state; its only rule is 'retrain': "
                "fit it on the rows of both stages"
            )
        return state

    @abstractmethod
    def predict(self, state: S, inputs: Inputs) -> NDArray[np.floating[Any]]:
        """Answer rows, as the contract has it; see `Learner.predict`."""

    def files(self) -> tuple[Path, ...]:
        """Files that it learns from besides rows.

        Returns:
            All of them, if there are any: rows made with other files under the same names are other rows, and
            what was kept of the one set is not handed out for the other.
        """
        return ()

    @property
    def active_rule(self) -> str:
        """The update rule of this configuration."""
        return str(getattr(self, "rule", self.info.rules[0]))


class Learner(AnyLearner[S]):
    """Base of all learners that answer with classes; they are given a `Batch`.

    Subclasses are frozen dataclasses, final, with `info`, `fit` and `predict`, with `update` unless the
    only rule is ``retrain``, and with `suggest` if they are to be searched. A learner uses one
    thread, draws randomness only from the given seed, and prints and writes nothing.
    """

    answer_kind: ClassVar[str] = CLASSES

    @abstractmethod
    def predict(self, state: S, inputs: Inputs) -> Probabilities:
        """Give the probability of every answer.

        Args:
            state: What `fit` or `update` returned. It must not be changed.
            inputs: Rows of shape (n_rows, n_columns), in the form that `info` names.

        Returns:
            Probabilities of shape (n_rows, n_answers): finite, >= 0, rows sum to 1.
        """
