"""What kind of classifier an estimator is: whether it is one, its family, and how it learns more.

All is told by the estimator's class, its parameters and the arguments of its methods, so that it holds
of other libraries' estimators too. What these don't tell, the caller of `from_sklearn` has to say.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from importlib.metadata import packages_distributions
from typing import Any, Literal

from iml_general.errors import UsageError

Updating = Literal["partial_fit", "n_estimators", "max_iter", "warm_start", "append"]
"""How an estimator learns more: by `partial_fit`; by a warm start after more of its parts were asked for
(the parameter is the name); by a warm start from its last solution; or by remembering more rows."""

OTHER = "other"
"""The family of an estimator whose class tells nothing."""


def is_estimator(value: Any) -> bool:
    """Whether a value is an estimator of scikit-learn or its like, or the class of one."""
    # Some have `predict` only once they are fitted.
    return all(hasattr(value, method) for method in ("get_params", "set_params", "fit"))


def check_classifier(estimator: Any) -> None:
    """Refuse what can't be made a learner.

    Args:
        estimator: What is to be a learner.

    Raises:
        UsageError: If it is a class, has no parameters to be read or copied, or is no classifier.
    """
    if inspect.isclass(estimator):
        raise UsageError(f"from_sklearn takes an estimator, not a class; give {estimator.__name__}()")
    if not _is_classifier(estimator):
        raise UsageError(f"{shown(estimator)} is no classifier; from_sklearn takes scikit-learn classifiers")
    from sklearn.base import clone

    try:
        clone(estimator).get_params()
    except (TypeError, RuntimeError) as error:
        raise UsageError(
            f"{shown(estimator)} can't be copied ({str(error).splitlines()[0]}); wrap it in a class that"
            " derives from sklearn.base.BaseEstimator and makes it in `fit`"
        ) from error


def updating_of(estimator: Any, rule: str | None) -> Updating | None:
    """Find out how an estimator can learn more.

    Args:
        estimator: A classifier.
        rule: What its user says of it, for what it doesn't tell itself.

    Returns:
        How; None if it can only be fitted anew.

    Raises:
        UsageError: If it has a warm start, and nobody tells what that does.
    """
    if rule == "append":  # nobody but its user knows that `fit` does no more than remember
        return "append"
    # Without `classes` it would take those of its first rows for all that there are.
    if hasattr(estimator, "partial_fit") and _takes(estimator.partial_fit, "classes"):
        return "partial_fit"
    # Rows of weight 0 are what keeps the classes of both stages the same.
    if "warm_start" not in estimator.get_params(deep=False) or not _takes(estimator.fit, "sample_weight"):
        return None
    return _warm_start(estimator, rule)


def rule_of(updating: Updating) -> str:
    """Give the update rule that a way of learning more is."""
    if updating == "append":
        return "append"
    return "grow" if updating in ("n_estimators", "max_iter") else "continue"


def family_of(estimator: Any) -> str:
    """Find the family by which reports group an estimator's learner.

    Args:
        estimator: A classifier.

    Returns:
        That of the scikit-learn class that it derives from; of a pipeline or another estimator around one
        estimator, that of the inner one; `OTHER` if its class tells nothing.
    """
    if isinstance(getattr(estimator, "steps", None), list):
        return family_of(estimator.steps[-1][1])
    for family, kinds in _families():
        if isinstance(estimator, kinds):
            return family
    inner = estimator.get_params(deep=False).get("estimator") if hasattr(estimator, "get_params") else None
    return OTHER if inner is None else family_of(inner)


def libraries_of(estimator: Any) -> tuple[str, ...]:
    """Find the distributions whose versions matter for an estimator's results.

    Args:
        estimator: A classifier.

    Returns:
        Those that its class, a class that it derives from, or an estimator in it is from; scikit-learn first.
    """
    inner = [value for value in estimator.get_params().values() if is_estimator(value)]
    kinds = {kind for one in (estimator, *inner) for kind in type(one).__mro__}
    packages = {kind.__module__.split(".")[0] for kind in kinds} - {"iml_general"}
    found = {name for package in packages for name in _distributions().get(package, ())}
    return ("scikit-learn", *sorted(found - {"scikit-learn"}))


def shown(estimator: Any) -> str:
    """Give an estimator's name for messages."""
    return type(estimator).__name__


