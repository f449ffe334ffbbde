"""XGBoost: stage 2 refreshes the leaves of the boosted trees, or boosts on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

import numpy as np
import xgboost as xgb
from numpy.typing import NDArray
from scipy.special import softmax

from iml_general.learner import (
    AffinityLearner,
    Batch,
    Inputs,
    LearnerInfo,
    Probabilities,
    RepresentationLearner,
)
from iml_general.options import NotNegative, PositiveFloat, PositiveInt, PositiveShare, Share
from learners.trees.leaf_affinity import leaf_affinity

if TYPE_CHECKING:
    import optuna

Margins = NDArray[np.float32]

Stack = tuple[tuple[xgb.Booster, float], ...]
"""Boosters of one structure, each with its weight; the weights sum to 1.

Margins are sums of leaf values, so weighting the margins of such boosters is the same as weighting
their leaf values - without rewriting a model.
"""


@dataclass(frozen=True, eq=False)
class XGBoostState:
    """What was boosted, in order: each stack goes on from the margins of those before it.

    Attributes:
        stacks: One from `XGBoost.fit`, one more from each update that boosts on; none if there has
            been nothing to learn from.
        n_answers: Number of answer classes.
    """

    stacks: tuple[Stack, ...]
    n_answers: int


@dataclass(frozen=True)
class XGBoost(AffinityLearner[XGBoostState], RepresentationLearner[XGBoostState]):
    """Gradient boosting with XGBoost; defaults are its own.

    Attributes:
        n_estimators: Boosting rounds of `fit`, and of each `update` under the rule ``grow``.
        max_depth: Largest depth of a tree.
        learning_rate: Shrinkage of every leaf value.
        min_child_weight: Least sum of second derivatives in a leaf. XGBoost's refresh sets leaves
            below it to 0, so it matters in both stages.
        reg_lambda: L2 penalty on leaf values.
        subsample: Share of rows that a round sees.
        colsample_bytree: Share of columns that a tree sees.
        rule: The update rule.
        decay: Under ``refit``, how much of every old leaf value stays. 0 is the library's refresh, in
            which a leaf that no row of stage 2 reaches becomes 0.
    """

    info: ClassVar[LearnerInfo] = LearnerInfo(
        name="xgboost",
        family="boosting",
        summary="XGBoost; stage 2 refreshes its leaves or boosts on",
        form="vectors",
        rules=("refit", "grow", "retrain"),
        update_fields=("decay",),
        libraries=("xgboost",),
    )

    n_estimators: PositiveInt = 100
    max_depth: PositiveInt = 6
    learning_rate: PositiveFloat = 0.3
    min_child_weight: NotNegative = 1.0
    reg_lambda: NotNegative = 1.0
    subsample: PositiveShare = 1.0
    colsample_bytree: PositiveShare = 1.0
    rule: Literal["refit", "grow", "retrain"] = "refit"
    decay: Share = 0.0

    @classmethod
    def suggest(cls, trial: optuna.Trial) -> Self:
        """Draw a configuration."""
        return cls(
            n_estimators=trial.suggest_int("n_estimators", 50, 400, log=True),
            max_depth=trial.suggest_int("max_depth", 2, 10),
            learning_rate=trial.suggest_float("learning_rate", 0.02, 0.5, log=True),
            min_child_weight=trial.suggest_float("min_child_weight", 0.05, 10.0, log=True),
            reg_lambda=trial.suggest_float("reg_lambda", 0.01, 10.0, log=True),
            subsample=trial.suggest_float("subsample", 0.5, 1.0),
            colsample_bytree=trial.suggest_float("colsample_bytree", 0.3, 1.0),
            decay=trial.suggest_float("decay", 0.0, 0.95),
        )

    def fit(self, batch: Batch, seed: int) -> XGBoostState:
        """Boost from scratch."""
        return self._boost_on(XGBoostState((), batch.n_answers), batch, seed)

    def update(self, state: XGBoostState, batch: Batch, seed: int) -> XGBoostState:
        """Refresh the leaves, or boost on."""
        if self.rule == "grow":
            return self._boost_on(state, batch, seed)
        return self._refresh(state, batch, seed)

    def predict(self, state: XGBoostState, inputs: Inputs) -> Probabilities:
        """Softmax of the margins."""
        margins = _margins(state.stacks, inputs) if len(inputs) else None  # of no rows it loses the shape
        if margins is None:
            return np.full((len(inputs), state.n_answers), 1 / state.n_answers)
        return np.asarray(softmax(margins.astype(np.float64), axis=1))

    def affinity(
        self, state: XGBoostState, statements: Inputs, questions: Inputs, answers: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Share of trees in which statement and question fall in one leaf; a round has a tree per answer."""
        del answers
        return leaf_affinity(_leaves(state.stacks, statements), _leaves(state.stacks, questions))

    def step_size(self, n_rows: int) -> float:
        """Share of every leaf value that is replaced, see `AffinityLearner.step_size`."""
        del n_rows
        return 1 - self.decay if self.rule == "refit" else 0.0

    def represent(self, state: XGBoostState, inputs: Inputs) -> NDArray[np.float32]:
        """Give the leaf value of every tree, side by side: the margins are their sum and an intercept."""
        nothing = np.zeros((len(inputs), state.n_answers), dtype=np.float32)
        rounds = [
            _weigh(stack, inputs, nothing, rounds=(i, i + 1))
            for stack in state.stacks
            for i in range(stack[0][0].num_boosted_rounds())
        ]
        return np.concatenate([nothing[:, :0], *rounds], axis=1)

    def _boost_on(self, state: XGBoostState, batch: Batch, seed: int) -> XGBoostState:
        """Add a stack fitted to what the state leaves unexplained of a batch.

        This is XGBoost's continued training (``xgb_model``), which isn't used because it doesn't seed
        its sampling of rows and columns: the result would depend on what the process trained before.
        """
        if len(batch) == 0:
            return state
        rows = _matrix(batch, _margins(state.stacks, batch.inputs))
        booster = xgb.train(self._parameters(batch.n_answers, seed), rows, self.n_estimators)
        return XGBoostState((*state.stacks, ((booster, 1.0),)), state.n_answers)

    def _refresh(self, state: XGBoostState, batch: Batch, seed: int) -> XGBoostState:
        """Keep every structure, take new leaf values from a batch."""
        if len(batch) == 0:
            return state
        parameters = self._parameters(batch.n_answers, seed)
        parameters |= {"process_type": "update", "updater": "refresh", "refresh_leaf": True}
        fresh: tuple[Stack, ...] = ()
        blended: tuple[Stack, ...] = ()
        for stack in state.stacks:
            # What a leaf becomes depends on the structure alone, so one booster speaks for its stack.
            model = stack[0][0]
            rows = _matrix(batch, _margins(fresh, batch.inputs))
            booster = xgb.train(parameters, rows, model.num_boosted_rounds(), xgb_model=model)
            fresh = (*fresh, ((booster, 1.0),))
            blended = (*blended, _blend(stack, booster, self.decay))
        return XGBoostState(blended, state.n_answers)

    def _parameters(self, n_answers: int, seed: int) -> dict[str, Any]:
        return {
            "objective": "multi:softprob",
            "num_class": n_answers,
            "max_depth": self.max_depth,
            "learning_rate": self.learning_rate,
            "min_child_weight": self.min_child_weight,
            "reg_lambda": self.reg_lambda,
            "subsample": self.subsample,
            "colsample_bytree": self.colsample_bytree,
            "tree_method": "hist",
            "seed": seed,
            "nthread": 1,
            "verbosity": 0,
        }


