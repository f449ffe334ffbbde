"""Estimators of other libraries take part too: each class here has one habit of theirs, and conforms."""

import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import SGDClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from iml_general.checks import conforms, run_checks
from iml_general.checks.subject import Subject, rows_of
from iml_general.errors import UsageError
from iml_general.plugins import registry
from iml_general.plugins.from_sklearn import from_sklearn


class Nearest(ClassifierMixin, BaseEstimator):
    """The nearest row decides, one hot; base of the others."""

    def fit(self, X, y):
        self.classes_, codes = np.unique(y, return_inverse=True)
        self.X_, self.hot_ = np.asarray(X), np.eye(len(self.classes_))[codes]
        return self

    def predict_proba(self, X):
        return self.hot_[((np.asarray(X)[:, None] - self.X_) ** 2).sum(axis=2).argmin(axis=1)]

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


class NeedsNumber(Nearest):
    """As interpret's EBM: refuses a generator as `random_state`."""

    def __init__(self, random_state=42):
        self.random_state = random_state

    def fit(self, X, y):
        if type(self.random_state) is not int:
            raise TypeError("fit(): incompatible function arguments")
        self.seen_ = np.random.default_rng(self.random_state).permutation(len(y))
        return super().fit(X[self.seen_], y[self.seen_])


class NeedsNoGap(Nearest):
    """As XGBoost: refuses classes but 0, 1, 2..."""

    def fit(self, X, y):
        if set(y) != set(range(len(set(y)))):
            raise ValueError(f"Invalid classes inferred from unique values of y: {set(y)}")
        return super().fit(X, y)


class FirstClassesAreAll(NeedsNoGap):
    """As NGBoost: a `partial_fit` that is not told the classes, and no word that it classifies."""

    _estimator_type = None

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.estimator_type = None
        return tags

    def partial_fit(self, X, y, sample_weight=None):
        raise AssertionError("what comes later is not known yet")


class KeepsNoClasses(Nearest):
    """As TabNet in part: probabilities of classes that it does not name, in single precision; it chats.

    And as imodels' FIGS: draws from the generator that all code shares.
    """

    def __init__(self, seed=0, verbose=1, num_threads=8, missing=float("nan")):
        self.seed, self.verbose, self.num_threads, self.missing = seed, verbose, num_threads, missing

    def fit(self, X, y):
        order = np.random.permutation(len(y))  # noqa: NPY002
        super().fit(X[order], y[order])
        if self.verbose or self.num_threads != 1:
            sys.stdout.write("epoch 0  | loss: 1.2 |\n")
        del self.classes_
        return self

    def predict_proba(self, X):
        return (super().predict_proba(X) - 1e-8).astype(np.float32)


