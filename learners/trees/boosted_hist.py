"""scikit-learn's histogram gradient boosting, fitted anew on both stages.

It has a warm start, by which it could grow. But that puts the columns of stage 2 into bins of their own
and lets the old trees, whose splits are numbers of stage-1 bins, read them: what it takes for their
answers, and boosts on from, is not what they answer (scikit-learn 1.9, ``gradient_boosting.py``: `fit`
makes a new ``_BinMapper`` and calls ``_raw_predict`` on binned rows). So it has no rule ``grow``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self

import numpy as np
from annotated_types import Ge
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier

from iml_general.learner import Inputs, LearnerInfo
from iml_general.options import NotNegative, PositiveFloat, PositiveInt, PositiveShare
from learners.trees.retrained import RetrainedLearner

if TYPE_CHECKING:
    import optuna

PENALTIES = (0.0, 0.001, 0.01, 0.1, 1.0, 10.0)


@dataclass(frozen=True)
class HistBoosting(RetrainedLearner):
    """Histogram gradient boosting of scikit-learn; defaults are its own.

    Attributes:
        max_iter: Boosting rounds. With more than 10,000 rows the library may stop earlier.
        learning_rate: Shrinkage of every leaf value.
        max_leaf_nodes: Most leaves of a tree; no limit if not given.
        min_samples_leaf: Fewest rows in a leaf.
        l2_regularization: L2 penalty on leaf values.
        max_features: Share of columns that a split tries.
    """

    info: ClassVar[LearnerInfo] = LearnerInfo(
        name="hist-boosting",
        family="boosting",
        summary="histogram gradient boosting (scikit-learn), fitted anew on both stages",
        form="vectors",
        rules=("retrain",),
        libraries=("scikit-learn",),
    )

    max_iter: PositiveInt = 100
    learning_rate: PositiveFloat = 0.1
    max_leaf_nodes: Annotated[int, Ge(2)] | None = 31
    min_samples_leaf: PositiveInt = 20
    l2_regularization: NotNegative = 0.0
    max_features: PositiveShare = 1.0

    @classmethod
    def suggest(cls, trial: optuna.Trial) -> Self:
        """Draw a configuration."""
        return cls(
            max_iter=trial.suggest_int("max_iter", 50, 400, log=True),
            learning_rate=trial.suggest_float("learning_rate", 0.02, 0.5, log=True),
            max_leaf_nodes=trial.suggest_int("max_leaf_nodes", 7, 127, log=True),
            min_samples_leaf=trial.suggest_int("min_samples_leaf", 1, 50, log=True),
            # A logarithmic range would leave out the default, 0.
            l2_regularization=trial.suggest_categorical("l2_regularization", PENALTIES),
            max_features=trial.suggest_float("max_features", 0.3, 1.0),
        )

    def fitted(self, inputs: Inputs, answers: NDArray[np.int64], seed: int) -> Any:
        """Boost from scratch."""
        return HistGradientBoostingClassifier(
            max_iter=self.max_iter,
            learning_rate=self.learning_rate,
            max_leaf_nodes=self.max_leaf_nodes,
            min_samples_leaf=self.min_samples_leaf,
            l2_regularization=self.l2_regularization,
            max_features=self.max_features,
            random_state=seed,
        ).fit(inputs, answers)
