"""Any scikit-learn classifier becomes a learner that conforms, in one line or by its name."""

import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import (
    BaggingClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    StackingClassifier,
)
from sklearn.linear_model import LogisticRegression, Perceptron, SGDClassifier
from sklearn.mixture import GaussianMixture
from sklearn.multiclass import OneVsRestClassifier
from sklearn.naive_bayes import BernoulliNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier

from iml_general.checks import parametrize
from iml_general.checks.subject import Subject, seed, setting
from iml_general.errors import UsageError
from iml_general.learner import Batch
from iml_general.measuring.measure import measure
from iml_general.options import configure
from iml_general.plugins import registry
from iml_general.plugins.from_sklearn import from_sklearn
from iml_general.plugins.sklearn_kinds import shown

KINDS = [
    HistGradientBoostingClassifier(max_iter=20),
    RandomForestClassifier(n_estimators=20),
    LogisticRegression(),
    BernoulliNB(),
    make_pipeline(StandardScaler(), DecisionTreeClassifier(min_samples_leaf=2)),
    make_pipeline(OneHotEncoder(handle_unknown="ignore", sparse_output=False), PCA(20), LogisticRegression()),
    LinearSVC(),
]


@parametrize([from_sklearn(kind) for kind in KINDS])
def test_every_kind_of_estimator_conforms(check) -> None:
    check()


@pytest.mark.parametrize(
    ("estimator", "rules"),
    [
        (SGDClassifier(), ("continue", "retrain")),
        (MLPClassifier(), ("continue", "retrain")),
        (BernoulliNB(), ("continue", "retrain")),
        (LogisticRegression(), ("continue", "retrain")),
        (RandomForestClassifier(), ("grow", "retrain")),
        (GradientBoostingClassifier(), ("grow", "retrain")),
        (HistGradientBoostingClassifier(), ("retrain",)),  # see tests/learners/trees/test_retrained.py
        (LinearDiscriminantAnalysis(), ("retrain",)),
        (make_pipeline(StandardScaler(), SGDClassifier()), ("retrain",)),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, tuple) else type(value).__name__,
)
def test_the_rules_are_read_off_the_estimator(estimator, rules) -> None:
    made = from_sklearn(estimator)
    assert made.info.rules == rules
    assert made().active_rule == rules[0]
    again = from_sklearn(estimator, rule="retrain")
    assert again().active_rule == "retrain"


def batch(classes: list[int], n_answers: int = 4) -> Batch:
    subject = Subject(from_sklearn(BernoulliNB())(), "")
    rows = subject.stage1
    return replace(rows, answers=np.array(classes)[rows.answers % len(classes)], n_answers=n_answers)


@pytest.mark.parametrize(
    "estimator", [RandomForestClassifier(5), GradientBoostingClassifier(n_estimators=5)], ids=shown
)
def test_growing_adds_parts_and_leaves_the_old_ones_alone(estimator) -> None:
    learner = from_sklearn(estimator)()
    state = learner.fit(batch([0, 2]), 1)
    updated = learner.update(state, batch([1, 2, 3]), 2)
    before, after = (np.ravel(each.estimator.estimators_).tolist() for each in (state, updated))
    assert len(after) == 2 * len(before)
    rows = batch([0]).inputs.astype(np.float64)
    for old, kept in zip(before, after, strict=False):
        assert np.array_equal(old.predict(rows), kept.predict(rows))
    p = learner.predict(updated, batch([0]).inputs)
    assert p.shape == (100, 4)
    assert (p[:, 3] > 0).any()


def test_continuing_goes_on_from_the_last_solution() -> None:
    learner = from_sklearn(LogisticRegression(max_iter=1))()
    state = learner.fit(batch([0, 1, 2, 3]), 1)
    alone = learner.fit(batch([1, 0, 3, 2]), 1)
    updated = learner.update(state, batch([1, 0, 3, 2]), 1)
    assert np.abs(updated.estimator.coef_ - alone.estimator.coef_).max() > 1e-3


def test_estimators_without_probabilities_answer_by_softmax_or_one_hot() -> None:
    rows = batch([0, 2, 3])
    learner = from_sklearn(Perceptron())()
    state = learner.fit(rows, 1)
    p = learner.predict(state, rows.inputs)
    scores = state.estimator.decision_function(rows.inputs.astype(np.float64))
    np.testing.assert_allclose(np.log(p / p[:, :1]), scores - scores[:, :1], atol=1e-6)

    learner = from_sklearn(Nearest())()
    p = learner.predict(learner.fit(rows, 1), rows.inputs)
    assert set(np.unique(p)) == {0.0, 1.0}
    assert (p[:, 1] == 0).all()


class Nearest(ClassifierMixin, BaseEstimator):
    """Predicts classes and nothing else."""

    def fit(self, X, y):
        self.classes_, self.X_, self.y_ = np.unique(y), X, y
        return self

    def predict(self, X):
        return self.y_[((X[:, None] - self.X_) ** 2).sum(axis=2).argmin(axis=1)]


