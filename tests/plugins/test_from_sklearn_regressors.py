"""Any scikit-learn regressor becomes a learner of numbers, by the rules that it has, as a classifier does."""

import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import (
    ExtraTreesRegressor,
    GradientBoostingRegressor,
    HistGradientBoostingRegressor,
    RandomForestRegressor,
)
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import Lasso, LinearRegression, Ridge, SGDRegressor
from sklearn.neighbors import KNeighborsRegressor
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from iml_general.checks import parametrize
from iml_general.checks.subject import Subject, seed, setting
from iml_general.errors import UsageError
from iml_general.learner import NUMBERS
from iml_general.measuring.measure import measure
from iml_general.options import configure
from iml_general.plugins import registry
from iml_general.plugins.from_sklearn import from_sklearn
from iml_general.plugins.sklearn_kinds import shown
from iml_general.regressor import NumberBatch, Regressor


class Nearest(RegressorMixin, BaseEstimator):
    """The nearest row decides; keeps a column, as some do, and only remembers in `fit`."""

    def fit(self, X, y):
        self.X_, self.y_ = X, y
        return self

    def predict(self, X):
        return self.y_[((X[:, None] - self.X_) ** 2).sum(axis=2).argmin(axis=1)][:, None]


class Wide(Nearest):
    """Answers with two columns."""

    def predict(self, X):
        return np.repeat(super().predict(X), 2, axis=1)


class Warm(Nearest):
    """Says that it can be started warm, not what that does."""

    def __init__(self, warm_start=False, max_iter=10):
        self.warm_start, self.max_iter = warm_start, max_iter


KINDS = [
    from_sklearn(RandomForestRegressor(n_estimators=10)),
    from_sklearn(SGDRegressor()),
    from_sklearn(Nearest(), rule="append"),
]


@parametrize(KINDS)
def test_every_kind_of_regressor_conforms(check) -> None:
    check()


@pytest.mark.parametrize(
    ("estimator", "rules"),
    [
        (SGDRegressor(), ("continue", "retrain")),
        (MLPRegressor(), ("continue", "retrain")),
        (Lasso(), ("continue", "retrain")),
        (RandomForestRegressor(), ("grow", "retrain")),
        (GradientBoostingRegressor(), ("grow", "retrain")),
        (HistGradientBoostingRegressor(), ("retrain",)),  # as the classifier, whose old trees would misread
        (KNeighborsRegressor(), ("retrain",)),
        (make_pipeline(StandardScaler(), SGDRegressor()), ("retrain",)),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, tuple) else shown(value),
)
def test_the_rules_are_read_off_the_estimator(estimator, rules) -> None:
    made = from_sklearn(estimator)
    assert issubclass(made, Regressor)
    assert made.answer_kind == NUMBERS
    assert made.info.rules == rules
    assert from_sklearn(estimator, rule="retrain")().active_rule == "retrain"


def rows(factor: float = 1.0) -> NumberBatch:
    """The checks' rows of stage 1, with other numbers where another factor is given."""
    batch = Subject(from_sklearn(Ridge())(), "").stage1
    return replace(batch, answers=factor * batch.answers)


@pytest.mark.parametrize(
    "estimator", [RandomForestRegressor(5), GradientBoostingRegressor(n_estimators=5)], ids=shown
)
def test_growing_adds_parts_and_leaves_the_old_ones_alone(estimator) -> None:
    learner = from_sklearn(estimator)()
    state = learner.fit(rows(), 1)
    updated = learner.update(state, rows(-1.0), 2)
    before, after = (np.ravel(each.estimator.estimators_).tolist() for each in (state, updated))
    assert (len(before), len(after)) == (5, 10)
    inputs = rows().inputs
    for old, kept in zip(before, after, strict=False):
        assert np.array_equal(old.predict(inputs), kept.predict(inputs))
    assert not np.array_equal(learner.predict(state, inputs), learner.predict(updated, inputs))


