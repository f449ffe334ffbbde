"""Makes a learner of any scikit-learn classifier, regressor or pipeline, in one line.

::

    Boosted = from_sklearn(HistGradientBoostingClassifier(max_depth=4))

A plan can also name an estimator's class directly: ``"sklearn.ensemble:HistGradientBoostingClassifier"``.
What stage 2 does is read off the estimator: one with ``partial_fit`` can ``continue``, one with a
``warm_start`` can ``grow`` (more trees) or ``continue`` (from its last solution), and all can ``retrain``.
"""

from __future__ import annotations

import inspect
import keyword
import math
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import field, make_dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from iml_general.errors import UsageError
from iml_general.learner import CLASSES, NUMBERS, LearnerInfo
from iml_general.options import PositiveInt
from iml_general.plugins.loading import OF_A_FILE
from iml_general.plugins.sklearn_classifier import SklearnClassifier
from iml_general.plugins.sklearn_families import family_of
from iml_general.plugins.sklearn_kinds import answers_of, libraries_of, rule_of, shown, updating_of
from iml_general.plugins.sklearn_learner import SEEDS, THREADS, SklearnLearner
from iml_general.plugins.sklearn_regressor import SklearnRegressor

if TYPE_CHECKING:
    import optuna

Scalar = bool | int | float | str | None
Option = Scalar | tuple[Scalar, ...]
Space = Callable[["optuna.Trial"], Mapping[str, Any]]

OURS = (*SEEDS, *THREADS, "verbose", "warm_start")
"""Parameters that the adapter sets itself, also those of a pipeline's steps, by their usual names."""

BASES = {CLASSES: SklearnClassifier, NUMBERS: SklearnRegressor}
"""What a learner is made from, by what its estimator answers with."""

NEEDED = {
    CLASSES: "it takes a partial_fit with classes to continue, warm_start and sample weights to grow",
    NUMBERS: "it takes a partial_fit to continue, a warm_start with n_estimators to grow",
}
"""What an estimator needs for more rules, by what it answers with."""

PASSES, UPDATE_PASSES = 100, 50  # over the rows of either stage, where one pass is not enough


def from_sklearn(
    estimator: Any,
    rule: str | None = None,
    *,
    name: str | None = None,
    family: str | None = None,
    max_rows: int | None = None,
    space: Space | None = None,
) -> type[SklearnLearner]:
    """Make a learner class of a classifier, or of a regressor: that is one for worlds of numbers.

    The class has the estimator's own parameters as fields (``step__parameter`` in a pipeline), but for
    those that hold other objects. It uses one thread, takes its randomness from the seed and shows no
    warnings. A classifier without ``predict_proba`` answers with the softmax of its ``decision_function``,
    one without either with probability 1 for what it predicts. Classes without a row get probability 0.
    A regressor answers with what it predicts.

    Args:
        estimator: An unfitted classifier, regressor or pipeline; its parameters become the defaults.
        rule: The update rule used by default, and needed where the estimator doesn't tell what it can:
            ``"grow"``, ``"continue"`` or ``"retrain"`` of a foreign ``warm_start``; ``"append"`` of an
            estimator whose ``fit`` does no more than remember the rows, as an in-context learner's.
        name: The learner's name; made from the estimator's if not given.
        family: The family by which reports group learners; that of the scikit-learn class that the estimator
            derives from if not given, else ``"other"``.
        max_rows: The most rows that it can learn from, both stages together; see `LearnerInfo`.
        space: From an Optuna trial to values of fields, the search space; without, it can't be searched.

    Returns:
        A frozen dataclass that keeps the learner contract.

    Raises:
        UsageError: If it is neither of the two, or can't do what the rule says, or doesn't tell.
    """
    answers = answers_of(estimator)
    updating = updating_of(estimator, answers, rule)
    rules = ("retrain",) if updating is None else (rule_of(updating), "retrain")
    if rule is not None and rule not in rules:
        raise UsageError(
            f"{shown(estimator)} can't do rule = {rule!r}; it can do {' and '.join(rules)} "
            f"({NEEDED[answers]})"
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
    package = _package_of(kind)
    info = LearnerInfo(
        name=name or _hyphenated(f"{package} {kind.__name__}"),
        family=family or family_of(estimator),
        summary=f"{kind.__name__}, as {package} has it"
        if package
        else f"{kind.__name__}, written by its user",
        form="vectors",
        rules=(default, *(other for other in rules if other != default)),
        update_fields=("update_passes",) if updating == "partial_fit" else (),
        libraries=libraries_of(estimator),
        max_rows=max_rows,
    )
    # A search space is often a lambda, which does not pickle; what is fitted elsewhere needs none.
    facts = {"rule": rule, "name": name, "family": family, "max_rows": max_rows}
    namespace = {
        "info": info,
        "prototype": estimator,
        "updating": updating,
        "parameters": tuple(key for key, _, _ in options),
        "__reduce__": lambda self: (_revived, (estimator, facts, dict(vars(self)))),
        "__doc__": f"{kind.__name__} as a learner.",
    }
    if space is not None:
        namespace["suggest"] = classmethod(lambda cls, trial: cls(**space(trial)))
    made = make_dataclass(
        kind.__name__, [*own, *options], bases=(BASES[answers],), namespace=namespace, frozen=True
    )
    # As for a named tuple: where it was made, so that another process imports what it is made of.
    made.__module__ = sys._getframe(1).f_globals.get("__name__", __name__)
    return made


def _package_of(kind: type) -> str:
    """The package that a class is from; none if it is from a script, a notebook or a file of its own."""
    package = kind.__module__.split(".")[0]
    return "" if package == "__main__" or package.startswith(OF_A_FILE) else package


def is_option(value: Any) -> bool:
    """Whether a plan can hold a parameter's value: a number, text, truth value, None, or a tuple of them."""
    values = value if isinstance(value, tuple) else (value,)
    return all(
        one is None or type(one) in (bool, int, str) or (type(one) is float and math.isfinite(one))
        for one in values
    )


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


def _revived(estimator: Any, facts: dict[str, Any], values: dict[str, Any]) -> SklearnLearner:
    return from_sklearn(estimator, **facts)(**values)


def _options(estimator: Any) -> dict[str, Any]:
    """Parameters that a plan can hold, by name."""
    return {
        key: value
        for key, value in sorted(estimator.get_params().items())
        if key.split("__")[-1] not in OURS and _can_be_a_field(key) and is_option(value)
    }


def _can_be_a_field(name: str) -> bool:
    """Whether a parameter's name is free: none of the learner's own."""
    own = {"rule", "passes", "update_passes", *SklearnLearner.__annotations__, *dir(SklearnLearner)}
    return not keyword.iskeyword(name) and name not in own


def _hyphenated(name: str) -> str:
    words: list[str] = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+", name.removesuffix("Classifier"))
    return "-".join(word.lower() for word in words) or name.lower()
