"""The reference where answers are numbers: what a score is worth to whoever knows their mean alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np

from iml_general.learner import Inputs, LearnerInfo
from iml_general.regressor import NumberBatch, Regressor, Values
from iml_general.rows import REFERENCE

if TYPE_CHECKING:
    import optuna


@dataclass(frozen=True)
class Mean(Regressor[float]):
    """Answers everything with the mean of the answers of stage 1, which is its state."""

    info: ClassVar[LearnerInfo] = LearnerInfo(
        name="mean",
        family="controls",
        summary="answers everything with the mean of all answers: what a score is worth",
        form="codes",
        rules=("append",),
        role=REFERENCE,
    )

    @classmethod
    def suggest(cls, trial: optuna.Trial) -> Self:
        """Give the only configuration there is."""
        del trial
        return cls()

    def fit(self, batch: NumberBatch, seed: int) -> float:
        """Note the mean; 0 of no answers."""
        del seed
        return float(batch.answers.mean()) if len(batch) else 0.0

    def update(self, state: float, batch: NumberBatch, seed: int) -> float:
        """Learn nothing."""
        del batch, seed
        return state

    def predict(self, state: float, inputs: Inputs) -> Values:
        """Answer all alike."""
        return np.full(len(inputs), state)
