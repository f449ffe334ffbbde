"""Ridge regression: a linear map with an L2 penalty, solved anew on both stages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn import linear_model

from iml_general.learner import Inputs, LearnerInfo
from iml_general.options import PositiveFloat
from iml_general.plugins.threads import one_thread
from iml_general.regressor import NumberBatch, Regressor, Values
from learners.classical.unchecked import unchecked

if TYPE_CHECKING:
    import optuna


@dataclass(frozen=True, eq=False)
class RidgeState:
    """A linear map.

    Attributes:
        weights: float64 of shape (n_columns,).
        intercept: What a row of zeros is answered with.
    """

    weights: NDArray[np.float64]
    intercept: float


@dataclass(frozen=True)
class Ridge(Regressor[RidgeState]):
    """Least squares with an L2 penalty; defaults are scikit-learn's.

    Attributes:
        alpha: Strength of the penalty.
    """

    info: ClassVar[LearnerInfo] = LearnerInfo(
        name="ridge",
        family="linear",
        summary="ridge regression (scikit-learn), solved anew on both stages",
        form="vectors",
        rules=("retrain",),
        libraries=("scikit-learn",),
    )

    alpha: PositiveFloat = 1.0

    @classmethod
    def suggest(cls, trial: optuna.Trial) -> Self:
        """Draw the strength of the penalty."""
        return cls(alpha=trial.suggest_float("alpha", 1e-3, 1e3, log=True))

    @one_thread()
    @unchecked()
    def fit(self, batch: NumberBatch, seed: int) -> RidgeState:
        """Solve for the weights; nothing is random."""
        del seed
        if len(batch) == 0:
            return RidgeState(np.zeros(batch.inputs.shape[1]), 0.0)
        estimator = linear_model.Ridge(alpha=self.alpha).fit(batch.inputs.astype(np.float64), batch.answers)
        return RidgeState(estimator.coef_, float(estimator.intercept_))

    @one_thread()
    def predict(self, state: RidgeState, inputs: Inputs) -> Values:
        """Give the linear map of each row."""
        values: NDArray[np.float64] = inputs.astype(np.float64) @ state.weights + state.intercept
        return values
