"""What a user hands over as a learner: a name, a class, an instance, a scikit-learn estimator.

Worker processes, and whoever goes on with a run later, load a learner by its name. So whatever a name and
options can say becomes an entry of the plan; the rest lives in this process only, and can be measured in it.
"""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeGuard, Union

from iml_general.errors import UsageError
from iml_general.learner import AnyLearner
from iml_general.options import options_of
from iml_general.plugins import loading, registry
from iml_general.plugins.from_sklearn import OURS, adapted, from_sklearn, is_option
from iml_general.plugins.sklearn_kinds import is_estimator

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator

LearnerLike = Union[str, Mapping[str, Any], type[AnyLearner[Any]], AnyLearner[Any], "BaseEstimator"]
"""A registered name, ``module:Class`` or ``./file.py:Class``; the keys of a plan's learner; a learner's
class, which takes part with its defaults under all its update rules; an instance, which takes part as it
is, under the rule that it has; a scikit-learn classifier, regressor or pipeline."""

Entry = dict[str, Any]
"""The keys of `iml_general.study.plan.keys.LearnerPlan`."""


def planned(given: LearnerLike) -> str | Entry:
    """Say in a plan's words what was handed over, so that any process can load it.

    Args:
        given: The learner.

    Returns:
        A name, or the keys of a plan's learner.

    Raises:
        UsageError: If only this process has it, or it is no learner; says what to do.
    """
    entry = _in_words(given)
    if entry is None:
        raise UsageError(
            f"learner {_shown(given)} can't be loaded by worker processes, which go by its name only: write"
            " it to a file and give './file.py:NAME' (in a notebook, a cell that begins with"
            " %%writefile file.py does that), or measure it in this process with iml_general.measure(...)"
        )
    return entry


def here(given: LearnerLike, rule: str | None) -> tuple[str | Entry, type[AnyLearner[Any]] | None]:
    """Say what was handed over, for a study in this process.

    Args:
        given: The learner.
        rule: The only update rule it is to be measured under; None for all that it has.

    Returns:
        A name, or the keys of a plan's learner; and its class if only this process has it.

    Raises:
        UsageError: If it is no learner, or can't do what the rule says.
    """
    entry = _in_words(given, rule)
    only_here: type[AnyLearner[Any]] | None = None
    if entry is None:
        only_here = _class_of(given, rule)
        entry = {"name": f"here:{only_here.info.name}"}
        entry |= _options_and_rule(given) if isinstance(given, AnyLearner) else {}
    if rule is not None:
        keys = {"name": entry} if isinstance(entry, str) else entry
        entry = {**keys, "rules": [rule]}
    return entry, only_here


def _in_words(given: LearnerLike, rule: str | None = None) -> str | Entry | None:
    """A name, or keys of a plan; None if there are none that say what this process has."""
    if isinstance(given, str):
        return given
    if isinstance(given, Mapping):
        return dict(given)
    if _is_learner_class(given):
        return _name_of(given)
    if isinstance(given, AnyLearner):
        name = _name_of(type(given))
        return name and {"name": name, **_options_and_rule(given)}
    if is_estimator(given):
        return _estimator_in_words(given() if inspect.isclass(given) else given, rule)
    raise UsageError(
        f"{_shown(given)} is no learner: give a name (iml_general.list_learners() has all), a Learner class"
        " or instance, a scikit-learn classifier or regressor, or a dictionary with the keys of a plan's"
        " learner"
    )


def _is_learner_class(given: object) -> TypeGuard[type[AnyLearner[Any]]]:
    return inspect.isclass(given) and issubclass(given, AnyLearner)


def _class_of(given: Any, rule: str | None) -> type[AnyLearner[Any]]:
    if isinstance(given, AnyLearner):
        return type(given)
    return given if _is_learner_class(given) else from_sklearn(given, rule)


def _name_of(cls: type[AnyLearner[Any]]) -> str | None:
    """A name by which any process finds a class: the registered one, or where it lies."""
    registered = cls.info.name
    with suppress(UsageError):
        if registry.learner(registered) is cls:
            return registered
    file = loading.file_of(cls.__module__)
    place = f"{file or cls.__module__}:{cls.__qualname__}"
    return place if _is_at(place, cls) else None


def _is_at(place: str, value: object) -> bool:
    """Whether any process finds a value there, not only the one that has made it."""
    module = place.rpartition(":")[0]
    if not module.endswith(".py") and not _is_on_the_path(module.split(".")[0]):
        return False
    with suppress(UsageError):
        return loading.import_named(place) is value
    return False


def _is_on_the_path(module: str) -> bool:
    """Whether a process that has not loaded a module can; the main program is a file, but no module."""
    finders = (finder for finder in sys.meta_path if hasattr(finder, "find_spec"))
    return module != "__main__" and any(finder.find_spec(module, None) for finder in finders)


def _options_and_rule(learner: AnyLearner[Any]) -> Entry:
    options = options_of(learner)
    options.pop("rule", None)
    return {"rules": [learner.active_rule], "options": options}


def _estimator_in_words(estimator: Any, rule: str | None) -> Entry | None:
    """Where its class lies and what differs from its defaults, if a plan can hold that."""
    from_sklearn(estimator, rule)  # refuses what is neither kind, or can't do what the rule says
    kind: Any = type(estimator)
    place = _public_place(kind)
    if place is None:
        return None
    try:
        holds = adapted(kind, place).parameters
    except UsageError:  # a pipeline can't be made without its steps
        return None
    defaults = kind().get_params(deep=False)
    options = {}
    for name, value in estimator.get_params(deep=False).items():
        if name in OURS or value is defaults[name] or (is_option(value) and value == defaults[name]):
            continue
        if name not in holds or not is_option(value):
            return None
        options[name] = value
    return {"name": place, "options": options}


def _public_place(kind: type) -> str | None:
    """The shortest module that offers a class, as its documentation has it."""
    parts = kind.__module__.split(".")
    for n in range(1, len(parts) + 1):
        module = ".".join(parts[:n])
        if hasattr(importlib.import_module(module), kind.__qualname__):
            place = f"{module}:{kind.__qualname__}"
            return place if _is_at(place, kind) else None
    return None


def _shown(given: object) -> str:
    text = " ".join(repr(given).split())
    return text if len(text) <= 80 else f"{text[:77]}..."
