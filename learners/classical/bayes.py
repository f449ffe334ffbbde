"""Naive Bayes: each column Gaussian given the answer, and independent of the others."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.naive_bayes import GaussianNB

from iml_general.learner import Batch, Inputs, Learner, LearnerInfo, Probabilities
from iml_general.options import PositiveFloat
from iml_general.plugins.threads import one_thread
from learners.classical.unchecked import unchecked

if TYPE_CHECKING:
    import optuna


AT_ONCE = 2**14
"""Rows that are answered together: for each of them scikit-learn makes three times as many float64 numbers as
it has columns. Every row is added up by itself, so that the answers are the same to the last digit."""


@dataclass(frozen=True, eq=False)
class NaiveBayesState:
    """Means and variances of every column given every answer, never changed once they are in a state.

    Attributes:
        estimator: None if there have been no rows to learn from.
        n_answers: Number of answer classes.
    """

    estimator: GaussianNB | None
    n_answers: int


@dataclass(frozen=True)
class NaiveBayes(Learner[NaiveBayesState]):
    """Gaussian naive Bayes, which reads any vector code, bits too; defaults are scikit-learn's.

    Attributes:
        rule: The update rule. Both give the same answers but for the smoothing, which ``continue``
            measures against the variance of stage 2 alone.
        var_smoothing: Share of the largest variance of any column that is added to all variances.
    """

    info: ClassVar[LearnerInfo] = LearnerInfo(
        name="naive-bayes",
        family="naive Bayes",
        summary="Gaussian naive Bayes (scikit-learn)",
        form="vectors",
        rules=("continue", "retrain"),
        libraries=("scikit-learn",),
    )

    rule: Literal["continue", "retrain"] = "continue"
    var_smoothing: PositiveFloat = 1e-9

    @classmethod
    def suggest(cls, trial: optuna.Trial) -> Self:
        """Draw the smoothing of the variances."""
        return cls(var_smoothing=trial.suggest_float("var_smoothing", 1e-9, 1.0, log=True))

    def fit(self, batch: Batch, seed: int) -> NaiveBayesState:
        """Take means and variances; nothing is random."""
        return self.update(NaiveBayesState(None, batch.n_answers), batch, seed)

    @one_thread()
    @unchecked()
    def update(self, state: NaiveBayesState, batch: Batch, seed: int) -> NaiveBayesState:
        """Merge in the means and variances of these rows."""
        del seed
        if len(batch) == 0:
            return state
        estimator, classes = copy.deepcopy(state.estimator), None
        if estimator is None:  # later on scikit-learn would only check once more that it knows the classes
            estimator, classes = GaussianNB(var_smoothing=self.var_smoothing), np.arange(batch.n_answers)
        estimator.partial_fit(batch.inputs.astype(np.float64), batch.answers, classes=classes)
        # Rows that are all alike have no variance to take a share of.
        estimator.var_[estimator.var_ == 0] = self.var_smoothing
        return NaiveBayesState(estimator, batch.n_answers)

    @one_thread()
    @unchecked()
    def predict(self, state: NaiveBayesState, inputs: Inputs) -> Probabilities:
        """Answer by Bayes' rule, 0 for an answer that was never seen; uniform if there were no rows."""
        if state.estimator is None or len(inputs) == 0:  # scikit-learn refuses to predict nothing
            return np.full((len(inputs), state.n_answers), 1 / state.n_answers)
        parts = [inputs[start : start + AT_ONCE] for start in range(0, len(inputs), AT_ONCE)]
        with np.errstate(divide="ignore"):  # the logarithm of a prior of 0
            joint = np.concatenate(
                [state.estimator.predict_joint_log_proba(part.astype(np.float64)) for part in parts]
            )
        # Variances near 0 make these logarithms so large that what scikit-learn makes of them does not
        # sum to 1 to more than 7 digits; a softmax does.
        p: NDArray[np.float64] = np.exp(joint - joint.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        return p
