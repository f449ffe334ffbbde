"""Names of plugins that are to be written, and of their classes."""

from __future__ import annotations

import re
from collections.abc import Iterable

from iml_general.errors import UsageError


def class_name(name: str) -> str:
    """Call a class after its plugin: ``"my-world"`` has the class ``"MyWorld"``."""
    return name.title().replace("-", "")


def refuse_name(name: str, what: str, taken: Iterable[str]) -> None:
    """Refuse a name that a new plugin can't have.

    Args:
        name: The name.
        what: The kind of plugin, such as ``"world"``.
        taken: Names that are registered.

    Raises:
        UsageError: If it is not made of words, or is taken.
    """
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name):
        raise UsageError(f"name {name!r} is not lower-case words joined by hyphens, such as 'my-{what}'")
    if name in taken:
        raise UsageError(f"a {what} {name!r} is registered already; give another name")
