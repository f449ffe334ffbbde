"""CatBoost: stage 2 boosts on from the trees of stage 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self, cast

import numpy as np
from annotated_types import Interval
from catboost import CatBoostClassifier, Pool
from numpy.typing import NDArray

from iml_general.learner import (
    AffinityLearner,
    Batch,
    Inputs,
    LearnerInfo,
    Probabilities,
    RepresentationLearner,
)
from iml_general.options import NotNegative, PositiveFloat, PositiveInt, PositiveShare
from learners.trees.leaf_affinity import leaf_affinity

if TYPE_CHECKING:
    import optuna

Depth = Annotated[int, Interval(ge=1, le=16)]  # the library's own bounds
LEARNING_RATES = (None, 0.03, 0.06, 0.12, 0.25, 0.5)
PENALTIES = (None, 0.1, 0.3, 1.0, 3.0, 10.0)


@dataclass(frozen=True, eq=False)
class CatBoostState:
    """A fitted model, never changed.

    Attributes:
        model: None if there have been no rows to learn from.
        n_answers: Number of answer classes.
    """

    model: CatBoostClassifier | None
    n_answers: int


@dataclass(frozen=True)
class CatBoost(AffinityLearner[CatBoostState], RepresentationLearner[CatBoostState]):
    """Gradient boosting of symmetric trees with CatBoost; defaults are its own, but for `n_estimators`.

    Attributes:
        n_estimators: Boosting rounds of `fit`, and of each `update` under the rule ``grow``; there is
            one tree a round, whose leaves have a value for every answer. The library's 1000 take
            ten times as long as the 100 of the other boosting learners, and answer the rows of
            stage 1 hardly better (1.00 and 0.98 in the default world).
        learning_rate: Shrinkage of every leaf value. If not given, the library chooses it by the
            number of rows and of rounds, in each stage anew; but where `reg_lambda` is given, be it
            the library's own, it takes 0.03.
        max_depth: Depth of every tree, all nodes of a level having the same split.
        reg_lambda: L2 penalty on leaf values; the library's own, 3, if not given.
        random_strength: Scale of the noise in the scores of splits.
        bagging_temperature: How unequal the random weights of rows are; 0 for equal ones.
        colsample_bylevel: Share of columns that a split tries.
        rule: The update rule. The library has no refit of leaf values.
    """

    info: ClassVar[LearnerInfo] = LearnerInfo(
        name="catboost",
        family="boosting",
        summary="CatBoost; stage 2 boosts on",
        form="vectors",
        rules=("grow", "retrain"),
        libraries=("catboost",),
    )

    n_estimators: PositiveInt = 100
    learning_rate: PositiveFloat | None = None
    max_depth: Depth = 6
    reg_lambda: NotNegative | None = None
    random_strength: NotNegative = 1.0
    bagging_temperature: NotNegative = 1.0
    colsample_bylevel: PositiveShare = 1.0
    rule: Literal["grow", "retrain"] = "grow"

    @classmethod
    def suggest(cls, trial: optuna.Trial) -> Self:
        """Draw a configuration."""
        return cls(
            n_estimators=trial.suggest_int("n_estimators", 25, 200, log=True),
            # Not ranges: the defaults, the library's own choices, are to be among them.
            learning_rate=cast(float | None, trial.suggest_categorical("learning_rate", LEARNING_RATES)),
            max_depth=trial.suggest_int("max_depth", 2, 8),
            reg_lambda=cast(float | None, trial.suggest_categorical("reg_lambda", PENALTIES)),
            random_strength=trial.suggest_float("random_strength", 0.0, 4.0),
            bagging_temperature=trial.suggest_float("bagging_temperature", 0.0, 2.0),
            colsample_bylevel=trial.suggest_float("colsample_bylevel", 0.3, 1.0),
        )

    def fit(self, batch: Batch, seed: int) -> CatBoostState:
        """Boost from scratch."""
        return self.update(CatBoostState(None, batch.n_answers), batch, seed)

    def update(self, state: CatBoostState, batch: Batch, seed: int) -> CatBoostState:
        """Boost on; the library makes a new model that begins with the old one's trees."""
        if len(batch) == 0:
            return state
        model = CatBoostClassifier(
            n_estimators=self.n_estimators,
            learning_rate=self.learning_rate,
            max_depth=self.max_depth,
            reg_lambda=self.reg_lambda,
            random_strength=self.random_strength,
            bagging_temperature=self.bagging_temperature,
            colsample_bylevel=self.colsample_bylevel,
            loss_function="MultiClass",
            classes_count=batch.n_answers,
            bootstrap_type="Bayesian",  # what the library takes for this loss by itself, too
            random_seed=seed,
            thread_count=1,
            logging_level="Silent",
            allow_writing_files=False,
        )
        model.fit(_pool(batch), init_model=state.model)
        return CatBoostState(model, state.n_answers)

    def predict(self, state: CatBoostState, inputs: Inputs) -> Probabilities:
        """Softmax of the summed leaf values."""
        if state.model is None or len(inputs) == 0:  # of no rows the library complains on the console
            return np.full((len(inputs), state.n_answers), 1 / state.n_answers)
        return np.asarray(state.model.predict_proba(inputs, thread_count=1))

    def affinity(
        self, state: CatBoostState, statements: Inputs, questions: Inputs, answers: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Share of trees, one a round, in which statement and question fall in one leaf."""
        del answers
        return leaf_affinity(_leaves(state, statements), _leaves(state, questions))

    def step_size(self, n_rows: int) -> float:
        """Give 0: no rule changes the leaves that are there; see `AffinityLearner.step_size`."""
        del n_rows
        return 0.0

    def represent(self, state: CatBoostState, inputs: Inputs) -> NDArray[np.float64]:
        """Give the leaf values of every tree, side by side: the prediction is the softmax of their sum."""
        if state.model is None:
            return np.empty((len(inputs), 0))
        values = state.model.get_leaf_values().reshape(-1, state.n_answers)
        sizes = np.asarray(state.model.get_tree_leaf_counts(), dtype=np.int64)
        rows = _leaves(state, inputs) + np.cumsum(sizes) - sizes
        return np.asarray(values[rows].reshape(len(inputs), -1))


def _pool(batch: Batch) -> Pool:
    """The rows, with some of weight 0 where the library would refuse them.

    It knows only answers that it sees, so it is shown one row of every other; and it takes no rows whose
    columns are all constant or whose answers are all the same.
    """
    absent = np.setdiff1d(np.arange(batch.n_answers), batch.answers)
    constant = bool((batch.inputs == batch.inputs[0]).all())
    more = np.concatenate([absent, batch.answers[: int(constant)]])
    inputs = np.concatenate([batch.inputs, np.repeat(batch.inputs[:1] + constant, len(more), axis=0)])
    return Pool(
        inputs.astype(np.float32),
        np.concatenate([batch.answers, more]),
        weight=np.repeat([1.0, 0.0], [len(batch), len(more)]) if len(more) else None,
        thread_count=1,
    )


def _leaves(state: CatBoostState, inputs: Inputs) -> NDArray[np.int64]:
    """Leaf of every row in every tree, shape (n_rows, n_trees)."""
    if state.model is None:
        return np.empty((len(inputs), 0), dtype=np.int64)
    return np.asarray(state.model.calc_leaf_indexes(inputs, thread_count=1), dtype=np.int64)
