"""Random forest and extra trees: scikit-learn grows the trees, stage 2 refits or adds to them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self, cast

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.utils import check_random_state

from iml_general.learner import (
    AffinityLearner,
    Batch,
    CheckpointLearner,
    Inputs,
    LearnerInfo,
    Probabilities,
    RepresentationLearner,
)
from iml_general.options import PositiveInt, PositiveShare, Share
from learners.trees.forest_state import ForestState
from learners.trees.leaf_affinity import leaf_affinity

if TYPE_CHECKING:
    import optuna

COLUMNS = ("sqrt", "log2", 0.05, 0.1, 0.2, 0.4, 0.7, 1.0)
RULES = ("refit", "grow", "retrain")


class TreeLearner(AffinityLearner[ForestState], RepresentationLearner[ForestState]):
    """What is read off a forest's state, be it of one tree.

    Attributes:
        rule: The update rule.
        decay: Under ``refit``, how much of a leaf's old distribution stays.
    """

    rule: str
    decay: Share

    def predict(self, state: ForestState, inputs: Inputs) -> Probabilities:
        """Average the leaf distributions of all trees."""
        return state.predict(inputs)

    def affinity(
        self, state: ForestState, statements: Inputs, questions: Inputs, answers: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Share of trees in which statement and question fall in one leaf, whatever the answer."""
        del answers
        return leaf_affinity(state.leaves(statements), state.leaves(questions))

    def represent(self, state: ForestState, inputs: Inputs) -> NDArray[np.float64]:
        """Give the answers of every tree side by side: what the prediction is a linear function of."""
        return np.concatenate([np.empty((len(inputs), 0)), *state.by_tree(inputs)], axis=1)

    def step_size(self, n_rows: int) -> float:
        """Share of every leaf's distribution that is replaced; see `AffinityLearner.step_size`."""
        del n_rows
        return 1 - self.decay if self.rule == "refit" else 0.0


