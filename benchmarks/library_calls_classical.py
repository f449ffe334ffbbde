"""The same as `library_calls.py`, of learners that are no trees.

Two of them compute by themselves and are compared with what one would call instead: nearest neighbours and
Gaussian processes, with scikit-learn's. Random features are the bare calls of numpy and scipy.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from library_calls import Calls, estimator
from scipy.linalg import solve
from sklearn import linear_model, naive_bayes, neighbors, svm
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF

from iml_general.learner import Batch, Inputs, Rows


def _float64(inputs: Inputs) -> Inputs:
    return inputs.astype(np.float64)


def _naive_bayes() -> Calls:
    def more(model: naive_bayes.GaussianNB, rows: Rows, seed: int) -> naive_bayes.GaussianNB:
        del seed
        return copy.deepcopy(model).partial_fit(_float64(rows.inputs), rows.answers)

    return Calls(
        lambda rows, _: naive_bayes.GaussianNB().fit(_float64(rows.inputs), rows.answers),
        lambda model, inputs: model.predict_proba(_float64(inputs)),
        {"continue": more},
    )


def _sgd() -> Calls:
    def descend(model: linear_model.SGDClassifier, rows: Rows, seed: int, epochs: int) -> Any:
        model.set_params(random_state=np.random.RandomState(seed))
        inputs, classes = _float64(rows.inputs), np.unique(rows.answers)
        for _ in range(epochs):
            model.partial_fit(inputs, rows.answers, classes=classes)
        return model

    return Calls(
        lambda rows, seed: descend(linear_model.SGDClassifier(loss="log_loss"), rows, seed, 20),
        lambda model, inputs: model.decision_function(inputs),
        {"continue": lambda model, rows, seed: descend(copy.deepcopy(model), rows, seed, 10)},
    )


def _solved(kind: Callable[..., Any], ask: str, **options: Any) -> Calls:
    """An estimator without randomness that is to compute in float64."""

    def fit(rows: Rows, seed: int) -> Any:
        del seed
        with warnings.catch_warnings(action="ignore"):
            return kind(**options).fit(_float64(rows.inputs), rows.answers)

    return Calls(fit, lambda model, inputs: getattr(model, ask)(_float64(inputs)))


def _neighbors(kind: Callable[..., Any], ask: str) -> Calls:
    """The rows so far, and an estimator that remembers them."""

    def fit(rows: Rows, seed: int) -> tuple[Rows, Any]:
        del seed
        return rows, kind().fit(_float64(rows.inputs), rows.answers)

    return Calls(
        fit,
        lambda model, inputs: getattr(model[1], ask)(_float64(inputs)),
        {"append": lambda model, rows, seed: fit(model[0] + rows, seed)},
    )


def _gaussian_process() -> Calls:
    """Regression on numbers, or on one-hot answers, around their mean."""

    def fit(rows: Rows, seed: int) -> tuple[Any, Any]:
        del seed
        targets = np.eye(rows.n_answers)[rows.answers] if isinstance(rows, Batch) else rows.answers
        mean = targets.mean(axis=0)
        process = GaussianProcessRegressor(RBF(1.0), optimizer=None)
        return mean, process.fit(_float64(rows.inputs), targets - mean)

    return Calls(fit, lambda model, inputs: model[0] + model[1].predict(_float64(inputs)))


def _random_features() -> Calls:
    """Cosines, sums over rows, and one solution of the normal equations."""
    n_features = 1000

    def cosines(inputs: Inputs, frequencies: Any, phases: Any) -> Any:
        return np.sqrt(2 / n_features) * np.cos(_float64(inputs) @ frequencies + phases)

    def solved(drawn: Any, sums: Any) -> Any:
        n, z, y, zz, zy = sums
        gram = zz - np.outer(z, z / n) + np.eye(n_features)
        weights = solve(gram, zy - np.outer(z, y / n), assume_a="pos")
        return drawn, sums, weights, y / n - z / n @ weights

    def summed(drawn: Any, rows: Batch) -> list[Any]:
        z, y = cosines(rows.inputs, *drawn), np.eye(rows.n_answers)[rows.answers]
        return [len(z), z.sum(axis=0), y.sum(axis=0), z.T @ z, z.T @ y]

    def fit(rows: Batch, seed: int) -> Any:
        generator, width = np.random.default_rng(seed), rows.inputs.shape[1]
        scale = np.sqrt(2 / (width * rows.inputs.var(dtype=np.float64)))
        frequencies = scale * generator.standard_normal((width, n_features))
        drawn = frequencies, generator.uniform(0, 2 * np.pi, n_features)
        return solved(drawn, summed(drawn, rows))

    def update(model: Any, rows: Batch, seed: int) -> Any:
        del seed
        drawn, sums, *_ = model
        return solved(drawn, [old + new for old, new in zip(sums, summed(drawn, rows), strict=True)])

    def predict(model: Any, inputs: Inputs) -> Any:
        drawn, _, weights, intercepts = model
        return cosines(inputs, *drawn) @ weights + intercepts

    return Calls(fit, predict, {"continue": update})


CLASSICAL: dict[str, Callable[[], Calls]] = {
    "gaussian-process": _gaussian_process,
    "gaussian-process-regressor": _gaussian_process,
    "logistic-regression": lambda: _solved(linear_model.LogisticRegression, "predict_proba", max_iter=1000),
    "naive-bayes": _naive_bayes,
    "nearest-neighbors": lambda: _neighbors(neighbors.KNeighborsClassifier, "predict_proba"),
    "nearest-neighbors-regressor": lambda: _neighbors(neighbors.KNeighborsRegressor, "predict"),
    "random-features": _random_features,
    "ridge": lambda: _solved(linear_model.Ridge, "predict"),
    "sgd": _sgd,
    "svm": lambda: estimator(svm.SVC, "decision_function"),
}
"""Makes the calls of each learner that is none of trees, with the learner's defaults."""
