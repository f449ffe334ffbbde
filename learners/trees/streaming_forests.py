"""Forests that learn from one row after another: adaptive random forest and Mondrian forest, by river.

They are written in Python: 500 to 1,000 rows a second with their defaults, so that a seed of the default
world takes one minute of the adaptive forest and 20 seconds of the Mondrian forest.
"""

from __future__ import annotations

import copy
from abc import abstractmethod
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self, cast

import numpy as np
from river.forest import AMFClassifier, ARFClassifier

from iml_general.learner import Batch, Inputs, Learner, LearnerInfo, Probabilities
from iml_general.options import OpenShare, PositiveFloat, PositiveInt, PositiveShare

if TYPE_CHECKING:
    import optuna

Columns = Literal["sqrt", "log2"] | PositiveShare
COLUMNS = ("sqrt", "log2", 0.05, 0.1, 0.2, 0.4, 0.7, 1.0)


@dataclass(frozen=True, eq=False)
class StreamState:
    """A model in the middle of its stream, never changed once it is in a state.

    Attributes:
        model: A ``river.base.Classifier`` with its own random generator; None if it has read no rows.
        n_answers: Number of answer classes.
    """

    model: Any
    n_answers: int


class StreamLearner(Learner[StreamState]):
    """A learner that reads every row once, in an order drawn from the seed.

    A stage has no order, and a stream's outcome depends on it: so the order is drawn, lest groups of rows
    come in blocks. Under ``continue`` a copy of the model goes on reading, its own random numbers
    going on too; under ``retrain`` the rows of both stages come mixed.
    """

    @abstractmethod
    def unread(self, seed: int) -> Any:
        """Make a model that has read nothing.

        Args:
            seed: In [0, 2**31).

        Returns:
            A ``river.base.Classifier``.
        """

    def fit(self, batch: Batch, seed: int) -> StreamState:
        """Read the rows of stage 1."""
        return self.update(StreamState(None, batch.n_answers), batch, seed)

    def update(self, state: StreamState, batch: Batch, seed: int) -> StreamState:
        """Read on."""
        if len(batch) == 0:
            return state
        model = copy.deepcopy(state.model) if state.model is not None else self.unread(seed)
        answers = batch.answers.tolist()
        for row in np.random.default_rng(seed).permutation(len(batch)):
            model.learn_one(_features(batch.inputs[row]), answers[row])
        return replace(state, model=model)

    def predict(self, state: StreamState, inputs: Inputs) -> Probabilities:
        """Give the model's probabilities, 0 for an answer that it has not met; uniform if it can't say."""
        p = np.zeros((len(inputs), state.n_answers))
        if state.model is not None:  # one that has read nothing would be changed by being asked
            for row, found in zip(inputs, p, strict=True):
                for answer, probability in state.model.predict_proba_one(_features(row)).items():
                    found[answer] = probability
        sums = p.sum(axis=1, keepdims=True)
        return np.where(sums > 0, p / np.where(sums > 0, sums, 1.0), 1 / state.n_answers)


