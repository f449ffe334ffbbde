"""Finds learners, worlds, conditions, effects and presets: by entry point, or as ``module:Name``.

Built-ins register through the same entry-point groups as anyone's plugin. One that can't be loaded
is kept with its reason, and asking for it raises that reason; it never takes the program down.
"""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

from iml_general.errors import UsageError, unknown
from iml_general.extras import is_missing, not_installed
from iml_general.judging.effect import Effect
from iml_general.judging.effects import EFFECTS
from iml_general.learner import AnyLearner
from iml_general.plugins import loading
from iml_general.plugins.contract import CONTRACTS, check_contract
from iml_general.plugins.from_sklearn import adapted
from iml_general.plugins.loading import Check, Found
from iml_general.plugins.sklearn_kinds import is_estimator
from iml_general.plugins.world_contract import check_world_contract
from iml_general.protocol.condition import Condition
from iml_general.worlds.world import WorldSource


def learners() -> dict[str, Found]:
    """All registered learners by name, loaded; broken ones with their reason."""
    return _loaded("learners", _check_learner)


def worlds() -> dict[str, Found]:
    """All registered worlds by name, loaded; broken ones with their reason."""
    return _loaded("worlds", _check_world)


def conditions() -> dict[str, Found]:
    """All registered conditions by name, loaded; broken ones with their reason."""
    return _loaded("conditions", _check_condition)


def effects() -> dict[str, Found]:
    """All registered effects by name, loaded; broken ones with their reason."""
    return _loaded("effects", _check_effect)


def presets() -> dict[str, Found]:
    """All registered presets by name: paths of plan files, loaded; broken ones with their reason."""
    return _loaded("presets", _check_preset)


def learner(name: str) -> type[AnyLearner[Any]]:
    """Get one learner class, loading nothing else.

    Args:
        name: A registered name, ``module:Class`` or ``path/to/file.py:Class``. A scikit-learn
            classifier or regressor that is named so is made a learner: its class, or an instance, such as a
            pipeline.

    Returns:
        The class, which keeps the learner contract.

    Raises:
        UsageError: If there is no such learner or it can't be loaded; says why.
    """
    value: type[AnyLearner[Any]] = _get("learners", "learner", name, _check_learner)
    return value


def why_not(name: str) -> str:
    """Say why a learner can't be used.

    Args:
        name: As `learner` takes it.

    Returns:
        The reason in one line, empty if it can be used.

    Raises:
        UsageError: If no learner of that name is registered.
    """
    points = loading.points("learners")
    if name in points:
        return loading.load(points[name], _check_learner).reason
    if ":" not in name:
        raise UsageError(unknown("learner", name, points))
    try:
        learner(name)
    except UsageError as error:
        return str(error)
    return ""


def world(name: str) -> type[WorldSource]:
    """Get one world source, loading nothing else.

    Args:
        name: A registered name, ``module:Class`` or ``path/to/file.py:Class``.

    Returns:
        The class.

    Raises:
        UsageError: If there is no such world or it can't be loaded; says why.
    """
    value: type[WorldSource] = _get("worlds", "world", name, _check_world)
    return value


def is_world(name: str) -> bool:
    """Tell worlds from learners, where either may be meant.

    Args:
        name: As `learner` and `world` take it.

    Returns:
        Whether a world is called so, or lies there.

    Raises:
        UsageError: If neither is called so, both are, or it can't be loaded.
    """
    if ":" in name:
        value = loading.import_named(name)
        return inspect.isclass(value) and issubclass(value, WorldSource)
    kinds = [kind for kind in ("learners", "worlds") if name in loading.points(kind)]
    if len(kinds) != 1:
        both = [*loading.points("learners"), *loading.points("worlds")]
        fault = "is a learner and a world: name it by module:Class" if kinds else ""
        raise UsageError(f"{name!r} {fault}" if fault else unknown("learner or world", name, both))
    return kinds == ["worlds"]


def condition(name: str) -> Condition:
    """Get one condition, loading nothing else.

    Args:
        name: A registered name, ``module:NAME`` or ``path/to/file.py:NAME``.

    Returns:
        The condition.

    Raises:
        UsageError: If there is no such condition or it can't be loaded; says why.
    """
    value: Condition = _get("conditions", "condition", name, _check_condition)
    return value