@dataclass(frozen=True)
class Forest(CheckpointLearner[ForestState]):
    """What all forests share, whatever they answer with; defaults are scikit-learn's.

    Attributes:
        estimator: The scikit-learn class that grows the trees.
        n_estimators: Trees grown by `fit`, and by each `update` under the rule ``grow``.
        max_features: Columns tried at each split: a rule of thumb or a share of all columns.
        max_depth: Largest depth of a tree; no limit if not given.
        min_samples_leaf: Fewest rows in a leaf.
        bootstrap: Whether every tree sees a sample of the rows, drawn with replacement.
        rule: The update rule.
        decay: Under ``refit``, how much of a leaf's old answer stays.
    """

    length_field: ClassVar[str] = "n_estimators"
    estimator: ClassVar[Any]

    n_estimators: PositiveInt = 100
    max_features: Literal["sqrt", "log2"] | PositiveShare = "sqrt"
    max_depth: PositiveInt | None = None
    min_samples_leaf: PositiveInt = 1
    bootstrap: bool = True
    rule: Literal["refit", "grow", "retrain"] = "refit"
    decay: Share = 0.5

    @classmethod
    def suggest(cls, trial: optuna.Trial) -> Self:
        """Draw a configuration; depth is left to `min_samples_leaf`."""
        return cls(
            n_estimators=trial.suggest_int("n_estimators", 50, 400, log=True),
            # Not a range of shares alone: the default, a rule of thumb, is to be among them.
            max_features=cast(
                Literal["sqrt", "log2"] | float, trial.suggest_categorical("max_features", COLUMNS)
            ),
            min_samples_leaf=trial.suggest_int("min_samples_leaf", 1, 20, log=True),
            bootstrap=trial.suggest_categorical("bootstrap", [False, True]),
            decay=trial.suggest_float("decay", 0.0, 0.95),
        )

    @abstractmethod
    def planted(self, trees: Sequence[Any], batch: Any) -> ForestState:
        """Make a state of grown trees.

        Args:
            trees: The ``tree_`` of each; none if there were no rows.
            batch: The rows that they were grown on.
        """

    @abstractmethod
    def refitted(self, state: ForestState, batch: Any) -> ForestState:
        """Refit the leaves of a state to the rows of stage 2."""

    def fit(self, batch: Any, seed: int) -> ForestState:
        """Grow a forest."""
        return self._grow(batch, seed, n_grown=0)

    def fit_path(self, batch: Any, seed: int, lengths: Sequence[int]) -> Iterator[ForestState]:
        """Grow a forest tree by tree; see `CheckpointLearner.fit_path`.

        scikit-learn draws a seed for every tree, in their order, so that a smaller forest has the first ones.
        """
        forest = self._estimator(seed).set_params(warm_start=True)
        for length in lengths:
            if len(batch):
                forest.set_params(n_estimators=length).fit(batch.inputs, batch.answers)
            grown = forest.estimators_ if len(batch) else []
            yield self.planted([estimator.tree_ for estimator in grown], batch)

    def update(self, state: ForestState, batch: Any, seed: int) -> ForestState:
        """Refit the leaves, or add a forest grown on stage 2 alone."""
        if len(batch) == 0:
            return state
        if self.rule == "grow":
            # This is scikit-learn's warm start, tree for tree. Its own `fit(warm_start=True)` would take
            # the classes of stage 2 for all there are, and it changes the fitted forest in place.
            return state + self._grow(batch, seed, n_grown=len(state.trees))
        return self.refitted(state, batch)

    def _grow(self, batch: Any, seed: int, n_grown: int) -> ForestState:
        if len(batch) == 0:
            return self.planted([], batch)
        random_state = check_random_state(seed)
        # One draw per tree already grown, as the warm start has it: new trees get randomness of their own.
        random_state.randint(np.iinfo(np.int32).max, size=n_grown)
        forest = self._estimator(random_state).fit(batch.inputs, batch.answers)
        return self.planted([estimator.tree_ for estimator in forest.estimators_], batch)

    def _estimator(self, random_state: Any) -> Any:
        return self.estimator(
            n_estimators=self.n_estimators,
            max_features=self.max_features,
            max_depth=self.max_depth,
            min_samples_leaf=self.min_samples_leaf,
            bootstrap=self.bootstrap,
            random_state=random_state,
            n_jobs=1,
        )


@dataclass(frozen=True)
class ForestClassifier(Forest, TreeLearner):
    """A forest that answers with classes."""

    def planted(self, trees: Sequence[Any], batch: Batch) -> ForestState:
        """Take over the trees' own answers; see `Forest.planted`."""
        return ForestState.of(trees, np.unique(batch.answers), batch.n_answers)

    def refitted(self, state: ForestState, batch: Batch) -> ForestState:
        """Move distributions towards the answers of stage 2; see `Forest.refitted`."""
        return state.refit(batch, self.decay)


@dataclass(frozen=True)
class RandomForest(ForestClassifier):
    """Random forest: the best of many split points, on bootstrap samples."""

    info: ClassVar[LearnerInfo] = LearnerInfo(
        name="random-forest",
        family="forests",
        summary="random forest of scikit-learn; stage 2 refits its leaves or adds trees",
        form="vectors",
        rules=RULES,
        update_fields=("decay",),
        libraries=("scikit-learn",),
    )
    estimator: ClassVar[Any] = RandomForestClassifier


@dataclass(frozen=True)
class ExtraTrees(ForestClassifier):
    """Extra trees: one random split point per column tried, on all rows."""

    info: ClassVar[LearnerInfo] = LearnerInfo(
        name="extra-trees",
        family="forests",
        summary="extremely randomised trees of scikit-learn; stage 2 refits their leaves or adds trees",
        form="vectors",
        rules=RULES,
        update_fields=("decay",),
        libraries=("scikit-learn",),
    )
    estimator: ClassVar[Any] = ExtraTreesClassifier

    bootstrap: bool = False
