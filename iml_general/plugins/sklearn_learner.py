"""The learner that `iml_general.plugins.from_sklearn` makes of a scikit-learn classifier."""

from __future__ import annotations

import copy
import random
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from iml_general.learner import Batch, Inputs, Learner, Probabilities
from iml_general.plugins.sklearn_kinds import Updating, of_sklearn, shown
from iml_general.plugins.threads import one_thread

SEEDS = ("random_state", "random_seed", "seed")
THREADS = ("n_jobs", "n_threads", "nthread", "num_threads", "thread_count")
"""What libraries call the parameters that the adapter sets itself, also in a pipeline's steps."""

SINGLE_ROUNDING = 1e-6
"""What sums and differences in single precision may leave of 0, on its wrong side."""


@dataclass(frozen=True, eq=False)
class SklearnState:
    """A fitted estimator, never changed once it is in a state.

    Attributes:
        estimator: None as long as there are no rows, or rows of one class only, which most
            estimators refuse.
        classes: The answer classes that the estimator knows, ascending, int64. To it they are 0, 1, 2...:
            many estimators refuse a gap.
        remembered: Rows that are fitted together with the next ones: all of them under ``append``, else
            those that wait for an estimator.
        n_answers: Number of answer classes.
    """

    estimator: Any
    classes: NDArray[np.int64]
    remembered: Batch
    n_answers: int


class SklearnLearner(Learner[SklearnState]):
    """A scikit-learn classifier as a learner; made by `iml_general.plugins.from_sklearn.from_sklearn`.

    Attributes:
        prototype: The unfitted estimator.
        updating: How it learns more; None if it can't.
        parameters: Names of the fields that are parameters of the estimator.
    """

    prototype: ClassVar[Any]
    updating: ClassVar[Updating | None]
    parameters: ClassVar[tuple[str, ...]]

    def fit(self, batch: Batch, seed: int) -> SklearnState:
        """Fit a clone of the estimator."""
        classes, codes = np.unique(batch.answers, return_inverse=True)
        if len(classes) < (1 if self.updating == "partial_fit" else 2):
            return SklearnState(None, classes, batch, batch.n_answers)
        everyone = np.arange(batch.n_answers)
        with _contained(seed):
            generator = np.random.RandomState(seed)
            estimator = self._fresh(generator)
            if self.updating == "partial_fit":
                classes = everyone
                self._pass(estimator, batch, generator, self.passes)  # type: ignore[attr-defined]
            elif self.updating in (None, "append"):
                estimator.fit(batch.inputs.astype(np.float64), codes)
            else:
                classes = everyone
                _fit_weighted(estimator, batch)
        kept = batch if self.updating == "append" else _no_rows(batch)
        return SklearnState(estimator, classes, kept, batch.n_answers)

    def update(self, state: SklearnState, batch: Batch, seed: int) -> SklearnState:
        """Let a copy of the estimator learn more, if it can."""
        if self.updating is None or len(batch) == 0:
            return super().update(state, batch, seed)
        if state.estimator is None or self.updating == "append":
            return self.fit(state.remembered + batch, seed)
        with _contained(seed):
            generator = np.random.RandomState(seed)
            estimator = copy.deepcopy(state.estimator)
            _set_seeds(estimator, generator)
            if self.updating == "partial_fit":
                self._pass(estimator, batch, generator, self.update_passes)  # type: ignore[attr-defined]
            else:
                if self.updating != "warm_start":
                    more = {**self.prototype.get_params(), **vars(self)}[self.updating]
                    estimator.set_params(**{self.updating: estimator.get_params()[self.updating] + more})
                _fit_weighted(estimator, batch)
        return replace(state, estimator=estimator)

    def predict(self, state: SklearnState, inputs: Inputs) -> Probabilities:
        """Give the estimator's probabilities, 0 for classes that it has not seen."""
        if len(inputs) == 0 or state.estimator is None:
            counts = np.bincount(state.remembered.answers, minlength=state.n_answers)
            p = counts / counts.sum() if counts.any() else np.full(state.n_answers, 1 / state.n_answers)
            return np.tile(p, (len(inputs), 1))
        with _contained(0):
            found = _probabilities(state.estimator, inputs.astype(np.float64), len(state.classes))
        p = np.zeros((len(inputs), state.n_answers))
        p[:, state.classes] = found
        sums = p.sum(axis=1, keepdims=True)
        result: NDArray[np.float64] = np.where(sums > 0, p / np.where(sums > 0, sums, 1), 1 / state.n_answers)
        return result

    def _fresh(self, generator: np.random.RandomState) -> Any:
        from sklearn.base import clone

        estimator = clone(self.prototype)
        estimator.set_params(**{name: getattr(self, name) for name in self.parameters})
        _set_seeds(estimator, generator)
        _calm(estimator)
        if self.updating not in (None, "append", "partial_fit"):
            estimator.set_params(warm_start=True)
        return estimator

    def _pass(self, estimator: Any, batch: Batch, generator: np.random.RandomState, n: int) -> None:
        inputs, classes = batch.inputs.astype(np.float64), np.arange(batch.n_answers)
        for _ in range(n):
            _set_seeds(estimator, generator)
            estimator.partial_fit(inputs, batch.answers, classes=classes)


def _fit_weighted(estimator: Any, batch: Batch) -> None:
    """Fit with one row of weight 0 for each class that has none: a warm start needs the same classes."""
    absent = np.setdiff1d(np.arange(batch.n_answers), batch.answers)
    inputs = np.concatenate([batch.inputs, np.repeat(batch.inputs[:1], len(absent), axis=0)])
    weights = np.repeat([1.0, 0.0], [len(batch), len(absent)])
    estimator.fit(inputs.astype(np.float64), np.concatenate([batch.answers, absent]), sample_weight=weights)


def _set_seeds(estimator: Any, generator: np.random.RandomState) -> None:
    """Give the estimator, and all estimators in it, their randomness.

    scikit-learn's own get the generator itself: with a number each `partial_fit` would shuffle the rows
    alike. Some of other libraries take nothing but a number, so they get the generator's next one.
    """
    given = estimator.get_params()
    seeds: dict[str, Any] = {}
    for name in given:
        whose, _, parameter = name.rpartition("__")
        if parameter in SEEDS:
            own = of_sklearn(given.get(whose, estimator))
            seeds[name] = generator if own else int(generator.randint(2**31 - 1))
    estimator.set_params(**seeds)


def _calm(estimator: Any) -> None:
    """One thread, and no word of how it gets on."""
    calm: dict[str, Any] = {}
    for name, value in estimator.get_params().items():
        parameter = name.split("__")[-1]
        if parameter == "verbose" and isinstance(value, int) and value > 0:  # LightGBM is quiet below 0
            calm[name] = type(value)(0)
        elif parameter in THREADS:  # to some, None is as many as there are
            calm[name] = 1
    estimator.set_params(**calm)


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


def _no_rows(batch: Batch) -> Batch:
    return replace(batch, inputs=batch.inputs[:0], answers=batch.answers[:0])


@contextmanager
def _contained(seed: int) -> Iterator[None]:
    """One thread, no warnings (whoever wants to see them calls the estimator), no randomness from outside.

    Some estimators draw from the generators that all code shares, whatever seed they are given: these
    begin at the seed here, and go on afterwards as if nothing had been drawn.
    """
    before, before_numpy = random.getstate(), np.random.get_state()  # noqa: NPY002  (the shared one is meant)
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002
    try:
        with one_thread(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        random.setstate(before)
        np.random.set_state(before_numpy)  # noqa: NPY002