class InContext(ClassifierMixin, BaseEstimator):
    """As TabPFN: `fit` remembers the rows, `predict_proba` answers from them; it can't take too much."""

    max_classes, max_rows = 10, 10_000

    def __init__(self, n_estimators=4, softmax_temperature=0.05, random_state=0):
        self.n_estimators, self.softmax_temperature = n_estimators, softmax_temperature
        self.random_state = random_state

    def fit(self, X, y):
        self.classes_, codes = np.unique(y, return_inverse=True)
        if len(self.classes_) > self.max_classes:
            raise ValueError(f"Number of classes {len(self.classes_)} exceeds the maximal {self.max_classes}")
        if len(X) > self.max_rows:
            raise ValueError(f"Number of samples {len(X)} exceeds the maximal {self.max_rows}")
        self.X_, self.hot_ = np.asarray(X, dtype=np.float32), np.eye(len(self.classes_))[codes]
        return self

    def predict_proba(self, X):
        p = 0
        for seed in range(self.n_estimators):  # an ensemble over subsets of the columns
            rng = np.random.default_rng([seed, self.random_state])
            some = rng.permutation(X.shape[1])[: max(1, X.shape[1] * 3 // 4)]
            distances = ((np.asarray(X)[:, None, some] - self.X_[:, some]) ** 2).mean(axis=2)
            weights = np.exp(-(distances - distances.min(axis=1, keepdims=True)) / self.softmax_temperature)
            p = p + weights @ self.hot_ / weights.sum(axis=1, keepdims=True)
        return p / self.n_estimators

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


HABITS = {
    "needs-number": from_sklearn(make_pipeline(StandardScaler(), NeedsNumber()), name="needs-number"),
    "first-classes-are-all": from_sklearn(FirstClassesAreAll(), name="first-classes-are-all"),
    "keeps-no-classes": from_sklearn(KeepsNoClasses(), name="keeps-no-classes"),
    "in-context": from_sklearn(InContext(), "append", name="in-context", max_rows=InContext.max_rows),
}


@pytest.mark.parametrize("learner", HABITS.values(), ids=HABITS)
def test_an_estimator_with_habits_of_its_own_conforms(learner) -> None:
    results = run_checks(learner)
    assert [result.message for result in results if result.outcome == "fail"] == []
    assert conforms(results)


def test_an_in_context_learner_appends_or_retrains_and_says_how_many_rows_it_can_take() -> None:
    learner = HABITS["in-context"]
    assert learner.info.rules == ("append", "retrain")
    assert learner.info.max_rows == 10_000
    subject = Subject(learner(), "")
    state = subject.fitted()
    updated = subject.updated(subject.updated(state, rows_of(subject.stage2, slice(0, 9))))
    assert [len(each.estimator.X_) for each in (state, updated)] == [100, 100 + 9 + len(subject.stage2)]
    both = subject.fitted(subject.stage1 + subject.stage2, 12)  # what `retrain` is
    assert np.array_equal(subject.predict(subject.updated(state)), subject.predict(both))


def test_a_foreign_partial_fit_gets_another_number_in_every_pass() -> None:
    seeds = []

    class Shuffles(SGDClassifier):
        def partial_fit(self, X, y, classes=None):
            seeds.append(self.random_state)
            return super().partial_fit(X, y, classes=classes)

    subject = Subject(from_sklearn(Shuffles())(passes=3, update_passes=2), "")
    state = subject.fitted()
    subject.updated(state)
    assert {type(seed) for seed in seeds} == {int}
    assert len(set(seeds)) == len(seeds) == 5
    first = list(seeds)
    subject.updated(subject.fitted())
    assert seeds[5:] == first


def test_parameters_that_no_plan_can_hold_stay_as_the_estimator_has_them() -> None:
    learner = HABITS["keeps-no-classes"]
    assert "missing" not in learner.__dataclass_fields__
    assert np.isnan(Subject(learner(), "").fitted().estimator.missing)


def test_more_answers_than_an_estimator_takes_are_told_with_its_own_words() -> None:
    subject = Subject(HABITS["in-context"](), "")
    rows = subject.stage1
    many = type(rows)(rows.inputs, np.arange(len(rows)) % 12, 12, rows.schema)
    with pytest.raises(ValueError, match="Number of classes 12 exceeds the maximal 10"):
        subject.fitted(many)


def test_fewer_columns_than_classes_are_told_with_the_shape() -> None:
    class TwoColumns(Nearest):
        def predict_proba(self, X):
            return np.full((len(X), 2), 0.5)

    subject = Subject(from_sklearn(TwoColumns())(), "")
    with pytest.raises(ValueError, match=r"of TwoColumns gives an array of shape \(140, 2\) .* 3 classes"):
        subject.predict(subject.fitted())


def test_what_can_not_be_copied_is_told_to_be_wrapped() -> None:
    class Changes(Nearest):
        def __init__(self, size=1.0):
            self.size = int(size) + 1

    with pytest.raises(UsageError, match=r"Changes can't be copied .* wrap it in a class that derives from"):
        from_sklearn(Changes())


def test_a_class_that_wraps_an_estimator_in_a_users_file_is_found_by_other_processes(
    tmp_path: Path,
) -> None:
    file = tmp_path / "wrapped.py"
    file.write_text(
        "from sklearn.svm import SVC\nfrom iml_general.plugins.from_sklearn import from_sklearn\n\n\n"
        "class Wrapped(SVC):\n    pass\n\n\n"
        "Mine = from_sklearn(Wrapped(), name='wrapped', space=lambda trial: {})\n"
    )
    results = run_checks(registry.learner(f"{file}:Mine"), only="process")
    assert [(result.outcome, result.seen) for result in results] == [("pass", "")] * 2
