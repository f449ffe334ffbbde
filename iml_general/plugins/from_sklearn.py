"""Makes a learner of any scikit-learn classifier or pipeline, in one line.

::

    Boosted = from_sklearn(HistGradientBoostingClassifier(max_depth=4))

A plan can also name a classifier's class directly: ``"sklearn.ensemble:HistGradientBoostingClassifier"``.
What stage 2 does is read off the estimator: one with ``partial_fit`` can ``continue``, one with a
``warm_start`` can ``grow`` (more trees) or ``continue`` (from its last solution), and all can ``retrain``.
"""

from __future__ import annotations

import inspect
import keyword
import re
from collections.abc import Callable, Mapping
from dataclasses import field, make_dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from iml_general.errors import UsageError
from iml_general.learner import LearnerInfo
from iml_general.options import PositiveInt
from iml_general.plugins.sklearn_learner import SklearnLearner, Updating

if TYPE_CHECKING:
    import optuna

Scalar = bool | int | float | str | None
Option = Scalar | tuple[Scalar, ...]
Space = Callable[["optuna.Trial"], Mapping[str, Any]]

OURS = ("random_state", "n_jobs", "warm_start", "verbose")
"""Parameters that the adapter sets itself, also those of a pipeline's steps."""

PASSES, UPDATE_PASSES = 100, 50  # over the rows of either stage, where one pass is not enough


def from_sklearn(
    estimator: Any, rule: str | None = None, *, name: str | None = None, space: Space | None = None
) -> type[SklearnLearner]:
    """Make a learner class of a classifier.

    The class has the estimator's own parameters as fields (``step__parameter`` in a pipeline), but for
    those that hold other objects. It uses one thread and takes its randomness from the seed. An
    estimator without ``predict_proba`` answers with the softmax of its ``decision_function``, one
    without either with probability 1 for what it predicts. Classes without a row get probability 0.

    Args:
        estimator: An unfitted classifier or pipeline; its parameters become the defaults.
        rule: The update rule used by default, and needed where the estimator doesn't tell what its
            ``warm_start`` means: ``"grow"``, ``"continue"`` or ``"retrain"``.
        name: The learner's name; made from the estimator's if not given.
        space: From an Optuna trial to values of fields, the search space; nothing is searched without.

    Returns:
        A frozen dataclass that keeps the learner contract.

    Raises:
        UsageError: If it is no classifier, or can't do what the rule says, or doesn't tell.
    """
    _check_classifier(estimator)
    updating = _updating(estimator, rule)
    rules = ("retrain",) if updating is None else (_rule(updating), "retrain")
    if rule is not None and rule not in rules:
        raise UsageError(
            f"{_shown(estimator)} can't do rule = {rule!r}; it can do {' and '.join(rules)} "
            "(it takes partial_fit to continue, warm_start and sample weights to grow)"
        )
    default = rule or rules[0]
    own: list[tuple[str, Any, Any]] = []
    if len(rules) > 1:
        own.append(("rule", Literal[rules], field(default=default)))
    if updating == "partial_fit":
        iterates = any(key.split("__")[-1] == "max_iter" for key in estimator.get_params())
        own.append(("passes", PositiveInt, field(default=PASSES if iterates else 1)))
        own.append(("update_passes", PositiveInt, field(default=UPDATE_PASSES if iterates else 1)))
    options = [(key, Option, field(default=value)) for key, value in _options(estimator).items()]
    kind = type(estimator)
    package = kind.__module__.split(".")[0]
    info = LearnerInfo(
        name=name or f"{package}-{_hyphenated(kind.__name__)}",
        family=".".join(kind.__module__.split(".")[:2]),
        summary=f"{kind.__name__}, as {package} has it",
        form="vectors",
        rules=(default, *(other for other in rules if other != default)),
        update_fields=("update_passes",) if updating == "partial_fit" else (),
        libraries=("scikit-learn",) if package == "sklearn" else (package, "scikit-learn"),
    )
    namespace = {
        "info": info,
        "prototype": estimator,
        "updating": updating,
        "parameters": tuple(key for key, _, _ in options),
        "space": staticmethod(space) if space else None,
        "__reduce__": lambda self: (_revived, (estimator, rule, name, space, _values(self))),
        "__doc__": f"{kind.__name__} as a learner.",
    }
    made = make_dataclass(
        kind.__name__, [*own, *options], bases=(SklearnLearner,), namespace=namespace, frozen=True
    )
    made.__module__ = __name__
    return made


