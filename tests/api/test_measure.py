"""A learner measured in this process is judged as in a study."""

import subprocess
import sys
from pathlib import Path

import pytest
from polars.testing import assert_frame_equal
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

import iml_general as iml
from iml_general.api.learners import LearnerLike
from iml_general.errors import LearnerError, UsageError

TOYS = str(Path(__file__).parents[1] / "plugins" / "toys.py")


def test_what_is_found_is_what_a_run_of_the_same_plan_finds(
    result: iml.Result, learners: list[LearnerLike], small: dict[str, object]
) -> None:
    measured = iml.measure(*learners, seeds=3, settings={**small, "name": "quick"})
    assert_frame_equal(measured.scores, result.scores)
    assert_frame_equal(measured.effects, result.effects)
    assert_frame_equal(measured.verdicts, result.verdicts)
    assert_frame_equal(measured.findings, result.findings)
    what = ["learner", "rule", "phase", "n_seeds"]
    assert_frame_equal(measured.costs.select(what).sort(what), result.costs.select(what).sort(what))


def test_both_controls_stand_beside_the_learner_and_nothing_is_written(
    here: Path, small: dict[str, object]
) -> None:
    found = iml.measure(GaussianNB(), seeds=2, settings=small).findings
    assert set(found["role"]) == {"subject", "positive control", "negative control"}
    assert found.filter(role="subject")["learner"].unique().to_list() == ["sklearn-gaussian-nb"]
    assert list(here.iterdir()) == []


def test_a_pipeline_and_a_class_of_this_session_can_be_measured(small: dict[str, object]) -> None:
    class Mine(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
        def fit(self, X: object, y: object) -> "Mine":
            self.inner = KNeighborsClassifier(1).fit(X, y)
            self.classes_ = self.inner.classes_
            return self

        def predict(self, X: object) -> object:
            return self.inner.predict(X)

    pipeline = make_pipeline(StandardScaler(), GaussianNB())
    named = iml.from_sklearn(make_pipeline(StandardScaler(), DecisionTreeClassifier()), name="scaled-tree")
    found = iml.measure(Mine(), pipeline, named, seeds=2, settings=small, rule="retrain")
    subjects = found.findings.filter(role="subject")
    assert set(subjects["rule"]) == {"retrain"}
    assert {"scaled-tree", "sklearn-pipeline"} < set(subjects["learner"])
    instance = iml.measure(named(), seeds=2, settings=small).findings.filter(role="subject")
    assert_frame_equal(instance, subjects.filter(learner="scaled-tree"))


def test_regressors_are_measured_in_the_world_of_numbers(small: dict[str, object]) -> None:
    pipeline = make_pipeline(StandardScaler(), KNeighborsRegressor())
    found = iml.measure(Ridge(alpha=2.0), pipeline, seeds=2, settings=small)
    subjects = found.findings.filter(role="subject")
    assert set(subjects["learner"]) == {"sklearn-ridge", "sklearn-pipeline"}
    assert set(subjects["world"]) == {"numbers"}
    assert "r2" in set(found.scores["measure"])
    by_name = iml.measure("sklearn.linear_model:Ridge", "ridge", seeds=2, settings=small).findings
    assert set(by_name["world"]) == {"numbers"}


def test_a_rule_measures_that_rule_alone(small: dict[str, object]) -> None:
    both = iml.measure(GaussianNB(), seeds=2, settings=small).findings.filter(role="subject")
    one = iml.measure(GaussianNB(), rule="continue", seeds=2, settings=small).findings.filter(role="subject")
    assert both["rule"].to_list() == ["continue", "retrain"]
    assert one["rule"].to_list() == ["continue"]


def test_a_learner_that_raises_is_told_at_once_with_its_own_error(small: dict[str, object]) -> None:
    with pytest.raises(LearnerError, match="ZeroDivisionError") as caught:
        iml.measure(f"{TOYS}:Raises", seeds=2, settings=small)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


@pytest.mark.parametrize(
    ("learners", "keywords", "message"),
    [
        ((), {}, "needs at least one learner"),
        ((StandardScaler(),), {}, "StandardScaler is no classifier and no regressor"),
        (
            (Ridge(),),
            {"world": "statements"},
            "sklearn.linear_model:Ridge: answers with numbers, and world 'statements' is answered with"
            " classes; choose other learners or another world",
        ),
        ((GaussianNB(),), {"world": "numbers"}, "answers with classes, and world 'numbers' is answered with"),
        (("ridge", "rigde"), {}, "unknown learner 'rigde'; did you mean 'ridge'"),
        ((3,), {}, "3 is no learner: give a name"),
        ((GaussianNB(),), {"rule": "grow"}, "can't do rule = 'grow'; it can do continue and retrain"),
        (("naive-bayes",), {"rule": "grow"}, "has no update rule 'grow'"),
        ((GaussianNB(),), {"seeds": 1}, "seeds = 1"),
        (("naive-bayes",), {"settings": {"levels": ["tuned"]}}, "measure searches for nothing"),
        ((GaussianNB(), GaussianNB()), {}, "twice: remove one"),
        (
            tuple(make_pipeline(one, GaussianNB()) for one in (StandardScaler(), StandardScaler())),
            {},
            "two learners are named 'sklearn-pipeline': give each a name of its own",
        ),
    ],
)
def test_what_is_not_allowed_is_refused_in_one_line(
    learners: tuple[object, ...], keywords: dict[str, object], message: str
) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        iml.measure(*learners, **keywords)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)


def test_ctrl_c_ends_a_measurement(small: dict[str, object]) -> None:
    def interrupt(done: int, total: int) -> None:
        if done == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        iml.measure(GaussianNB(), seeds=2, settings=small, progress=interrupt)


def test_a_learner_defined_in_the_main_script_is_measured_there_and_refused_by_a_study(
    here: Path, small: dict[str, object]
) -> None:
    (here / "script.py").write_text(
        f"{Path(TOYS).read_text()}\n\n"
        "import iml_general as iml\n"
        "from iml_general.errors import UsageError\n\n"
        f"small = {small}\n"
        "from sklearn.naive_bayes import GaussianNB\n"
        "class LastWord(GaussianNB):\n    pass\n\n"
        "found = iml.measure(Credulous(), LastWord(), seeds=2, settings=small).findings\n"
        "print(*sorted(set(found.filter(role='subject')['learner'])))\n"
        "try:\n"
        "    iml.Study('quick', learners=[Credulous])\n"
        "except UsageError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run([sys.executable, "script.py"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    measured, refused = done.stdout.splitlines()
    assert measured == "credulous last-word"
    assert "can't be loaded by worker processes" in refused
    assert "./file.py:NAME" in refused