def all_effects() -> tuple[Effect, ...]:
    """All effects that can be used, in the order in which they are shown.

    Returns:
        The built-in ones as their table has them, then those of plugins by name. Broken ones are left
        out; `effects` has their reasons.
    """
    order = {effect.name: place for place, effect in enumerate(EFFECTS)}
    usable = [found.value for found in effects().values() if not found.reason]
    return tuple(sorted(usable, key=lambda effect: (order.get(effect.name, len(order)), effect.name)))


def preset(name: str) -> Path:
    """Get the plan file of a preset.

    Args:
        name: A registered name.

    Returns:
        Path of a TOML file.

    Raises:
        UsageError: If there is no such preset or it can't be loaded; says why.
    """
    value: Path = _get("presets", "preset", name, _check_preset)
    return value


def registered(kind: str) -> list[str]:
    """Names registered for a kind such as ``"learners"``, sorted; nothing is loaded."""
    return sorted(loading.points(kind))


def target(kind: str, name: str) -> str:
    """Say where a name points to; nothing is loaded.

    Args:
        kind: Such as ``"learners"``.
        name: A registered name, ``module:Name`` or ``path/to/file.py:Name``.

    Returns:
        ``module:Name`` or ``path/to/file.py:Name``.

    Raises:
        UsageError: If no such name is registered.
    """
    if ":" in name:
        return name
    points = loading.points(kind)
    if name not in points:
        raise UsageError(unknown("name", name, points))
    return points[name][0].value


def _get(kind: str, what: str, name: str, check: Check) -> Any:
    if ":" in name:
        value = loading.import_named(name)
        if kind == "learners" and is_estimator(value):
            value = adapted(value, name)
        try:
            check(name, value)
        except ModuleNotFoundError as error:
            raise UsageError(f"{name!r} can't be used: {not_installed(str(error.name))}") from error
        return value
    points = loading.points(kind)
    if name not in points:
        raise UsageError(unknown(what, name, points))
    found = loading.load(points[name], check)
    if found.reason:
        where = f"{found.target}, from {found.origin}"
        raise UsageError(f"{what} {name!r} ({where}) can't be used: {found.reason}")
    return found.value


def _loaded(kind: str, check: Check) -> dict[str, Found]:
    return {name: loading.load(same, check) for name, same in sorted(loading.points(kind).items())}


def _check_learner(name: str, value: Any) -> None:
    if not (inspect.isclass(value) and issubclass(value, CONTRACTS)):
        raise UsageError(
            f"{name!r} is not a subclass of iml_general.learner.Learner or iml_general.regressor.Regressor"
        )
    check_contract(value)
    _check_name(name, value.info.name, "its info")
    for library in value.info.libraries:  # it may load some of them only when it learns
        if is_missing(library):
            raise ModuleNotFoundError(f"No module named {library!r}", name=library)


def _check_world(name: str, value: Any) -> None:
    if not (inspect.isclass(value) and issubclass(value, WorldSource)):
        raise UsageError(f"{name!r} is not a subclass of iml_general.worlds.world.WorldSource")
    check_world_contract(value)
    _check_name(name, value.name, "the world")


def _check_condition(name: str, value: Any) -> None:
    if not isinstance(value, Condition):
        raise UsageError(f"{name!r} is not an iml_general.protocol.condition.Condition")
    _check_name(name, value.name, "the condition")


def _check_effect(name: str, value: Any) -> None:
    if not isinstance(value, Effect):
        raise UsageError(f"{name!r} is not an iml_general.judging.effect.Effect")
    _check_name(name, value.name, "the effect")


def _check_name(registered_as: str, own: str, whose: str) -> None:
    """Rows carry a thing's own name: a registered one must be found under it."""
    if ":" not in registered_as and own != registered_as:
        raise UsageError(f"registered as {registered_as!r} but {whose} is named {own!r}")


def _check_preset(name: str, value: Any) -> None:
    if not isinstance(value, Path) or not value.is_file():
        raise UsageError(f"{name!r} is not the path of a plan file")
