"""What kind of estimator it is: whether it answers with classes or numbers, and how it learns more.

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
from iml_general.learner import CLASSES, NUMBERS

Updating = Literal["partial_fit", "n_estimators", "max_iter", "warm_start", "append"]
"""How an estimator learns more: by `partial_fit`; by a warm start after more of its parts were asked for
(the parameter is the name); by a warm start from its last solution; or by remembering more rows."""


def is_estimator(value: Any) -> bool:
    """Whether a value is an estimator of scikit-learn or its like, or the class of one."""
    # Some have `predict` only once they are fitted.
    return all(hasattr(value, method) for method in ("get_params", "set_params", "fit"))


def answers_of(estimator: Any) -> str:
    """Find out what an estimator answers with, and refuse what can't be made a learner.

    Args:
        estimator: What is to be a learner.

    Returns:
        `CLASSES` of a classifier, `NUMBERS` of a regressor.

    Raises:
        UsageError: If it is a class, has no parameters to be read or copied, or is neither of the two.
    """
    if inspect.isclass(estimator):
        raise UsageError(f"from_sklearn takes an estimator, not a class; give {estimator.__name__}()")
    kinds = {"classifier": CLASSES, "regressor": NUMBERS}
    kind = _told_kind(estimator) if is_estimator(estimator) else None
    if kind not in kinds:
        raise UsageError(
            f"{shown(estimator)} is no classifier and no regressor; from_sklearn takes scikit-learn's, and"
            " classes that derive from sklearn.base.ClassifierMixin or RegressorMixin"
        )
    from sklearn.base import clone

    try:
        clone(estimator).get_params()
    except (TypeError, RuntimeError) as error:
        raise UsageError(
            f"{shown(estimator)} can't be copied ({str(error).splitlines()[0]}); wrap it in a class that"
            " derives from sklearn.base.BaseEstimator and makes it in `fit`"
        ) from error
    return kinds[kind]


def updating_of(estimator: Any, answers: str, rule: str | None) -> Updating | None:
    """Find out how an estimator can learn more.

    Args:
        estimator: A classifier or regressor.
        answers: What it answers with, as `answers_of` has it.
        rule: What its user says of it, for what it doesn't tell itself.

    Returns:
        How; None if it can only be fitted anew.

    Raises:
        UsageError: If it has a warm start, and nobody tells what that does.
    """
    if rule == "append":  # nobody but its user knows that `fit` does no more than remember
        return "append"
    of_classes = answers == CLASSES
    # Without `classes` it would take those of its first rows for all that there are.
    if hasattr(estimator, "partial_fit") and (not of_classes or _takes(estimator.partial_fit, "classes")):
        return "partial_fit"
    if "warm_start" not in estimator.get_params(deep=False):
        return None
    # Rows of weight 0 are what keeps the classes of both stages the same.
    if of_classes and not _takes(estimator.fit, "sample_weight"):
        return None
    return _warm_start(estimator, rule)


def rule_of(updating: Updating) -> str:
    """Give the update rule that a way of learning more is."""
    if updating == "append":
        return "append"
    return "grow" if updating in ("n_estimators", "max_iter") else "continue"


def libraries_of(estimator: Any) -> tuple[str, ...]:
    """Find the distributions whose versions matter for an estimator's results.

    Args:
        estimator: A classifier or regressor.

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


def _told_kind(estimator: Any) -> str | None:
    """What it says that it is; of one that says nothing, what it derives from or has the methods of."""
    from sklearn.base import ClassifierMixin, RegressorMixin

    kind: str | None = getattr(estimator, "_estimator_type", None)  # before scikit-learn 1.6
    with suppress(AttributeError):  # of a class that does not derive from scikit-learn's
        kind = estimator.__sklearn_tags__().estimator_type or kind
    if kind is not None:
        return kind
    if isinstance(estimator, ClassifierMixin) or hasattr(estimator, "predict_proba"):
        return "classifier"
    return "regressor" if isinstance(estimator, RegressorMixin) else None


def _takes(method: Any, argument: str) -> bool:
    return argument in inspect.signature(method).parameters


def _warm_start(estimator: Any, rule: str | None) -> Updating | None:
    """What a warm start does: what is known of scikit-learn's own, and of others what the user says."""
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    parameters = estimator.get_params(deep=False)
    if isinstance(estimator, (HistGradientBoostingClassifier, HistGradientBoostingRegressor)):
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