def _blend(stack: Stack, fresh: xgb.Booster, decay: float) -> Stack:
    """Weight a stack by `decay` and its refreshed booster by the rest, leaving out what weighs nothing."""
    blend = (*((booster, decay * weight) for booster, weight in stack), (fresh, 1 - decay))
    return tuple((booster, weight) for booster, weight in blend if weight > 0)


def _margins(stacks: tuple[Stack, ...], inputs: Inputs) -> Margins | None:
    """Margins of shape (n_rows, n_answers), or None if there are no stacks."""
    margins = None
    for stack in stacks:
        # Weights sum to 1: the margins so far, or the booster's intercept, count once in all.
        margins = _weigh(stack, inputs, margins)
    return margins


def _weigh(stack: Stack, inputs: Inputs, base: Margins | None, rounds: tuple[int, int] = (0, 0)) -> Margins:
    """Weighted margins of a stack's boosters, on top of `base`; `rounds` (0, 0) means all of them."""
    margins = [
        np.float32(weight)
        * booster.inplace_predict(inputs, predict_type="margin", base_margin=base, iteration_range=rounds)
        for booster, weight in stack
    ]
    return np.asarray(np.sum(margins, axis=0))


def _leaves(stacks: tuple[Stack, ...], inputs: Inputs) -> NDArray[np.float32]:
    """Leaf of every row in every tree, shape (n_rows, n_trees); one booster speaks for each stack."""
    rows = xgb.DMatrix(inputs, nthread=1)
    leaves = [stack[0][0].predict(rows, pred_leaf=True).reshape(len(inputs), -1) for stack in stacks]
    return np.concatenate([np.empty((len(inputs), 0), dtype=np.float32), *leaves], axis=1)


def _matrix(batch: Batch, margins: Margins | None) -> xgb.DMatrix:
    return xgb.DMatrix(batch.inputs, batch.answers, base_margin=margins, nthread=1)
