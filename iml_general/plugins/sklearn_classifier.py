"""The learner that `iml_general.plugins.from_sklearn` makes of a scikit-learn classifier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iml_general.learner import Batch, Inputs, Learner, Probabilities
from iml_general.plugins.sklearn_kinds import shown
from iml_general.plugins.sklearn_learner import SklearnLearner, SklearnState, contained

SINGLE_ROUNDING = 1e-6
"""What sums and differences in single precision may leave of 0, on its wrong side."""


@dataclass(frozen=True, eq=False)
class ClassifierState(SklearnState):
    """A fitted classifier.

    Attributes:
        classes: The answer classes that the estimator knows, ascending, int64. To it they are 0, 1, 2...:
            many estimators refuse a gap.
    """

    classes: NDArray[np.int64]


class SklearnClassifier(SklearnLearner, Learner[SklearnState]):
    """A scikit-learn classifier as a learner."""

    def predict(self, state: SklearnState, inputs: Inputs) -> Probabilities:
        """Give the estimator's probabilities, 0 for classes that it has not seen."""
        remembered: Batch = state.remembered
        n_answers = remembered.n_answers
        if len(inputs) == 0 or not isinstance(state, ClassifierState):
            counts = np.bincount(remembered.answers, minlength=n_answers)
            p = counts / counts.sum() if counts.any() else np.full(n_answers, 1 / n_answers)
            return np.tile(p, (len(inputs), 1))
        with contained(0):
            found = _probabilities(state.estimator, inputs.astype(np.float64), len(state.classes))
        p = np.zeros((len(inputs), n_answers))
        p[:, state.classes] = found
        sums = p.sum(axis=1, keepdims=True)
        result: NDArray[np.float64] = np.where(sums > 0, p / np.where(sums > 0, sums, 1), 1 / n_answers)
        return result

    def _state(self, estimator: Any, batch: Batch, remembered: Batch) -> SklearnState:
        if estimator is None:
            return SklearnState(None, remembered)
        all_classes = np.arange(batch.n_answers)
        classes = np.unique(batch.answers) if self.updating in (None, "append") else all_classes
        return ClassifierState(estimator, remembered, classes)

    def _fit(self, estimator: Any, batch: Batch) -> None:
        if self.updating in (None, "append"):
            codes = np.unique(batch.answers, return_inverse=True)[1]
            estimator.fit(batch.inputs.astype(np.float64), codes)
        else:
            _fit_weighted(estimator, batch)

    def _partial_fit(self, estimator: Any, batch: Batch) -> None:
        inputs, classes = batch.inputs.astype(np.float64), np.arange(batch.n_answers)
        estimator.partial_fit(inputs, batch.answers, classes=classes)


def _fit_weighted(estimator: Any, batch: Batch) -> None:
    """Fit with one row of weight 0 for each class that has none: a warm start needs the same classes."""
    absent = np.setdiff1d(np.arange(batch.n_answers), batch.answers)
    inputs = np.concatenate([batch.inputs, np.repeat(batch.inputs[:1], len(absent), axis=0)])
    weights = np.repeat([1.0, 0.0], [len(batch), len(absent)])
    estimator.fit(inputs.astype(np.float64), np.concatenate([batch.answers, absent]), sample_weight=weights)


def _probabilities(estimator: Any, inputs: NDArray[np.float64], n_classes: int) -> NDArray[np.float64]:
    """Probabilities of the classes 0 .. n_classes - 1, by the best means that the estimator has."""
    from scipy.special import softmax

    classes = np.asarray(getattr(estimator, "classes_", np.arange(n_classes)), dtype=np.int64)
    if hasattr(estimator, "predict_proba"):
        found = np.asarray(estimator.predict_proba(inputs), dtype=np.float64)
    elif (scores := _scores(estimator, inputs)).shape == (len(inputs), len(classes)):
        found = softmax(scores, axis=1)
    else:
        found = np.equal.outer(np.asarray(estimator.predict(inputs)), classes).astype(np.float64)
    if not hasattr(estimator, "classes_"):  # it may have been told of more than there are
        found = found[:, :n_classes]
    if found.shape != (len(inputs), len(classes)):
        raise ValueError(
            f"predict_proba of {shown(estimator)} gives an array of shape {found.shape}"
            f" for {len(inputs)} rows and {len(classes)} classes"
        )
    p = np.zeros((len(inputs), n_classes))
    p[:, classes] = np.where((found < 0) & (found > -SINGLE_ROUNDING), 0.0, found)
    return p


def _scores(estimator: Any, inputs: NDArray[np.float64]) -> NDArray[np.float64]:
    """What the estimator decides by, one column a class as a rule; nothing if it does not say."""
    if not hasattr(estimator, "decision_function"):
        return np.empty((0, 0))
    scores = np.asarray(estimator.decision_function(inputs), dtype=np.float64)
    if scores.ndim == 1:  # of two classes, the second one's
        scores = np.stack([np.zeros_like(scores), scores], axis=1)
    return scores
