"""LightGBM: stage 2 refits the leaves of the boosted trees, or boosts on."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

import lightgbm as lgb
import numpy as np
from annotated_types import Interval
from lightgbm import basic
from numpy.typing import NDArray

from iml_general.learner import (
    AffinityLearner,
    Batch,
    CheckpointLearner,
    Inputs,
    LearnerInfo,
    Probabilities,
    RepresentationLearner,
    Rows,
)
from iml_general.options import NotNegative, PositiveFloat, PositiveInt, PositiveShare, Share
from iml_general.regressor import NumberBatch, Regressor, Values
from learners.trees.leaf_affinity import leaf_affinity

if TYPE_CHECKING:
    import optuna

Leaves = Annotated[int, Interval(ge=2, le=131072)]  # the library's own bounds
PENALTIES = (0.0, 0.001, 0.01, 0.1, 1.0, 10.0)


@dataclass(frozen=True, eq=False)
class LightGBMState:
    """A booster, never changed once it is trained.

    Attributes:
        booster: None if there have been no rows to learn from.
        n_outputs: Sums of leaf values that answer a row: one for each answer class, or one for a number.
    """

    booster: lgb.Booster | None
    n_outputs: int


@dataclass(frozen=True)
class Boosted(CheckpointLearner[LightGBMState]):
    """Gradient boosting with LightGBM, whatever it answers with; defaults are its own.

    Attributes:
        n_estimators: Boosting rounds of `fit`, and of each `update` under the rule ``grow``.
        num_leaves: Most leaves of a tree.
        learning_rate: Shrinkage of every leaf value.
        min_child_samples: Fewest rows in a leaf when trees are grown.
        reg_lambda: L2 penalty on leaf values.
        colsample_bytree: Share of columns that a tree sees.
        rule: The update rule.
        decay: Under ``refit``, how much of every old leaf value stays; a leaf that no row of stage 2
            reaches shrinks by it.
    """

    length_field: ClassVar[str] = "n_estimators"

    n_estimators: PositiveInt = 100
    num_leaves: Leaves = 31
    learning_rate: PositiveFloat = 0.1
    min_child_samples: PositiveInt = 20
    reg_lambda: NotNegative = 0.0
    colsample_bytree: PositiveShare = 1.0
    rule: Literal["refit", "grow", "retrain"] = "refit"
    decay: Share = 0.9

    @classmethod
    def suggest(cls, trial: optuna.Trial) -> Self:
        """Draw a configuration."""
        return cls(
            n_estimators=trial.suggest_int("n_estimators", 50, 400, log=True),
            num_leaves=trial.suggest_int("num_leaves", 7, 127, log=True),
            learning_rate=trial.suggest_float("learning_rate", 0.02, 0.5, log=True),
            min_child_samples=trial.suggest_int("min_child_samples", 1, 50, log=True),
            # A logarithmic range would leave out the default, 0.
            reg_lambda=trial.suggest_categorical("reg_lambda", PENALTIES),
            colsample_bytree=trial.suggest_float("colsample_bytree", 0.3, 1.0),
            decay=trial.suggest_float("decay", 0.0, 0.95),
        )

    @abstractmethod
    def n_outputs(self, batch: Any) -> int:
        """How many sums of leaf values answer a row of a batch."""

    @abstractmethod
    def objective(self, n_outputs: int) -> dict[str, Any]:
        """Parameters of the library that say what is minimised."""

    def fit(self, batch: Any, seed: int) -> LightGBMState:
        """Boost from scratch."""
        return self._boost_on(LightGBMState(None, self.n_outputs(batch)), batch, seed)

    def fit_path(self, batch: Any, seed: int, lengths: Sequence[int]) -> Iterator[LightGBMState]:
        """Boost round by round, as the library's ``train`` does; see `CheckpointLearner.fit_path`."""
        n_outputs, n_rounds = self.n_outputs(batch), 0
        if len(batch) == 0:
            yield from (LightGBMState(None, n_outputs) for _ in lengths)
            return
        parameters = self._parameters(n_outputs, seed)
        rows = lgb.Dataset(batch.inputs, batch.answers, params=parameters)
        booster = lgb.Booster(parameters, rows)
        for length in lengths:
            for _ in range(n_rounds, length):
                booster.update()
            n_rounds = length
            yield LightGBMState(_copied(booster, parameters, rows), n_outputs)

    def update(self, state: LightGBMState, batch: Any, seed: int) -> LightGBMState:
        """Refit the leaves, or boost on."""
        if self.rule == "grow":
            return self._boost_on(state, batch, seed)
        return self._refit(state, batch)

    def _boost_on(self, state: LightGBMState, batch: Rows, seed: int) -> LightGBMState:
        if len(batch) == 0:
            return state
        parameters = self._parameters(state.n_outputs, seed)
        booster = lgb.train(
            parameters,
            lgb.Dataset(batch.inputs, batch.answers, params=parameters),
            self.n_estimators,
            init_model=state.booster,
            keep_training_booster=True,  # else the model goes through text and back: a fifth of the time
        )
        return LightGBMState(booster, state.n_outputs)

    def _refit(self, state: LightGBMState, batch: Rows) -> LightGBMState:
        if state.booster is None or len(batch) == 0:
            return state
        booster = state.booster.refit(
            batch.inputs, batch.answers, decay_rate=self.decay, num_threads=1, verbosity=-1
        )
        return LightGBMState(booster, state.n_outputs)

    def _parameters(self, n_outputs: int, seed: int) -> dict[str, Any]:
        return {
            **self.objective(n_outputs),
            "num_leaves": self.num_leaves,
            "learning_rate": self.learning_rate,
            "min_data_in_leaf": self.min_child_samples,
            "lambda_l2": self.reg_lambda,
            "feature_fraction": self.colsample_bytree,
            "seed": seed,
            "deterministic": True,
            "force_row_wise": True,
            "num_threads": 1,
            "verbosity": -1,
        }