def is_estimator(value: Any) -> bool:
    """Whether a value is an estimator of scikit-learn or its like, or the class of one."""
    return all(hasattr(value, method) for method in ("get_params", "set_params", "fit", "predict"))


@lru_cache(maxsize=64)
def adapted(value: Any, target: str) -> type[SklearnLearner]:
    """Make a learner of what a target names; the same one each time.

    Args:
        value: An estimator or the class of one.
        target: What named it, ``module:attribute``, for messages.

    Returns:
        A learner class, the estimator's parameters or the class's defaults as its own defaults.

    Raises:
        UsageError: If it can't be adapted.
    """
    try:
        return from_sklearn(value() if inspect.isclass(value) else value)
    except TypeError as error:
        raise UsageError(
            f"{target!r}: {error}; write Mine = from_sklearn(...) in a file and name it as ./file.py:Mine"
        ) from error


def _revived(
    estimator: Any, rule: str | None, name: str | None, space: Space | None, values: dict[str, Any]
) -> SklearnLearner:
    return from_sklearn(estimator, rule, name=name, space=space)(**values)


def _values(learner: SklearnLearner) -> dict[str, Any]:
    return dict(vars(learner))


def _check_classifier(estimator: Any) -> None:
    from sklearn.base import is_classifier

    if inspect.isclass(estimator):
        raise UsageError(f"from_sklearn takes an estimator, not a class; give {estimator.__name__}()")
    if not hasattr(estimator, "get_params") or not is_classifier(estimator):
        raise UsageError(f"{_shown(estimator)} is no classifier; from_sklearn takes scikit-learn classifiers")


def _updating(estimator: Any, rule: str | None) -> Updating | None:
    """How the estimator can learn more; None if it can only be fitted anew."""
    if hasattr(estimator, "partial_fit"):
        return "partial_fit"
    # Rows of weight 0 are what keeps the classes of both stages the same.
    weighted = "sample_weight" in inspect.signature(estimator.fit).parameters
    if "warm_start" not in estimator.get_params(deep=False) or not weighted:
        return None
    return _warm_start(estimator, rule)


def _warm_start(estimator: Any, rule: str | None) -> Updating | None:
    """What a warm start does: what is known of scikit-learn's own, and of others what the user says."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    parameters = estimator.get_params(deep=False)
    if "n_estimators" in parameters:
        return "n_estimators"
    if isinstance(estimator, HistGradientBoostingClassifier):
        return "max_iter"
    known: dict[str | None, Updating | None] = {"continue": "warm_start", "retrain": None}
    if "max_iter" in parameters:
        known["grow"] = "max_iter"
    if type(estimator).__module__.startswith("sklearn."):
        return "warm_start"
    if rule not in known:
        raise UsageError(
            f"{_shown(estimator)} has a warm_start, but does not tell what that does: "
            f"give rule = one of {', '.join(repr(one) for one in known)} "
            "(grow: more trees; continue: from the last solution)"
        )
    return known[rule]


def _rule(updating: Updating) -> str:
    return "grow" if updating in ("n_estimators", "max_iter") else "continue"


def _options(estimator: Any) -> dict[str, Any]:
    """Parameters that a plan can hold, by name."""
    return {
        key: value
        for key, value in sorted(estimator.get_params().items())
        if key.split("__")[-1] not in OURS and not keyword.iskeyword(key) and _is_option(value)
    }


def _is_option(value: Any) -> bool:
    values = value if isinstance(value, tuple) else (value,)
    return all(one is None or type(one) in (bool, int, float, str) for one in values)


def _hyphenated(name: str) -> str:
    words: list[str] = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+", name.removesuffix("Classifier"))
    return "-".join(word.lower() for word in words) or name.lower()


def _shown(estimator: Any) -> str:
    return type(estimator).__name__
