"""Linear classifiers: logistic regression, solved or approached by stochastic gradient descent."""

from __future__ import annotations

import copy
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, Self, cast, get_args

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_expit, softmax
from sklearn import linear_model
from sklearn.exceptions import ConvergenceWarning

from iml_general.learner import AffinityLearner, Batch, Inputs, Learner, LearnerInfo, Probabilities
from iml_general.options import PositiveFloat, PositiveInt
from iml_general.plugins.threads import one_thread

if TYPE_CHECKING:
    import optuna

Schedule = Literal["optimal", "constant"]


@dataclass(frozen=True, eq=False)
class LinearState:
    """A linear map to the logits of all answers.

    Attributes:
        weights: float64 of shape (n_columns, n_answers).
        intercepts: float64 of shape (n_answers,): -inf for an answer that was never seen.
    """

    weights: NDArray[np.float64]
    intercepts: NDArray[np.float64]


@dataclass(frozen=True)
class LogisticRegression(AffinityLearner[LinearState]):
    """Multinomial logistic regression; defaults are scikit-learn's, but for `max_iter`.

    Attributes:
        C: Inverse strength of the L2 penalty.
        max_iter: Most iterations of the solver. scikit-learn's 100 can end before it has converged,
            which it would say in a warning; a fit that reaches this limit is taken as it is.
    """

    info: ClassVar[LearnerInfo] = LearnerInfo(
        name="logistic-regression",
        family="linear",
        summary="multinomial logistic regression (scikit-learn), solved anew on both stages",
        form="vectors",
        rules=("retrain",),
        libraries=("scikit-learn",),
    )

    C: PositiveFloat = 1.0
    max_iter: PositiveInt = 1000

    @classmethod
    def suggest(cls, trial: optuna.Trial) -> Self:
        """Draw the strength of the penalty."""
        return cls(C=trial.suggest_float("C", 1e-3, 1e3, log=True))

    @one_thread()
    def fit(self, batch: Batch, seed: int) -> LinearState:
        """Solve for the weights; the solver has no randomness."""
        del seed
        seen = np.unique(batch.answers)
        weights = np.zeros((batch.inputs.shape[1], batch.n_answers))
        intercepts = np.full(batch.n_answers, 0.0 if len(batch) == 0 else -np.inf)
        intercepts[seen] = 0.0
        if len(seen) < 2:  # nothing to separate, and scikit-learn refuses
            return LinearState(weights, intercepts)
        estimator = linear_model.LogisticRegression(C=self.C, max_iter=self.max_iter)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            estimator.fit(batch.inputs.astype(np.float64), batch.answers)
        # Of two classes scikit-learn keeps the second one's weights: the first one's are 0.
        columns = seen[-len(estimator.coef_) :]
        weights[:, columns] = estimator.coef_.T
        intercepts[columns] = estimator.intercept_
        return LinearState(weights, intercepts)

    @one_thread()
    def predict(self, state: LinearState, inputs: Inputs) -> Probabilities:
        """Give the softmax of the logits, 0 for an answer that was never seen."""
        p: NDArray[np.float64] = softmax(inputs @ state.weights + state.intercepts, axis=1)
        return p

    @one_thread()
    def affinity(
        self, state: LinearState, statements: Inputs, questions: Inputs, answers: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Give the cosine of the two loss gradients; see `AffinityLearner.affinity`.

        A row's gradient is the outer product of (row, 1) and (probabilities - answer), so that the cosine of
        two is that of the rows times that of what is wrong with their answers.
        """
        pairs = []
        for rows in (statements, questions):
            wrong = self.predict(state, rows).astype(np.float64)
            wrong[np.arange(len(answers)), answers] -= 1
            pairs.append((np.column_stack([rows.astype(np.float64), np.ones(len(rows))]), wrong))
        (x, d), (y, e) = pairs
        return _cosine(x, y) * _cosine(d, e)

    def step_size(self, n_rows: int) -> float:
        """Give 1: it is only ever fitted anew; see `AffinityLearner.step_size`."""
        del n_rows
        return 1.0


def _cosine(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of each pair of rows, shape (n_rows,); 0 where one has no length."""
    lengths = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
    products = (first * second).sum(axis=1)
    return np.asarray(products / np.where(lengths > 0, lengths, np.inf))


@dataclass(frozen=True, eq=False)
class SGDState:
    """A scikit-learn estimator between two epochs, never changed once it is in a state.

    Attributes:
        estimator: None if there have been no rows to learn from.
        n_answers: Number of answer classes.
    """

    estimator: linear_model.SGDClassifier | None
    n_answers: int


@dataclass(frozen=True)
class SGD(Learner[SGDState]):
    """One-against-all logistic regression by stochastic gradient descent, row by row.

    Defaults are scikit-learn's; it has none for the epochs, since it stops by itself in ``fit``.

    Attributes:
        rule: The update rule; ``continue`` also goes on with the schedule of the step sizes.
        epochs: Passes over the rows of stage 1.
        update_epochs: Passes over the rows of stage 2.
        alpha: Strength of the L2 penalty.
        learning_rate: Schedule of the step size: ``"optimal"`` falls as 1 / (alpha * steps).
        eta0: The step size if it is ``"constant"``.
    """

    info: ClassVar[LearnerInfo] = LearnerInfo(
        name="sgd",
        family="linear",
        summary="logistic regression by stochastic gradient descent (scikit-learn)",
        form="vectors",
        rules=("continue", "retrain"),
        update_fields=("update_epochs",),
        libraries=("scikit-learn",),
    )

    rule: Literal["continue", "retrain"] = "continue"
    epochs: PositiveInt = 20
    update_epochs: PositiveInt = 10
    alpha: PositiveFloat = 1e-4
    learning_rate: Schedule = "optimal"
    eta0: PositiveFloat = 0.01

    @classmethod
    def suggest(cls, trial: optuna.Trial) -> Self:
        """Draw the epochs of both stages, the penalty and the steps."""
        return cls(
            epochs=trial.suggest_int("epochs", 5, 100, log=True),
            update_epochs=trial.suggest_int("update_epochs", 1, 50, log=True),
            alpha=trial.suggest_float("alpha", 1e-6, 1e-2, log=True),
            learning_rate=cast(Schedule, trial.suggest_categorical("learning_rate", get_args(Schedule))),
            eta0=trial.suggest_float("eta0", 1e-3, 1e-1, log=True),
        )

    @one_thread()
    def fit(self, batch: Batch, seed: int) -> SGDState:
        """Descend from zero weights."""
        estimator = linear_model.SGDClassifier(
            loss="log_loss", alpha=self.alpha, learning_rate=self.learning_rate, eta0=self.eta0
        )
        return _descended(estimator, batch, self.epochs, seed)

    @one_thread()
    def update(self, state: SGDState, batch: Batch, seed: int) -> SGDState:
        """Go on descending; see `Learner.update`."""
        if len(batch) == 0:
            return state
        if state.estimator is None:
            return self.fit(batch, seed)
        return _descended(copy.deepcopy(state.estimator), batch, self.update_epochs, seed)

    @one_thread()
    def predict(self, state: SGDState, inputs: Inputs) -> Probabilities:
        """Give each answer's probability against all others, normalised; uniform if there were no rows."""
        if state.estimator is None:
            return np.full((len(inputs), state.n_answers), 1 / state.n_answers)
        logits = inputs @ state.estimator.coef_.T + state.estimator.intercept_
        if state.n_answers == 2:  # scikit-learn keeps the second answer's weights only
            logits = np.concatenate([-logits, logits], axis=1)
        # As a softmax it holds where scikit-learn's division of the sigmoids would be 0 / 0.
        p: NDArray[np.float64] = softmax(log_expit(logits), axis=1)
        return p


def _descended(estimator: linear_model.SGDClassifier, batch: Batch, epochs: int, seed: int) -> SGDState:
    """Take an estimator, which is changed, through some epochs, each in a fresh order of the rows."""
    if len(batch) == 0:
        return SGDState(None, batch.n_answers)
    # A generator, not its seed: scikit-learn would start every epoch from the seed again.
    estimator.set_params(random_state=np.random.RandomState(seed))
    inputs = batch.inputs.astype(np.float64)
    for _ in range(epochs):
        estimator.partial_fit(inputs, batch.answers, classes=np.arange(batch.n_answers))
    return SGDState(estimator, batch.n_answers)
