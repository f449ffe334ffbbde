"""Classifiers that can't learn more once they are fitted: what their learners have in common."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iml_general.learner import Batch, Inputs, Learner, Probabilities
from iml_general.plugins.threads import one_thread


@dataclass(frozen=True, eq=False)
class Retrained:
    """A fitted scikit-learn classifier, never changed.

    Attributes:
        estimator: None if there was nothing for it to tell apart.
        shares: Share of the rows that has each answer, float64 of shape (n_answers,); uniform if
            there were no rows.
    """

    estimator: Any
    shares: NDArray[np.float64]


class RetrainedLearner(Learner[Retrained]):
    """A learner whose only rule is ``retrain``."""

    @abstractmethod
    def fitted(self, inputs: Inputs, answers: NDArray[np.int64], seed: int) -> Any:
        """Fit a classifier.

        Args:
            inputs: float32 of shape (n_rows, n_columns).
            answers: At least two different ones, shape (n_rows,).
            seed: In [0, 2**31).

        Returns:
            An estimator with ``predict_proba`` and ``classes_``, or None if it finds nothing by which
            the answers could be told apart.
        """

    @one_thread()
    def fit(self, batch: Batch, seed: int) -> Retrained:
        """Fit the classifier, if there is more than one answer."""
        counts = np.bincount(batch.answers, minlength=batch.n_answers)
        shares = counts / len(batch) if len(batch) else np.full(batch.n_answers, 1 / batch.n_answers)
        if np.count_nonzero(counts) < 2:
            return Retrained(None, shares)
        return Retrained(self.fitted(batch.inputs, batch.answers, seed), shares)

    @one_thread()
    def predict(self, state: Retrained, inputs: Inputs) -> Probabilities:
        """Give the classifier's probabilities, 0 for an answer that was never seen."""
        if state.estimator is None or len(inputs) == 0:  # scikit-learn refuses to predict nothing
            return np.tile(state.shares, (len(inputs), 1))
        p = np.zeros((len(inputs), len(state.shares)))
        p[:, state.estimator.classes_] = state.estimator.predict_proba(inputs)
        return p