@dataclass(frozen=True)
class LightGBM(Boosted, AffinityLearner[LightGBMState], RepresentationLearner[LightGBMState]):
    """LightGBM that answers with classes."""

    info: ClassVar[LearnerInfo] = LearnerInfo(
        name="lightgbm",
        family="boosting",
        summary="LightGBM; stage 2 refits its leaves or boosts on",
        form="vectors",
        rules=("refit", "grow", "retrain"),
        update_fields=("decay",),
        libraries=("lightgbm",),
    )

    def n_outputs(self, batch: Batch) -> int:
        """One sum for each class."""
        return batch.n_answers

    def objective(self, n_outputs: int) -> dict[str, Any]:
        """Cross-entropy of the softmax of the sums."""
        return {"objective": "multiclass", "num_class": n_outputs}

    def predict(self, state: LightGBMState, inputs: Inputs) -> Probabilities:
        """Softmax of the summed leaf values."""
        if state.booster is None or len(inputs) == 0:  # of no rows the library loses the shape
            return np.full((len(inputs), state.n_outputs), 1 / state.n_outputs)
        return _predict(state.booster, inputs)

    def affinity(
        self, state: LightGBMState, statements: Inputs, questions: Inputs, answers: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Share of trees in which statement and question fall in one leaf; a round has a tree per answer."""
        del answers
        return leaf_affinity(_leaves(state, statements), _leaves(state, questions))

    def step_size(self, n_rows: int) -> float:
        """Share of every leaf value that is replaced, see `AffinityLearner.step_size`."""
        del n_rows
        return 1 - self.decay if self.rule == "refit" else 0.0

    def represent(self, state: LightGBMState, inputs: Inputs) -> NDArray[np.float64]:
        """Give the leaf value of every tree, side by side: the prediction is the softmax of their sum."""
        if state.booster is None:
            return np.empty((len(inputs), 0))
        rounds = range(state.booster.current_iteration())
        return np.concatenate(
            [
                _predict(state.booster, inputs, raw_score=True, start_iteration=i, num_iteration=1)
                for i in rounds
            ],
            axis=1,
        )


@dataclass(frozen=True)
class LightGBMRegressor(Boosted, Regressor[LightGBMState]):
    """LightGBM that answers with numbers."""

    info: ClassVar[LearnerInfo] = replace(LightGBM.info, name="lightgbm-regressor")

    def n_outputs(self, batch: NumberBatch) -> int:
        """One sum, which is the answer."""
        del batch
        return 1

    def objective(self, n_outputs: int) -> dict[str, Any]:
        """Squared error."""
        del n_outputs
        return {"objective": "regression"}

    def predict(self, state: LightGBMState, inputs: Inputs) -> Values:
        """Give the sum of the leaf values; 0 if there were no rows to learn from."""
        if state.booster is None or len(inputs) == 0:
            return np.zeros(len(inputs))
        return _predict(state.booster, inputs)


def _copied(booster: lgb.Booster, parameters: dict[str, Any], rows: lgb.Dataset) -> lgb.Booster:
    """Copy a booster tree by tree, as the library's `refit` does inside.

    Its own copies go through text, in which a tree's shrinkage and the options lose digits, so that what they
    are refitted to differs in the eighth.
    """
    copy = lgb.Booster(parameters, rows)
    merged = basic._LIB.LGBM_BoosterMerge(copy._handle, booster._handle)  # type: ignore[attr-defined]
    basic._safe_call(merged)
    return copy


def _leaves(state: LightGBMState, inputs: Inputs) -> NDArray[np.int32]:
    """Leaf of every row in every tree, shape (n_rows, n_trees)."""
    if state.booster is None:
        return np.empty((len(inputs), 0), dtype=np.int32)
    return _predict(state.booster, inputs, pred_leaf=True)


def _predict(booster: lgb.Booster, inputs: Inputs, **options: Any) -> NDArray[Any]:
    # The library takes threads and verbosity anew in every call, not from the booster.
    return np.asarray(booster.predict(inputs, num_threads=1, verbosity=-1, **options))