@dataclass(frozen=True)
class AdaptiveRandomForest(StreamLearner):
    """Adaptive random forest: Hoeffding trees that are replaced when their errors drift.

    Defaults are river's, but for `tau`. With the library's 0.05 a tree splits only once its rows make
    one split better than the next beyond doubt, which in noiseless answers of many columns takes far
    more rows than a study has: it answers 0.41 of the rows that it has read rightly.

    Attributes:
        n_models: Trees.
        max_features: Columns that a leaf watches: a rule of thumb or a share of all columns.
        lambda_value: Mean number of times that a tree reads a row.
        grace_period: Rows that a leaf reads between two attempts to split.
        delta: Allowed error of the decision to split; the nearer to 1, the sooner.
        tau: Two splits nearer to each other than this are tied, and one of them is made: at 1 the best
            one, after every grace period.
        rule: The update rule.
    """

    info: ClassVar[LearnerInfo] = LearnerInfo(
        name="adaptive-random-forest",
        family="streaming forests",
        summary="adaptive random forest (river); stage 2 is read on, row by row",
        form="vectors",
        rules=("continue", "retrain"),
        libraries=("river",),
    )

    n_models: PositiveInt = 10
    max_features: Columns = "sqrt"
    lambda_value: PositiveInt = 6
    grace_period: PositiveInt = 50
    delta: OpenShare = 0.01
    tau: PositiveFloat = 1.0
    rule: Literal["continue", "retrain"] = "continue"

    @classmethod
    def suggest(cls, trial: optuna.Trial) -> Self:
        """Draw a configuration; the upper ends are what time allows."""
        return cls(
            n_models=trial.suggest_int("n_models", 5, 20, log=True),
            max_features=cast(Columns, trial.suggest_categorical("max_features", COLUMNS)),
            lambda_value=trial.suggest_int("lambda_value", 1, 12, log=True),
            grace_period=trial.suggest_int("grace_period", 5, 200, log=True),
            delta=trial.suggest_float("delta", 1e-7, 0.5, log=True),
            tau=trial.suggest_float("tau", 0.01, 1.0, log=True),
        )

    def unread(self, seed: int) -> ARFClassifier:
        """Make an empty forest."""
        return ARFClassifier(
            n_models=self.n_models,
            max_features=self.max_features,  # type: ignore[arg-type]  # river's annotation lacks the shares
            lambda_value=self.lambda_value,
            grace_period=self.grace_period,
            delta=self.delta,
            tau=self.tau,
            seed=seed,
        )


@dataclass(frozen=True)
class MondrianForest(StreamLearner):
    """Aggregated Mondrian forest: random trees that refine themselves around the rows they read.

    Where a tree splits depends on the columns alone, never on the answers; those decide how much each
    node on the way to a leaf is listened to. Defaults are river's. The library takes columns to lie
    in 0 .. 1, as bits and one-hot codes do.

    Attributes:
        n_estimators: Trees.
        step: Learning rate of the weights by which nodes on one path are mixed.
        use_aggregation: Whether they are mixed; otherwise the leaf answers alone.
        dirichlet: Added to the count of every answer in a node.
        split_pure: Whether nodes of a single answer are split too.
        rule: The update rule.
    """

    info: ClassVar[LearnerInfo] = LearnerInfo(
        name="mondrian-forest",
        family="streaming forests",
        summary="aggregated Mondrian forest (river); stage 2 is read on, row by row",
        form="vectors",
        rules=("continue", "retrain"),
        libraries=("river",),
    )

    n_estimators: PositiveInt = 10
    step: PositiveFloat = 1.0
    use_aggregation: bool = True
    dirichlet: PositiveFloat = 0.5
    split_pure: bool = False
    rule: Literal["continue", "retrain"] = "continue"

    @classmethod
    def suggest(cls, trial: optuna.Trial) -> Self:
        """Draw a configuration; the upper end of the trees is what time allows."""
        return cls(
            n_estimators=trial.suggest_int("n_estimators", 5, 20, log=True),
            step=trial.suggest_float("step", 0.1, 10.0, log=True),
            use_aggregation=trial.suggest_categorical("use_aggregation", [False, True]),
            dirichlet=trial.suggest_float("dirichlet", 0.01, 1.0, log=True),
            split_pure=trial.suggest_categorical("split_pure", [False, True]),
        )

    def unread(self, seed: int) -> AMFClassifier:
        """Make an empty forest."""
        return AMFClassifier(
            n_estimators=self.n_estimators,
            step=self.step,
            use_aggregation=self.use_aggregation,
            dirichlet=self.dirichlet,
            split_pure=self.split_pure,
            seed=seed,
        )


def _features(row: Inputs) -> dict[int, float]:
    """A row as river has it: values by the number of the column."""
    return dict(enumerate(row.tolist()))