@pytest.mark.parametrize("estimator", [SGDRegressor(), Lasso(alpha=0.01, max_iter=1)], ids=shown)
def test_continuing_goes_on_from_what_was_learned(estimator) -> None:
    learner = from_sklearn(estimator)()
    state = learner.fit(rows(), 1)
    before = state.estimator.coef_.copy()
    updated = learner.update(state, rows(-1.0), 1)
    anew = learner.fit(rows(-1.0), 1)
    assert np.array_equal(state.estimator.coef_, before)
    assert np.abs(updated.estimator.coef_ - anew.estimator.coef_).max() > 1e-3


def test_passes_over_either_stage_are_options() -> None:
    learner = configure(from_sklearn(SGDRegressor()), {"passes": 3, "update_passes": 2}, "learner")
    state = learner.fit(rows(), 1)
    assert state.estimator.t_ == 1 + 3 * len(rows())
    assert learner.update(state, rows(), 1).estimator.t_ == 1 + 5 * len(rows())


def test_rows_with_one_answer_alone_are_answered_with_it_and_wait_for_others() -> None:
    learner = from_sklearn(Nearest(), rule="append")()
    same = replace(rows(), answers=np.full(len(rows()), 0.7))
    state = learner.fit(same, 1)
    assert (learner.predict(state, rows().inputs) == 0.7).all()
    updated = learner.update(state, rows(), 1)
    assert len(updated.estimator.y_) == 2 * len(rows())
    nothing = replace(same, inputs=same.inputs[:0], answers=same.answers[:0])
    assert (learner.predict(learner.fit(nothing, 1), rows().inputs) == 0.0).all()


def test_answers_of_another_shape_are_refused_by_name() -> None:
    learner = from_sklearn(Wide())()
    with pytest.raises(ValueError, match=r"predict of Wide gives an array of shape \(100, 2\) for 100 rows"):
        learner.predict(learner.fit(rows(), 1), rows().inputs)


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda: from_sklearn(Ridge(), rule="continue"), "it can do retrain (it takes a partial_fit to"),
        (lambda: from_sklearn(RandomForestRegressor(), rule="refit"), "it can do grow and retrain"),
        (lambda: from_sklearn(Warm()), "does not tell what that does: give rule = one of 'continue'"),
        (lambda: registry.learner("sklearn.ensemble:VotingRegressor"), "from_sklearn(...) in a file"),
    ],
)
def test_what_can_not_be_a_learner_says_why_in_one_line(ask, message) -> None:
    with pytest.raises(UsageError) as caught:
        ask()
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("estimator", "family"),
    [
        (ExtraTreesRegressor(), "forests"),
        (HistGradientBoostingRegressor(), "boosting"),
        (make_pipeline(StandardScaler(), KernelRidge()), "kernel methods"),
        (TransformedTargetRegressor(regressor=Lasso()), "linear"),
        (KNeighborsRegressor(), "nearest neighbours"),
        (MLPRegressor(), "neural networks"),
        (Nearest(), "other"),
    ],
    ids=lambda value: value if isinstance(value, str) else shown(value),
)
def test_the_family_is_that_of_classifiers_of_the_same_kind(estimator, family) -> None:
    assert from_sklearn(estimator).info.family == family


def test_a_regressor_is_not_named_as_the_classifier_beside_it() -> None:
    assert from_sklearn(RandomForestRegressor()).info.name == "sklearn-random-forest-regressor"
    assert from_sklearn(LinearRegression()).info.name == "sklearn-linear-regression"


def test_it_pickles_and_is_measured_by_name_and_from_a_file(tmp_path: Path) -> None:
    name = "sklearn.ensemble:ExtraTreesRegressor"
    made = registry.learner(name)
    assert made is registry.learner(name)
    learners = [configure(made, {"n_estimators": 5, "rule": rule}, "learner") for rule in ("grow", "retrain")]
    assert vars(pickle.loads(pickle.dumps(learners[0]))) == vars(learners[0])
    found = measure(learners, setting("vectors", NUMBERS), [seed(0)])
    assert {row["rule"] for row in found.scores} == {"grow", "retrain"}
    assert {"r2", "squared_error"} <= {row["measure"] for row in found.scores}
    file = tmp_path / "mine.py"
    file.write_text("from sklearn.svm import SVR\nbare = SVR(C=3.0)\n")
    assert registry.learner(f"{file}:bare")().C == 3.0
