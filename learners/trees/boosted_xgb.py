"""XGBoost: stage 2 refreshes the leaves of the boosted trees, or boosts on."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

import numpy as np
import xgboost as xgb
from numpy.typing import NDArray
from scipy.special import softmax

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
from iml_general.plugins.threads import one_thread
from iml_general.regressor import NumberBatch, Regressor, Values
from learners.trees.leaf_affinity import leaf_affinity
from learners.trees.xgboost_stacks import Stack, blended, leaves_of, margins_of, matrix, weighed

if TYPE_CHECKING:
    import optuna


@dataclass(frozen=True, eq=False)
class XGBoostState:
    """What was boosted, in order: each stack goes on from the margins of those before it.

    Attributes:
        stacks: One from `Boosted.fit`, one more from each update that boosts on; none if there has
            been nothing to learn from.
        n_outputs: Margins of a row: one for each answer class, or one for a number.
    """

    stacks: tuple[Stack, ...]
    n_outputs: int


@dataclass(frozen=True)
class Boosted(CheckpointLearner[XGBoostState]):
    """Gradient boosting with XGBoost, whatever it answers with; defaults are its own.

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

    length_field: ClassVar[str] = "n_estimators"

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

    @abstractmethod
    def n_outputs(self, batch: Any) -> int:
        """How many margins answer a row of a batch."""

    @abstractmethod
    def objective(self, n_outputs: int) -> dict[str, Any]:
        """Parameters of the library that say what is minimised."""

    def fit(self, batch: Any, seed: int) -> XGBoostState:
        """Boost from scratch."""
        return self._boost_on(XGBoostState((), self.n_outputs(batch)), batch, seed)

    def fit_path(self, batch: Any, seed: int, lengths: Sequence[int]) -> Iterator[XGBoostState]:
        """Boost round by round, as the library's ``train`` does; see `CheckpointLearner.fit_path`."""
        n_outputs, n_rounds = self.n_outputs(batch), 0
        if len(batch) == 0:
            yield from (XGBoostState((), n_outputs) for _ in lengths)
            return
        rows = matrix(batch, None)
        booster = xgb.Booster(self._parameters(n_outputs, seed), [rows])
        for length in lengths:
            for number in range(n_rounds, length):
                booster.update(rows, number)
            n_rounds = length
            with one_thread():  # as in `_refresh`
                copied = booster.copy()
            yield XGBoostState((((copied, 1.0),),), n_outputs)

    def update(self, state: XGBoostState, batch: Any, seed: int) -> XGBoostState:
        """Refresh the leaves, or boost on."""
        if self.rule == "grow":
            return self._boost_on(state, batch, seed)
        return self._refresh(state, batch, seed)

    def _boost_on(self, state: XGBoostState, batch: Rows, seed: int) -> XGBoostState:
        """Add a stack fitted to what the state leaves unexplained of a batch.

        This is XGBoost's continued training (``xgb_model``), which isn't used because it doesn't seed
        its sampling of rows and columns: the result would depend on what the process trained before.
        """
        if len(batch) == 0:
            return state
        rows = matrix(batch, margins_of(state.stacks, batch.inputs))
        booster = xgb.train(self._parameters(state.n_outputs, seed), rows, self.n_estimators)
        return XGBoostState((*state.stacks, ((booster, 1.0),)), state.n_outputs)

    def _refresh(self, state: XGBoostState, batch: Rows, seed: int) -> XGBoostState:
        """Keep every structure, take new leaf values from a batch."""
        if len(batch) == 0:
            return state
        parameters = self._parameters(state.n_outputs, seed)
        parameters |= {"process_type": "update", "updater": "refresh", "refresh_leaf": True}
        fresh: tuple[Stack, ...] = ()
        stacks: tuple[Stack, ...] = ()
        for stack in state.stacks:
            # What a leaf becomes depends on the structure alone, so one booster speaks for its stack.
            model = stack[0][0]
            rows = matrix(batch, margins_of(fresh, batch.inputs))
            with one_thread():  # until it has read a model, the library does not know that it is to use one
                booster = xgb.train(parameters, rows, model.num_boosted_rounds(), xgb_model=model)
            fresh = (*fresh, ((booster, 1.0),))
            stacks = (*stacks, blended(stack, booster, self.decay))
        return XGBoostState(stacks, state.n_outputs)

    def _parameters(self, n_outputs: int, seed: int) -> dict[str, Any]:
        return {
            **self.objective(n_outputs),
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


@dataclass(frozen=True)
class XGBoost(Boosted, AffinityLearner[XGBoostState], RepresentationLearner[XGBoostState]):
    """XGBoost that answers with classes."""

    info: ClassVar[LearnerInfo] = LearnerInfo(
        name="xgboost",
        family="boosting",
        summary="XGBoost; stage 2 refreshes its leaves or boosts on",
        form="vectors",
        rules=("refit", "grow", "retrain"),
        update_fields=("decay",),
        libraries=("xgboost",),
    )

    def n_outputs(self, batch: Batch) -> int:
        """One margin for each class."""
        return batch.n_answers

    def objective(self, n_outputs: int) -> dict[str, Any]:
        """Cross-entropy of the softmax of the margins."""
        return {"objective": "multi:softprob", "num_class": n_outputs}

    def predict(self, state: XGBoostState, inputs: Inputs) -> Probabilities:
        """Softmax of the margins."""
        margins = margins_of(state.stacks, inputs) if len(inputs) else None  # of no rows it loses the shape
        if margins is None:
            return np.full((len(inputs), state.n_outputs), 1 / state.n_outputs)
        return np.asarray(softmax(margins.astype(np.float64), axis=1))

    def affinity(
        self, state: XGBoostState, statements: Inputs, questions: Inputs, answers: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Share of trees in which statement and question fall in one leaf; a round has a tree per answer."""
        del answers
        return leaf_affinity(leaves_of(state.stacks, statements), leaves_of(state.stacks, questions))

    def step_size(self, n_rows: int) -> float:
        """Share of every leaf value that is replaced, see `AffinityLearner.step_size`."""
        del n_rows
        return 1 - self.decay if self.rule == "refit" else 0.0

    def represent(self, state: XGBoostState, inputs: Inputs) -> NDArray[np.float32]:
        """Give the leaf value of every tree, side by side: the margins are their sum and an intercept."""
        nothing = np.zeros((len(inputs), state.n_outputs), dtype=np.float32)
        rounds = [
            weighed(stack, inputs, nothing, rounds=(i, i + 1))
            for stack in state.stacks
            for i in range(stack[0][0].num_boosted_rounds())
        ]
        return np.concatenate([nothing[:, :0], *rounds], axis=1)


@dataclass(frozen=True)
class XGBoostRegressor(Boosted, Regressor[XGBoostState]):
    """XGBoost that answers with numbers."""

    info: ClassVar[LearnerInfo] = replace(XGBoost.info, name="xgboost-regressor")

    def n_outputs(self, batch: NumberBatch) -> int:
        """One margin, which is the answer."""
        del batch
        return 1

    def objective(self, n_outputs: int) -> dict[str, Any]:
        """Squared error."""
        del n_outputs
        return {"objective": "reg:squarederror"}

    def predict(self, state: XGBoostState, inputs: Inputs) -> Values:
        """Give the margin; 0 if there were no rows to learn from."""
        margins = margins_of(state.stacks, inputs) if len(inputs) else None
        return np.zeros(len(inputs)) if margins is None else margins.astype(np.float64)
