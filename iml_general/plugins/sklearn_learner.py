"""The learner that `iml_general.plugins.from_sklearn` makes of a scikit-learn classifier."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray

from iml_general.learner import Batch, Inputs, Learner, Probabilities
from iml_general.plugins.threads import one_thread

if TYPE_CHECKING:
    import optuna

Updating = Literal["partial_fit", "n_estimators", "max_iter", "warm_start"]
"""How an estimator learns more: by `partial_fit`, by a warm start after more of its parts were asked
for (the parameter is the name), or by a warm start from its last solution."""


NEVER = object()


@dataclass(frozen=True, eq=False)
class SklearnState:
    """A fitted estimator, never changed once it is in a state.

    Attributes:
        estimator: None as long as there are no rows, or rows of one class only, which most
            estimators refuse.
        waiting: Rows that are fitted together with the next ones, if there is no estimator yet.
        n_answers: Number of answer classes.
    """

    estimator: Any
    waiting: Batch
    n_answers: int


class SklearnLearner(Learner[SklearnState]):
    """A scikit-learn classifier as a learner; made by `iml_general.plugins.from_sklearn.from_sklearn`.

    Attributes:
        prototype: The unfitted estimator.
        updating: How it learns more; None if it can't.
        parameters: Names of the fields that are parameters of the estimator.
        space: From a trial to values of fields; None if there is nothing to search.
    """

    prototype: ClassVar[Any]
    updating: ClassVar[Updating | None]
    parameters: ClassVar[tuple[str, ...]]
    space: ClassVar[Any]

    @classmethod
    def suggest(cls, trial: optuna.Trial) -> Self:
        """Draw from the search space that was given, or give the defaults."""
        return cls(**cls.space(trial)) if cls.space else cls()

    def fit(self, batch: Batch, seed: int) -> SklearnState:
        """Fit a clone of the estimator."""
        enough = 1 if self.updating == "partial_fit" else 2
        if len(np.unique(batch.answers)) < enough:
            return SklearnState(None, batch, batch.n_answers)
        with _quiet_thread():
            estimator = self._fresh(seed)
            if self.updating == "partial_fit":
                self._pass(estimator, batch, self.passes)  # type: ignore[attr-defined]
            elif self.updating:
                _fit_weighted(estimator, batch)
            else:
                estimator.fit(batch.inputs.astype(np.float64), batch.answers)
        return SklearnState(estimator, _no_rows(batch), batch.n_answers)

    def update(self, state: SklearnState, batch: Batch, seed: int) -> SklearnState:
        """Let a copy of the estimator learn more, if it can."""
        if self.updating is None or len(batch) == 0:
            return super().update(state, batch, seed)
        if state.estimator is None:
            return self.fit(state.waiting + batch, seed)
        with _quiet_thread():
            estimator = copy.deepcopy(state.estimator)
            _set_all(estimator, "random_state", np.random.RandomState(seed))
            if self.updating == "partial_fit":
                self._pass(estimator, batch, self.update_passes)  # type: ignore[attr-defined]
            else:
                if self.updating != "warm_start":
                    more = self._fresh(seed).get_params()[self.updating]
                    estimator.set_params(**{self.updating: estimator.get_params()[self.updating] + more})
                _fit_weighted(estimator, batch)
        return replace(state, estimator=estimator)

    def predict(self, state: SklearnState, inputs: Inputs) -> Probabilities:
        """Give the estimator's probabilities, 0 for classes that it has not seen."""
        if len(inputs) == 0 or state.estimator is None:
            counts = np.bincount(state.waiting.answers, minlength=state.n_answers)
            p = counts / counts.sum() if counts.any() else np.full(state.n_answers, 1 / state.n_answers)
            return np.tile(p, (len(inputs), 1))
        with _quiet_thread():
            found = _probabilities(state.estimator, inputs.astype(np.float64))
        p = np.zeros((len(inputs), state.n_answers))
        p[:, np.asarray(state.estimator.classes_, dtype=np.int64)] = found
        sums = p.sum(axis=1, keepdims=True)
        result: NDArray[np.float64] = np.where(sums > 0, p / np.where(sums > 0, sums, 1), 1 / state.n_answers)
        return result

    def _fresh(self, seed: int) -> Any:
        from sklearn.base import clone

        estimator = clone(self.prototype)
        estimator.set_params(**{name: getattr(self, name) for name in self.parameters})
        # A generator, not its seed: else each `partial_fit` would shuffle the rows alike.
        _set_all(estimator, "random_state", np.random.RandomState(seed))
        _set_all(estimator, "n_jobs", 1, but=None)  # some estimators warn of a number that has no effect
        if self.updating not in (None, "partial_fit"):
            estimator.set_params(warm_start=True)
        return estimator

    def _pass(self, estimator: Any, batch: Batch, n: int) -> None:
        inputs, classes = batch.inputs.astype(np.float64), np.arange(batch.n_answers)
        for _ in range(n):
            estimator.partial_fit(inputs, batch.answers, classes=classes)


def _fit_weighted(estimator: Any, batch: Batch) -> None:
    """Fit with one row of weight 0 for each class that has none: a warm start needs the same classes."""
    absent = np.setdiff1d(np.arange(batch.n_answers), batch.answers)
    inputs = np.concatenate([batch.inputs, np.repeat(batch.inputs[:1], len(absent), axis=0)])
    weights = np.repeat([1.0, 0.0], [len(batch), len(absent)])
    estimator.fit(inputs.astype(np.float64), np.concatenate([batch.answers, absent]), sample_weight=weights)


def _set_all(estimator: Any, parameter: str, value: Any, but: Any = NEVER) -> None:
    """Set a parameter of the estimator and of all estimators in it, but where it has a certain value."""
    given = estimator.get_params()
    names = [name for name in given if name.split("__")[-1] == parameter and given[name] is not but]
    estimator.set_params(**dict.fromkeys(names, value))


def _probabilities(estimator: Any, inputs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities of the estimator's own classes, by the best means that it has."""
    from scipy.special import softmax

    classes = estimator.classes_
    if hasattr(estimator, "predict_proba"):
        return np.asarray(estimator.predict_proba(inputs), dtype=np.float64)
    if hasattr(estimator, "decision_function"):
        scores = np.asarray(estimator.decision_function(inputs), dtype=np.float64)
        if scores.ndim == 1:  # of two classes, the second one's
            scores = np.stack([np.zeros_like(scores), scores], axis=1)
        if scores.shape[1] == len(classes):
            p: NDArray[np.float64] = softmax(scores, axis=1)
            return p
    one_hot: NDArray[np.float64] = np.equal.outer(estimator.predict(inputs), classes).astype(np.float64)
    return one_hot


def _no_rows(batch: Batch) -> Batch:
    return replace(batch, inputs=batch.inputs[:0], answers=batch.answers[:0])


@contextmanager
def _quiet_thread() -> Iterator[None]:
    """One thread; and no warnings of a solver that reached its limit or of a logarithm of 0."""
    from sklearn.exceptions import ConvergenceWarning

    with one_thread(), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.simplefilter("ignore", RuntimeWarning)
        yield