class Warm(Nearest):
    """Says that it can be started warm, not what that does."""

    def __init__(self, warm_start=False, max_iter=10):
        self.warm_start, self.max_iter = warm_start, max_iter

    def fit(self, X, y, sample_weight=None):
        return super().fit(X, y)


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda: from_sklearn(SGDClassifier), "give SGDClassifier()"),
        (lambda: from_sklearn("forest"), "str is no classifier and no regressor"),
        (lambda: from_sklearn(LinearSVC(), rule="continue"), "can't do rule = 'continue'; it can do retrain"),
        (lambda: from_sklearn(RandomForestClassifier(), rule="refit"), "it can do grow and retrain"),
        (lambda: from_sklearn(HistGradientBoostingClassifier(), rule="grow"), "it can do retrain"),
        (lambda: from_sklearn(GaussianMixture()), "GaussianMixture is no classifier and no regressor"),
        (lambda: from_sklearn(LinearSVC()).suggest(None), "has no search space"),
        (lambda: from_sklearn(Warm()), "does not tell what that does: give rule = one of 'continue'"),
        (lambda: registry.learner("sklearn.ensemble:VotingClassifier"), "from_sklearn(...) in a file"),
        (lambda: registry.learner("sklearn.cluster:KMeans"), "is no classifier and no regressor"),
        (lambda: registry.learner("sklearn.ensemble:RandomForest"), "unknown name in sklearn.ensemble"),
    ],
)
def test_what_can_not_be_a_learner_says_why_in_one_line(ask, message) -> None:
    with pytest.raises(UsageError) as caught:
        ask()
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_unknown_warm_start_does_what_the_user_says() -> None:
    assert from_sklearn(Warm(), rule="grow").info.rules == ("grow", "retrain")
    assert from_sklearn(Warm(), rule="continue").info.rules == ("continue", "retrain")
    assert from_sklearn(Warm(), rule="retrain").info.rules == ("retrain",)


def test_constructor_parameters_are_the_options_also_of_a_pipelines_steps() -> None:
    made = registry.learner("sklearn.neural_network:MLPClassifier")
    learner = configure(made, {"hidden_layer_sizes": [8, 8], "alpha": 0.1, "passes": 3}, "learner")
    state = learner.fit(batch([0, 1]), 1)
    assert [weights.shape[1] for weights in state.estimator.coefs_] == [8, 8, 4]
    assert state.estimator.alpha == 0.1
    made = from_sklearn(make_pipeline(StandardScaler(), DecisionTreeClassifier()), name="scaled-tree")
    learner = configure(made, {"decisiontreeclassifier__max_depth": 1}, "learner")
    assert learner.fit(batch([0, 1]), 1).estimator[-1].get_depth() == 1
    assert made.info.name == "scaled-tree"
    with pytest.raises(UsageError, match="did you mean 'decisiontreeclassifier__max_depth'"):
        configure(made, {"decisiontreeclassifier__max_dept": 1}, "learner")


def test_randomness_comes_from_the_seed_in_every_step() -> None:
    learner = from_sklearn(make_pipeline(StandardScaler(), RandomForestClassifier(5, random_state=3)))()
    assert "randomforestclassifier__random_state" not in vars(learner)
    rows = batch([0, 1, 2])
    first, again, other = (learner.predict(learner.fit(rows, seed), rows.inputs) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize(
    ("estimator", "family"),
    [
        (RandomForestClassifier(), "forests"),
        (HistGradientBoostingClassifier(), "boosting"),
        (make_pipeline(StandardScaler(), SVC()), "kernel methods"),
        (OneVsRestClassifier(LogisticRegression()), "linear"),
        (BaggingClassifier(KNeighborsClassifier()), "nearest neighbours"),
        (type("Mine", (MLPClassifier,), {"__module__": "elsewhere"})(), "neural networks"),
        (StackingClassifier([("tree", DecisionTreeClassifier())]), "other"),
    ],
    ids=lambda value: value if isinstance(value, str) else shown(value),
)
def test_the_family_is_that_of_the_kind_of_estimator_wherever_its_class_lies(estimator, family) -> None:
    assert from_sklearn(estimator).info.family == family
    assert from_sklearn(estimator, family="mine").info.family == "mine"


def test_a_search_space_can_be_given() -> None:
    import optuna

    made = from_sklearn(LinearSVC(), space=lambda trial: {"C": trial.suggest_float("C", 0.1, 10, log=True)})
    trial = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0)).ask()
    drawn = made.suggest(trial)
    assert trial.params == {"C": drawn.C}


def test_learners_pickle_with_their_options() -> None:
    learner = from_sklearn(RandomForestClassifier(7))(max_depth=2)
    again = pickle.loads(pickle.dumps(learner))
    assert vars(again) == vars(learner)
    assert again.info == learner.info


def test_it_can_be_measured_by_name_and_from_a_file(tmp_path: Path) -> None:
    name = "sklearn.ensemble:ExtraTreesClassifier"
    assert registry.learner(name) is registry.learner(name)
    made = registry.learner(name)
    found = measure(
        [made(n_estimators=5, rule=rule) for rule in ("grow", "retrain")], setting("vectors"), [seed(0)]
    )
    assert {row["rule"] for row in found.scores} == {"grow", "retrain"}
    file = tmp_path / "mine.py"
    file.write_text(
        "from sklearn.svm import SVC\nfrom iml_general.plugins.from_sklearn import from_sklearn\n"
        "Mine = from_sklearn(SVC(), name='mine')\nbare = SVC(C=3.0)\n"
    )
    assert registry.learner(f"{file}:Mine").info.name == "mine"
    assert registry.learner(f"{file}:bare")().C == 3.0
