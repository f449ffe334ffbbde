"""Finds learners, worlds and presets: by entry point, as ``module:Class`` or ``./file.py:Class``.

Built-ins register through the same entry-point groups as anyone's plugin. One that can't be loaded
is kept with its reason, and asking for it raises that reason; it never takes the program down.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

from iml_general.errors import UsageError, unknown
from iml_general.learner import Learner
from iml_general.plugins.contract import check_contract
from iml_general.plugins.from_sklearn import adapted, is_estimator
from iml_general.worlds.world import WorldSource

PREFIX = "iml_general."


@dataclass(frozen=True)
class Found:
    """One registered name.

    Attributes:
        name: The entry point's name.
        target: Where it points, ``module:attribute``.
        origin: The distribution that registered it.
        value: What was loaded; None if that failed.
        reason: Why it can't be used, in one line; empty if it can.
    """

    name: str
    target: str
    origin: str
    value: Any = field(repr=False)
    reason: str


def learners() -> dict[str, Found]:
    """All registered learners by name, loaded; broken ones with their reason."""
    return _loaded("learners", _check_learner)


def worlds() -> dict[str, Found]:
    """All registered worlds by name, loaded; broken ones with their reason."""
    return _loaded("worlds", _check_world)


def presets() -> dict[str, Found]:
    """All registered presets by name: paths of plan files, loaded; broken ones with their reason."""
    return _loaded("presets", _check_preset)


def learner(name: str) -> type[Learner[Any]]:
    """Get one learner class, loading nothing else.

    Args:
        name: A registered name, ``module:Class`` or ``path/to/file.py:Class``. A scikit-learn
            classifier that is named so is made a learner: its class, or an instance, such as a pipeline.

    Returns:
        The class, which keeps the learner contract.

    Raises:
        UsageError: If there is no such learner or it can't be loaded; says why.
    """
    value: type[Learner[Any]] = _get("learners", "learner", name, _check_learner)
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
    points = _points("learners")
    if name in points:
        return _load(points[name], _check_learner).reason
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
    """Names registered for ``"learners"``, ``"worlds"`` or ``"presets"``, sorted; nothing is loaded."""
    return sorted(_points(kind))


def _get(kind: str, what: str, name: str, check: Callable[[str, Any], None]) -> Any:
    if ":" in name:
        value = _import(name)
        if kind == "learners" and is_estimator(value):
            value = adapted(value, name)
        check(name, value)
        return value
    points = _points(kind)
    if name not in points:
        raise UsageError(unknown(what, name, points))
    found = _load(points[name], check)
    if found.reason:
        where = f"{found.target}, from {found.origin}"
        raise UsageError(f"{what} {name!r} ({where}) can't be used: {found.reason}")
    return found.value


def _loaded(kind: str, check: Callable[[str, Any], None]) -> dict[str, Found]:
    return {name: _load(points, check) for name, points in sorted(_points(kind).items())}


@lru_cache(maxsize=8)
def _points(kind: str) -> dict[str, list[EntryPoint]]:
    by_name: dict[str, list[EntryPoint]] = {}
    for point in entry_points(group=PREFIX + kind):
        same = by_name.setdefault(point.name, [])
        # One distribution can be met twice on the path (an editable install beside its sources).
        if point.value not in [other.value for other in same]:
            same.append(point)
    return by_name


def _load(points: list[EntryPoint], check: Callable[[str, Any], None]) -> Found:
    first = points[0]
    origin = _origin(first)
    if len(points) > 1:
        all_of_them = " and ".join(f"{point.value} (from {_origin(point)})" for point in points)
        return Found(first.name, first.value, origin, None, f"several plugins have this name: {all_of_them}")
    try:
        value = first.load()
        check(first.name, value)
    except ModuleNotFoundError as error:
        return Found(first.name, first.value, origin, None, f"the library {error.name!r} is not installed")
    except Exception as error:  # whatever a plugin does when imported, it is its own reason
        return Found(first.name, first.value, origin, None, _one_line(error))
    return Found(first.name, first.value, origin, value, "")


def _origin(point: EntryPoint) -> str:
    return point.dist.name if point.dist else "an unknown distribution"


def _one_line(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0]


def _import(name: str) -> Any:
    """Import ``module:attribute`` or ``path/to/file.py:attribute``."""
    module_name, _, attribute = name.rpartition(":")
    try:
        is_file = module_name.endswith(".py")
        module = _import_file(Path(module_name)) if is_file else importlib.import_module(module_name)
    except UsageError:
        raise
    except Exception as error:
        raise UsageError(f"{name!r} can't be loaded: {_one_line(error)}") from error
    if not hasattr(module, attribute):
        classes = [key for key, value in vars(module).items() if inspect.isclass(value)]
        raise UsageError(unknown(f"name in {module_name}", attribute, classes))
    return getattr(module, attribute)


def _import_file(path: Path) -> ModuleType:
    """Import a file as a module of its own: two files called mine.py are two modules.

    A file that has not changed is not imported again: its classes stay the same classes.
    """
    if not path.is_file():
        raise UsageError(f"{str(path)!r} is not a file; give path/to/file.py:Class")
    state = str(path.resolve()).encode() + path.read_bytes()
    module_name = f"iml_plugin_{hashlib.blake2b(state, digest_size=8).hexdigest()}"
    if module_name in sys.modules:
        return sys.modules[module_name]
    spec = importlib.util.spec_from_file_location(module_name, path)
    if spec is None or spec.loader is None:
        raise UsageError(f"{str(path)!r} can't be imported as Python")
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module  # dataclasses look their module up by name
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[module_name]
        raise
    return module


def _check_learner(name: str, value: Any) -> None:
    if not (inspect.isclass(value) and issubclass(value, Learner)):
        raise UsageError(f"{name!r} is not a subclass of iml_general.learner.Learner")
    check_contract(value)
    if ":" not in name and value.info.name != name:
        raise UsageError(f"registered as {name!r} but its info is named {value.info.name!r}")


def _check_world(name: str, value: Any) -> None:
    if not (inspect.isclass(value) and issubclass(value, WorldSource)):
        raise UsageError(f"{name!r} is not a subclass of iml_general.worlds.world.WorldSource")


def _check_preset(name: str, value: Any) -> None:
    if not isinstance(value, Path) or not value.is_file():
        raise UsageError(f"{name!r} is not the path of a plan file")
