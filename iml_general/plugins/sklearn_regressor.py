"""The learner that `iml_general.plugins.from_sklearn` makes of a scikit-learn regressor."""

from __future__ import annotations

from typing import Any

import numpy as np

from iml_general.learner import Inputs
from iml_general.plugins.sklearn_kinds import shown
from iml_general.plugins.sklearn_learner import SklearnLearner, SklearnState, contained
from iml_general.regressor import NumberBatch, Regressor, Values


class SklearnRegressor(SklearnLearner, Regressor[SklearnState]):
    """A scikit-learn regressor as a learner; it is given the numbers as they are, not scaled."""

    def predict(self, state: SklearnState, inputs: Inputs) -> Values:
        """Give what the estimator predicts; without one the only answer that there was, else 0."""
        if len(inputs) == 0 or state.estimator is None:
            answers = state.remembered.answers
            return np.full(len(inputs), answers[0] if len(answers) else 0.0)
        with contained(0):
            found = np.asarray(state.estimator.predict(inputs.astype(np.float64)), dtype=np.float64)
        if found.shape not in ((len(inputs),), (len(inputs), 1)):  # some keep a column
            raise ValueError(
                f"predict of {shown(state.estimator)} gives an array of shape {found.shape}"
                f" for {len(inputs)} rows"
            )
        return found.reshape(len(inputs))

    def _state(self, estimator: Any, batch: NumberBatch, remembered: NumberBatch) -> SklearnState:
        del batch
        return SklearnState(estimator, remembered)

    def _fit(self, estimator: Any, batch: NumberBatch) -> None:
        estimator.fit(batch.inputs.astype(np.float64), batch.answers.copy())

    def _partial_fit(self, estimator: Any, batch: NumberBatch) -> None:
        estimator.partial_fit(batch.inputs.astype(np.float64), batch.answers.copy())