@lru_cache(maxsize=1)
def _distributions() -> Mapping[str, list[str]]:
    """What is installed, by what one imports of it."""
    return packages_distributions()


@lru_cache(maxsize=1)
def _families() -> tuple[tuple[str, tuple[type[Any], ...]], ...]:
    """Classes by family, under the names that the built-in learners' families have."""
    from sklearn import discriminant_analysis, ensemble, linear_model, naive_bayes, neighbors, svm, tree
    from sklearn.gaussian_process import GaussianProcessClassifier
    from sklearn.neural_network import MLPClassifier

    return (
        ("forests", (ensemble.RandomForestClassifier, ensemble.ExtraTreesClassifier)),
        (
            "boosting",
            (
                ensemble.AdaBoostClassifier,
                ensemble.GradientBoostingClassifier,
                ensemble.HistGradientBoostingClassifier,
            ),
        ),
        ("decision trees", (tree.DecisionTreeClassifier,)),
        (
            "nearest neighbours",
            (
                neighbors.KNeighborsClassifier,
                neighbors.RadiusNeighborsClassifier,
                neighbors.NearestCentroid,
            ),
        ),
        ("kernel methods", (svm.SVC, svm.NuSVC, GaussianProcessClassifier)),
        (
            "linear",
            (
                discriminant_analysis.LinearDiscriminantAnalysis,
                linear_model.LogisticRegression,
                linear_model.RidgeClassifier,
                linear_model.RidgeClassifierCV,
                linear_model.SGDClassifier,
                linear_model.Perceptron,
                svm.LinearSVC,
            ),
        ),
        (
            "naive Bayes",
            (
                naive_bayes.BernoulliNB,
                naive_bayes.CategoricalNB,
                naive_bayes.ComplementNB,
                naive_bayes.GaussianNB,
                naive_bayes.MultinomialNB,
            ),
        ),
        ("neural networks", (MLPClassifier,)),
    )


def _is_classifier(estimator: Any) -> bool:
    """Whether it says so or, where it says nothing, gives probabilities of classes."""
    from sklearn.base import ClassifierMixin

    if not is_estimator(estimator):
        return False
    kind = getattr(estimator, "_estimator_type", None)  # before scikit-learn 1.6
    with suppress(AttributeError):  # of a class that does not derive from scikit-learn's
        kind = estimator.__sklearn_tags__().estimator_type or kind
    tells = isinstance(estimator, ClassifierMixin) or hasattr(estimator, "predict_proba")
    return kind == "classifier" or (kind is None and tells)


def _takes(method: Any, argument: str) -> bool:
    return argument in inspect.signature(method).parameters


def _warm_start(estimator: Any, rule: str | None) -> Updating | None:
    """What a warm start does: what is known of scikit-learn's own, and of others what the user says."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    parameters = estimator.get_params(deep=False)
    if isinstance(estimator, HistGradientBoostingClassifier):
        # It puts stage 2 into bins of its own and lets the old trees read those as if they were stage 1's:
        # it would boost on from answers that the old trees don't give (scikit-learn 1.9).
        return None
    if "n_estimators" in parameters:
        return "n_estimators"
    known: dict[str | None, Updating | None] = {"continue": "warm_start", "retrain": None}
    if "max_iter" in parameters:
        known["grow"] = "max_iter"
    if of_sklearn(estimator):
        return "warm_start"
    if rule not in known:
        raise UsageError(
            f"{shown(estimator)} has a warm_start, but does not tell what that does: "
            f"give rule = one of {', '.join(repr(one) for one in known)} "
            "(grow: more trees; continue: from the last solution)"
        )
    return known[rule]


def of_sklearn(estimator: Any) -> bool:
    """Whether an estimator is scikit-learn's own, so that its conventions hold to the letter."""
    return type(estimator).__module__.startswith("sklearn.")
