"""Loads what an entry point or a name points to, and keeps the reason where that fails.

Whatever a plugin does when it is imported, be it to end the program, is its own reason why it can't be
used, and nobody else's.
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
from importlib.abc import SourceLoader
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

from iml_general.errors import UsageError, unknown
from iml_general.extras import not_installed
from iml_general.plugins.interrupts import FAULTS, interruptible

PREFIX = "iml_general."
OF_A_FILE = "iml_plugin_"
"""What names of modules begin with that were loaded from a file by its path."""

Check = Callable[[str, Any], None]
"""Takes a name and what was found under it; raises UsageError if that is not what it should be."""


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


@lru_cache(maxsize=8)
def points(kind: str) -> dict[str, list[EntryPoint]]:
    """Find the entry points of one kind, such as ``"learners"``; nothing is loaded.

    Args:
        kind: The group's name after `PREFIX`.

    Returns:
        Entry points by name: more than one where several distributions claim a name.
    """
    by_name: dict[str, list[EntryPoint]] = {}
    for point in entry_points(group=PREFIX + kind):
        same = by_name.setdefault(point.name, [])
        # One distribution can be met twice on the path (an editable install beside its sources).
        if point.value not in [other.value for other in same]:
            same.append(point)
    return by_name


def load(same: list[EntryPoint], check: Check) -> Found:
    """Load what is registered under one name.

    Args:
        same: The entry points of that name.
        check: Whether what they point to is of their kind.

    Returns:
        What was found, or the reason why it can't be used.
    """
    first = same[0]

    def found(value: Any, reason: str) -> Found:
        return Found(first.name, first.value, _origin(first), value, reason)

    if len(same) > 1:
        all_of_them = " and ".join(f"{point.value} (from {_origin(point)})" for point in same)
        return found(None, f"several plugins have this name: {all_of_them}")
    with interruptible():
        try:
            value = first.load()
            check(first.name, value)
        except ModuleNotFoundError as error:
            return found(None, not_installed(str(error.name)))
        except FAULTS as error:
            return found(None, _one_line(error))
    return found(value, "")


def import_named(name: str) -> Any:
    """Import ``module:attribute`` or ``path/to/file.py:attribute``.

    Args:
        name: Where it lies.

    Returns:
        The attribute, whatever it is.

    Raises:
        UsageError: If it can't be loaded or is not there; says why.
    """
    module_name, _, attribute = name.rpartition(":")
    with interruptible():
        try:
            is_file = module_name.endswith(".py")
            module = _import_file(Path(module_name)) if is_file else importlib.import_module(module_name)
        except UsageError:
            raise
        except FAULTS as error:
            raise UsageError(f"{name!r} can't be loaded: {_why(error, module_name)}") from error
    if not hasattr(module, attribute):
        likely = [key for key, value in vars(module).items() if _may_be_meant(value)]
        raise UsageError(unknown(f"name in {module_name}", attribute, likely))
    return getattr(module, attribute)


def file_of(module_name: str) -> str:
    """Say which file a module was loaded from by `import_named`; empty if it was not, but by its name."""
    module = sys.modules.get(module_name) if module_name.startswith(OF_A_FILE) else None
    return str(module.__file__) if module else ""


def _import_file(path: Path) -> ModuleType:
    """Import a file as a module of its own: two files called mine.py are two modules.

    A file that has not changed is not imported again: its classes stay the same classes.
    """
    if not path.is_file():
        raise UsageError(f"{str(path)!r} is not a file; give path/to/file.py:Class")
    content = path.read_bytes()
    state = str(path.resolve()).encode() + content
    module_name = f"{OF_A_FILE}{hashlib.blake2b(state, digest_size=8).hexdigest()}"
    if module_name in sys.modules:
        return sys.modules[module_name]
    spec = importlib.util.spec_from_file_location(module_name, path)
    if spec is None or not isinstance(spec.loader, SourceLoader):
        raise UsageError(f"{str(path)!r} can't be imported as Python")
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module  # dataclasses look their module up by name
    try:
        # What was read is run: bytecode that lies beside it may be of an edit in the same second.
        exec(spec.loader.source_to_code(content, str(path)), vars(module))
    except BaseException:
        del sys.modules[module_name]
        raise
    return module


def _may_be_meant(value: Any) -> bool:
    """Whether it is a class, as learners and worlds are, or made of one of ours, as a condition is."""
    return inspect.isclass(value) or type(value).__module__.startswith(PREFIX)


def _origin(point: EntryPoint) -> str:
    return point.dist.name if point.dist else "an unknown distribution"


def _why(error: BaseException, wanted: str) -> str:
    """Why a module can't be imported: a library that it needs, unless it is not there itself."""
    needed = str(error.name or "") if isinstance(error, ModuleNotFoundError) else ""
    itself = f"{wanted}.".startswith(f"{needed}.")
    return not_installed(needed) if needed and not itself else _one_line(error)


def _one_line(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0].removesuffix(": ")
