"""Installed libraries: whose a module is, and what identifies it.

A version from an index is never replaced, so name and version say which code it is. What was installed from
a folder may change under its version, and counts as source.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.metadata import Distribution, PackageNotFoundError, distribution, distributions
from pathlib import Path
from typing import Any

from iml_general.study.cache.files import CantTellError

OURS = "iml-general"
NOT_INSTALLED = "not installed"


def library_of(module: str, origin: Path | None) -> str | None:
    """Find the library that a module belongs to.

    Args:
        module: Name of a top-level module.
        origin: Its file; of a package its ``__init__``; None if it has none.

    Returns:
        The distribution's name; None if there is none that its version identifies.
    """
    for one in _claims().get(module, ()):
        place = Path(str(one.locate_file("")))
        is_there = origin is None or origin.resolve().is_relative_to(place.resolve())
        if is_there and not _is_from_a_folder(one):
            return _normal(one.name)
    return None


@lru_cache(maxsize=64)
def versions_of(names: frozenset[str]) -> Mapping[str, str]:
    """Identify libraries, and all that they require.

    Args:
        names: Names of distributions.

    Returns:
        Version by name, with the digest of what it was installed from where that is no index.

    Raises:
        CantTellError: If one of them was installed from a folder.
    """
    found: dict[str, str] = {}
    waiting = sorted(_normal(name) for name in names)
    while waiting:
        name = waiting.pop()
        if name in found or name == OURS:
            continue
        one = _distribution(name)
        if one is None:
            found[name] = NOT_INSTALLED
            continue
        if _is_from_a_folder(one):
            raise CantTellError(f"library {name!r} was installed from a folder, so its version says little")
        found[name] = " ".join([one.version, *_origin(one)])
        waiting += [_normal(required) for required in _required(one.requires or ())]
    return dict(sorted(found.items()))


@lru_cache(maxsize=1)
def _claims() -> dict[str, tuple[Distribution, ...]]:
    """Distributions by the top-level modules that they brought."""
    found: dict[str, tuple[Distribution, ...]] = {}
    for one in distributions():
        listed = one.read_text("RECORD") or one.read_text("installed-files.txt") or ""
        tops = {re.split(r"[/,.]", line, maxsplit=1)[0] for line in listed.splitlines()}
        for top in tops | set((one.read_text("top_level.txt") or "").split()):
            found[top] = (*found.get(top, ()), one)
    return found


def _distribution(name: str) -> Distribution | None:
    try:
        return distribution(name)
    except PackageNotFoundError:
        # The CPU build of XGBoost is a distribution of its own with the same module in it.
        return _distribution(f"{name}-cpu") if not name.endswith("-cpu") else None


def _direct_url(one: Distribution) -> dict[str, Any]:
    """What a distribution was installed from, if not from an index (PEP 610)."""
    text = one.read_text("direct_url.json")
    by_conda = (one.read_text("INSTALLER") or "").strip() == "conda"  # names the folder of its own build
    found = json.loads(text) if text and not by_conda else {}
    return found if isinstance(found, dict) else {}


def _is_from_a_folder(one: Distribution) -> bool:
    return "dir_info" in _direct_url(one)


def _origin(one: Distribution) -> list[str]:
    found = _direct_url(one)
    facts = {key: found[key] for key in ("archive_info", "vcs_info") if key in found}
    return [json.dumps(facts, sort_keys=True)] if facts else []


def _required(requirements: Iterable[str]) -> list[str]:
    """Names of what is required without extras; what a marker rules out here is not installed, or no harm."""
    needed = [text for text in requirements if not re.search(r";.*\bextra\b", text)]
    return [re.split(r"[^A-Za-z0-9._-]", text.strip(), maxsplit=1)[0] for text in needed]


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
