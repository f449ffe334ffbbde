"""Random forest and extra trees that answer with numbers; stage 2 refits their leaves or adds trees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import numpy as np
from sklearn import ensemble

from iml_general.learner import Inputs, LearnerInfo
from iml_general.options import PositiveShare
from iml_general.regressor import NumberBatch, Regressor, Values
from learners.trees.forest import ExtraTrees, Forest, RandomForest
from learners.trees.forest_state import ForestState

MEAN = np.zeros(1, dtype=np.int64)  # the only column of a node's answers: a number


@dataclass(frozen=True)
class ForestRegressor(Forest, Regressor[ForestState]):
    """A forest that answers with numbers; defaults are scikit-learn's for regression.

    Attributes:
        max_features: Columns tried at each split: a rule of thumb or a share of all columns.
    """

    max_features: Literal["sqrt", "log2"] | PositiveShare = 1.0

    def planted(self, trees: Sequence[Any], batch: NumberBatch) -> ForestState:
        """Take over the means in the leaves; see `Forest.planted`."""
        del batch
        return ForestState.of(trees, MEAN, 1)

    def refitted(self, state: ForestState, batch: NumberBatch) -> ForestState:
        """Move means towards the answers of stage 2; see `Forest.refitted`."""
        return state.refit_numbers(batch, self.decay)

    def predict(self, state: ForestState, inputs: Inputs) -> Values:
        """Average the answers of all trees; 0 if there are none."""
        return state.predict(inputs)[:, 0] if state.trees else np.zeros(len(inputs))


@dataclass(frozen=True)
class RandomForestRegressor(ForestRegressor):
    """Random forest: the best of many split points, on bootstrap samples."""

    info: ClassVar[LearnerInfo] = replace(RandomForest.info, name="random-forest-regressor")
    estimator: ClassVar[Any] = ensemble.RandomForestRegressor


@dataclass(frozen=True)
class ExtraTreesRegressor(ForestRegressor):
    """Extra trees: one random split point per column tried, on all rows."""

    info: ClassVar[LearnerInfo] = replace(ExtraTrees.info, name="extra-trees-regressor")
    estimator: ClassVar[Any] = ensemble.ExtraTreesRegressor

    bootstrap: bool = False
