"""What is shared by learners that are made of scikit-learn's classifiers and of its regressors."""

from __future__ import annotations

import copy
import random
import warnings
from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from iml_general.learner import AnyLearner, Rows
from iml_general.plugins.sklearn_kinds import Updating, of_sklearn
from iml_general.plugins.threads import one_thread

SEEDS = ("random_state", "random_seed", "seed")
THREADS = ("n_jobs", "n_threads", "nthread", "num_threads", "thread_count")
"""What libraries call the parameters that the adapter sets itself, also in a pipeline's steps."""


@dataclass(frozen=True, eq=False)
class SklearnState:
    """A fitted estimator, never changed once it is in a state.

    Attributes:
        estimator: None as long as there are no rows, or only rows with one and the same answer, which
            many estimators refuse.
        remembered: Rows that are fitted together with the next ones: all of them under ``append``, else
            those that wait for an estimator. There may be none.
    """

    estimator: Any
    remembered: Any


class SklearnLearner(AnyLearner[SklearnState]):
    """A scikit-learn estimator as a learner; made by `iml_general.plugins.from_sklearn.from_sklearn`.

    Attributes:
        prototype: The unfitted estimator.
        updating: How it learns more; None if it can't.
        parameters: Names of the fields that are parameters of the estimator.
    """

    prototype: ClassVar[Any]
    updating: ClassVar[Updating | None]
    parameters: ClassVar[tuple[str, ...]]

    def fit(self, batch: Any, seed: int) -> SklearnState:
        """Fit a clone of the estimator."""
        if len(np.unique(batch.answers)) < (1 if self.updating == "partial_fit" else 2):
            return self._state(None, batch, batch)
        with contained(seed):
            generator = np.random.RandomState(seed)
            estimator = self._fresh(generator)
            if self.updating == "partial_fit":
                self._pass(estimator, batch, generator, self.passes)  # type: ignore[attr-defined]
            else:
                self._fit(estimator, batch)
        return self._state(estimator, batch, batch if self.updating == "append" else _no_rows(batch))

    def update(self, state: SklearnState, batch: Any, seed: int) -> SklearnState:
        """Let a copy of the estimator learn more, if it can."""
        if self.updating is None or len(batch) == 0:
            return super().update(state, batch, seed)
        if state.estimator is None or self.updating == "append":
            return self.fit(state.remembered + batch, seed)
        with contained(seed):
            generator = np.random.RandomState(seed)
            estimator = copy.deepcopy(state.estimator)
            _set_seeds(estimator, generator)
            if self.updating == "partial_fit":
                self._pass(estimator, batch, generator, self.update_passes)  # type: ignore[attr-defined]
            else:
                if self.updating != "warm_start":
                    more = {**self.prototype.get_params(), **vars(self)}[self.updating]
                    estimator.set_params(**{self.updating: estimator.get_params()[self.updating] + more})
                self._fit(estimator, batch)
        return replace(state, estimator=estimator)

    @abstractmethod
    def _state(self, estimator: Any, batch: Any, remembered: Any) -> SklearnState:
        """The state of an estimator, or of none, after a batch."""

    @abstractmethod
    def _fit(self, estimator: Any, batch: Any) -> None:
        """Call the estimator's `fit`, be it fresh or started warm."""

    @abstractmethod
    def _partial_fit(self, estimator: Any, batch: Any) -> None:
        """Call the estimator's `partial_fit` once."""

    def _fresh(self, generator: np.random.RandomState) -> Any:
        from sklearn.base import clone

        estimator = clone(self.prototype)
        estimator.set_params(**{name: getattr(self, name) for name in self.parameters})
        _set_seeds(estimator, generator)
        _calm(estimator)
        if self.updating not in (None, "append", "partial_fit"):
            estimator.set_params(warm_start=True)
        return estimator

    def _pass(self, estimator: Any, batch: Any, generator: np.random.RandomState, n: int) -> None:
        for _ in range(n):
            _set_seeds(estimator, generator)
            self._partial_fit(estimator, batch)


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


def _no_rows(batch: Rows) -> Rows:
    return replace(batch, inputs=batch.inputs[:0], answers=batch.answers[:0])  # type: ignore[type-var]


@contextmanager
def contained(seed: int) -> Iterator[None]:
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
