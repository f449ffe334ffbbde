"""A single decision tree, which stage 2 refits as it does a forest's trees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, Self, cast, get_args

import numpy as np
from sklearn.tree import DecisionTreeClassifier

from iml_general.learner import Batch, LearnerInfo
from iml_general.options import PositiveInt, Share
from learners.trees.forest import TreeLearner
from learners.trees.forest_state import ForestState

if TYPE_CHECKING:
    import optuna

Criterion = Literal["gini", "entropy"]


@dataclass(frozen=True)
class DecisionTree(TreeLearner):
    """A classification tree (CART); defaults are scikit-learn's. Its state is a forest of one tree.

    Attributes:
        criterion: Impurity that a split is to lessen.
        max_depth: Largest depth; no limit if not given.
        min_samples_leaf: Fewest rows in a leaf.
        rule: The update rule.
        decay: Under ``refit``, how much of a leaf's old distribution stays.
    """

    info: ClassVar[LearnerInfo] = LearnerInfo(
        name="decision-tree",
        family="decision trees",
        summary="a single decision tree of scikit-learn; stage 2 refits its leaves",
        form="vectors",
        rules=("refit", "retrain"),
        update_fields=("decay",),
        libraries=("scikit-learn",),
    )

    criterion: Criterion = "gini"
    max_depth: PositiveInt | None = None
    min_samples_leaf: PositiveInt = 1
    rule: Literal["refit", "retrain"] = "refit"
    decay: Share = 0.5

    @classmethod
    def suggest(cls, trial: optuna.Trial) -> Self:
        """Draw a configuration; depth is left to `min_samples_leaf`."""
        return cls(
            criterion=cast(Criterion, trial.suggest_categorical("criterion", get_args(Criterion))),
            min_samples_leaf=trial.suggest_int("min_samples_leaf", 1, 50, log=True),
            decay=trial.suggest_float("decay", 0.0, 0.95),
        )

    def fit(self, batch: Batch, seed: int) -> ForestState:
        """Grow the tree; the seed decides between splits that are equally good."""
        if len(batch) == 0:
            return ForestState.of([], np.empty(0, dtype=np.int64), batch.n_answers)
        tree = DecisionTreeClassifier(
            criterion=self.criterion,
            max_depth=self.max_depth,
            min_samples_leaf=self.min_samples_leaf,
            random_state=seed,
        ).fit(batch.inputs, batch.answers)
        return ForestState.of([tree.tree_], tree.classes_, batch.n_answers)

    def update(self, state: ForestState, batch: Batch, seed: int) -> ForestState:
        """Refit the leaves."""
        del seed
        return state.refit(batch, self.decay) if len(batch) else state
