"""Support vector machine with an RBF kernel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, Self, cast

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax
from sklearn.svm import SVC

from iml_general.learner import Batch, Inputs, Learner, LearnerInfo, Probabilities
from iml_general.options import PositiveFloat
from iml_general.plugins.threads import one_thread

if TYPE_CHECKING:
    import optuna

Gamma = Literal["scale", "auto"] | PositiveFloat
GAMMAS = ("scale", "auto", 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0)


@dataclass(frozen=True, eq=False)
class SVMState:
    """A fitted machine.

    Attributes:
        estimator: None if fewer than two answers were seen, which scikit-learn refuses.
        seen: The answers that were seen, ascending, shape (n_seen,).
        n_answers: Number of answer classes.
    """

    estimator: SVC | None
    seen: NDArray[np.int64]
    n_answers: int


@dataclass(frozen=True)
class SVM(Learner[SVMState]):
    """scikit-learn's `SVC` with its defaults: one machine per pair of answers, which vote.

    Probabilities are the softmax of the decision function, of which `SVC` makes one per answer: its
    votes, and a fraction of a vote for the margins, which settles ties. The most probable answer is
    the machine's own, but how sure it is is not calibrated: read EM, not the log-probability.
    `SVC`'s own probabilities cost five more fits, contradict its answers, and go in scikit-learn 1.11.

    Attributes:
        C: Inverse strength of the L2 penalty.
        gamma: The kernel is exp(-gamma * squared distance). ``"scale"`` is 1 / (columns * variance of
            all numbers in the rows), ``"auto"`` 1 / columns.
    """

    info: ClassVar[LearnerInfo] = LearnerInfo(
        name="svm",
        family="kernel methods",
        summary="support vector machine with an RBF kernel (scikit-learn), solved anew on both stages",
        form="vectors",
        rules=("retrain",),
        libraries=("scikit-learn",),
    )

    C: PositiveFloat = 1.0
    gamma: Gamma = "scale"

    @classmethod
    def suggest(cls, trial: optuna.Trial) -> Self:
        """Draw the penalty and the kernel's width."""
        return cls(
            C=trial.suggest_float("C", 1e-2, 1e3, log=True),
            gamma=cast(Gamma, trial.suggest_categorical("gamma", GAMMAS)),
        )

    @one_thread()
    def fit(self, batch: Batch, seed: int) -> SVMState:
        """Solve for the support vectors; the solver has no randomness."""
        del seed
        seen = np.unique(batch.answers)
        if len(seen) < 2:
            return SVMState(None, seen, batch.n_answers)
        # Without a seed it would take one of all users of numpy.random, though it makes no use of it.
        estimator = SVC(C=self.C, gamma=self.gamma, random_state=0)
        estimator.fit(batch.inputs.astype(np.float64), batch.answers)
        return SVMState(estimator, seen, batch.n_answers)

    @one_thread()
    def predict(self, state: SVMState, inputs: Inputs) -> Probabilities:
        """Give the softmax of the decision function, 0 for an answer that was never seen."""
        seen = state.seen if len(state.seen) else np.arange(state.n_answers)
        p = np.zeros((len(inputs), state.n_answers))
        p[:, seen] = 1 / len(seen)
        if state.estimator is None or len(inputs) == 0:  # scikit-learn refuses to predict nothing
            return p
        scores = state.estimator.decision_function(inputs.astype(np.float64))
        if scores.ndim == 1:  # of two answers, the second one's
            scores = np.stack([np.zeros_like(scores), scores], axis=1)
        p[:, seen] = softmax(scores, axis=1)
        return p
