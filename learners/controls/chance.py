"""The reference: what a score is worth to whoever knows nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np

from iml_general.learner import Batch, Inputs, Learner, LearnerInfo, Probabilities
from iml_general.rows import REFERENCE

if TYPE_CHECKING:
    import optuna


@dataclass(frozen=True)
class Chance(Learner[int]):
    """Finds all answers equally likely; its state is their number."""

    info: ClassVar[LearnerInfo] = LearnerInfo(
        name="chance",
        family="controls",
        summary="finds all answers equally likely: what a score is worth",
        form="codes",
        rules=("append",),
        role=REFERENCE,
    )

    @classmethod
    def suggest(cls, trial: optuna.Trial) -> Self:
        """Give the only configuration there is."""
        del trial
        return cls()

    def fit(self, batch: Batch, seed: int) -> int:
        """Note the number of answers."""
        del seed
        return batch.n_answers

    def update(self, state: int, batch: Batch, seed: int) -> int:
        """Learn nothing."""
        del batch, seed
        return state

    def predict(self, state: int, inputs: Inputs) -> Probabilities:
        """Spread probability evenly."""
        return np.full((len(inputs), state), 1 / state)
