"""AdaBoost: shallow trees, each fitted to rows weighted by the errors of those before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import AdaBoostClassifier
from sklearn.tree import DecisionTreeClassifier

from iml_general.learner import Inputs, LearnerInfo
from iml_general.options import PositiveFloat, PositiveInt
from learners.trees.retrained import RetrainedLearner

if TYPE_CHECKING:
    import optuna


@dataclass(frozen=True)
class AdaBoost(RetrainedLearner):
    """AdaBoost for several answers (SAMME) on decision trees; defaults are scikit-learn's.

    Stage 2 can't be boosted on to: the weights that a next tree would need are those of rows that the
    library has forgotten.

    Attributes:
        n_estimators: Most trees; it stops when one makes no error.
        learning_rate: Factor of every tree's weight.
        max_depth: Largest depth of a tree. The library's 1 is a single split, which asks about one
            column: such trees add up to a linear function of bits, in which no statement is tied to
            its question.
    """

    info: ClassVar[LearnerInfo] = LearnerInfo(
        name="adaboost",
        family="boosting",
        summary="AdaBoost on shallow trees (scikit-learn), fitted anew on both stages",
        form="vectors",
        rules=("retrain",),
        libraries=("scikit-learn",),
    )

    n_estimators: PositiveInt = 50
    learning_rate: PositiveFloat = 1.0
    max_depth: PositiveInt = 1

    @classmethod
    def suggest(cls, trial: optuna.Trial) -> Self:
        """Draw a configuration."""
        return cls(
            n_estimators=trial.suggest_int("n_estimators", 25, 400, log=True),
            learning_rate=trial.suggest_float("learning_rate", 0.05, 2.0, log=True),
            max_depth=trial.suggest_int("max_depth", 1, 10),
        )

    def fitted(self, inputs: Inputs, answers: NDArray[np.int64], seed: int) -> Any:
        """Boost from scratch."""
        estimator = AdaBoostClassifier(
            DecisionTreeClassifier(max_depth=self.max_depth),
            n_estimators=self.n_estimators,
            learning_rate=self.learning_rate,
            random_state=seed,
        )
        try:
            return estimator.fit(inputs, answers)
        except ValueError as error:
            if "worse than random" in str(error):  # not even the first tree is better than chance
                return None
            raise
