"""Which extra of this package brings a library that is missing: read off the package's own metadata."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, requires
from importlib.util import find_spec

PACKAGE = "iml_general"
DEVELOPERS = "dev"
"""The extra that nobody needs for a study."""


def not_installed(library: str) -> str:
    """Say that a library is missing, and how to get it where an extra brings it.

    Args:
        library: The name by which it is imported, such as ``"torch"``.

    Returns:
        Part of a line, such as ``"the library 'torch' is not installed: pip install 'iml_general[torch]'"``.
    """
    commands = [f"pip install '{PACKAGE}[{extra}]'" for extra in _bringing(library, _extras())]
    how = f": {' or '.join(commands)}" if commands else ""
    return f"the library {library!r} is not installed{how}"


def is_missing(library: str) -> bool:
    """Tell whether an extra would bring a library, and it is not there; nothing is loaded for it.

    Args:
        library: The name by which it is imported. One that no extra brings is somebody else's affair.
    """
    return bool(_bringing(library, _extras())) and find_spec(library) is None


def _bringing(library: str, extras: Mapping[str, frozenset[str]]) -> list[str]:
    """The extras that bring a library and least besides; the same module can come without GPU support."""
    wanted = {_normal(library), f"{_normal(library)}-cpu"}
    found = {extra: len(names) for extra, names in extras.items() if names & wanted and extra != DEVELOPERS}
    return sorted(extra for extra, size in found.items() if size == min(found.values()))


@lru_cache(maxsize=1)
def _extras() -> Mapping[str, frozenset[str]]:
    try:
        return _by_extra(requires(PACKAGE) or ())
    except PackageNotFoundError:  # run from its sources, without having been installed
        return {}


def _by_extra(requirements: Iterable[str]) -> Mapping[str, frozenset[str]]:
    """Names of distributions by the extra that asks for them."""
    found = defaultdict(set)
    for text in requirements:
        name = re.match(r"[A-Za-z0-9._-]+", text)
        extra = re.search(r";.*\bextra\s*==\s*['\"]([^'\"]+)['\"]", text)
        if name and extra:
            found[extra[1]].add(_normal(name[0]))
    return {extra: frozenset(names) for extra, names in found.items()}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
