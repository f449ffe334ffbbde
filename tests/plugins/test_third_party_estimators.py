"""Estimators of libraries that are installed for it conform, wrapped as their page in docs/ has it."""

import pytest
from imblearn.ensemble import BalancedRandomForestClassifier
from imblearn.over_sampling import RandomOverSampler
from imblearn.pipeline import make_pipeline
from lightgbm import LGBMClassifier
from perpetual import PerpetualClassifier
from sklearn.naive_bayes import GaussianNB

from iml_general.checks import conforms, run_checks
from iml_general.plugins.from_sklearn import from_sklearn

INSTALLED = {
    "balanced-forest": from_sklearn(BalancedRandomForestClassifier(n_estimators=5), name="balanced-forest"),
    "oversampled": from_sklearn(make_pipeline(RandomOverSampler(), GaussianNB()), name="oversampled"),
    "lgbm": from_sklearn(LGBMClassifier(n_estimators=10, verbose=-1), name="lgbm", family="boosting"),
    "perpetual": from_sklearn(PerpetualClassifier(), name="perpetual", family="boosting"),
}


@pytest.mark.parametrize("learner", INSTALLED.values(), ids=INSTALLED)
def test_an_estimator_of_another_library_conforms(learner) -> None:
    results = run_checks(learner)
    assert [result.message for result in results if result.outcome == "fail"] == []
    assert conforms(results)


def test_what_derives_from_a_class_of_scikit_learn_has_its_rule_and_family() -> None:
    info = INSTALLED["balanced-forest"].info
    assert (info.family, info.rules) == ("forests", ("grow", "retrain"))
    assert INSTALLED["oversampled"].info.family == "naive Bayes"


def test_the_versions_that_matter_are_those_of_all_libraries_that_it_is_made_of() -> None:
    assert INSTALLED["oversampled"].info.libraries == ("scikit-learn", "imbalanced-learn")

    class Mine(PerpetualClassifier):
        pass

    assert from_sklearn(Mine(), name="mine").info.libraries == ("scikit-learn", "perpetual")
