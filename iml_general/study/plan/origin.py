"""What a run was begun as: it goes on only with the same plan and the same library versions."""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from iml_general.errors import UsageError
from iml_general.study.plan.resolve import Study

CORE = ("iml-general", "numpy", "polars", "scipy", "statsmodels", "optuna")
"""Libraries that every run's rows and findings depend on; learners name theirs."""


def provenance(study: Study, command: str) -> dict[str, str]:
    """Collect the facts that a reader needs to judge or repeat a run.

    Args:
        study: The study.
        command: How the user asked for it.

    Returns:
        Facts in words, by name, in the order to show them.
    """
    libraries = {name for entrant in study.entrants for name in entrant.variants[0].info.libraries}
    versions = {name: _version(name) for name in (*CORE, *sorted(libraries - set(CORE)))}
    source = study.entrants[0].setting.source
    digests = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in source.files()}
    first, last = study.units[0].seeds[0], study.units[-1].seeds[-1]
    return {
        "command": command,
        "begun": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "seeds": f"confirmation seeds {first.index} to {last.index} of root seed {first.root}",
        "world": source.describe(),
        "units of work": str(len(study.units)),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "version of Python": platform.python_version(),
        **{f"version of {name}": text for name, text in versions.items()},
        **{f"version of {name}": f"SHA-256 {digest}" for name, digest in digests.items()},
    }


def refuse_other_plan(stored: Mapping[str, Any], given: Mapping[str, Any], place: object) -> None:
    """Refuse to go on with a run under another plan.

    Args:
        stored: The resolved plan that the run was begun with.
        given: The resolved plan asked for now.
        place: Where the run lives, for the message.

    Raises:
        UsageError: If they differ; shows where.
    """
    _refuse(list(_differences(stored, given)), f"the run in {place} has another plan")


def refuse_other_versions(stored: Mapping[str, str], given: Mapping[str, str], place: object) -> None:
    """Refuse to mix rows made with different versions of the libraries.

    Args:
        stored: Provenance that the run was begun with.
        given: Provenance of this process.
        place: Where the run lives, for the message.

    Raises:
        UsageError: If a version differs; shows which.
    """
    then = {name: text for name, text in stored.items() if name.startswith("version of ")}
    now = {name: text for name, text in given.items() if name.startswith("version of ")}
    _refuse(list(_differences(then, now)), f"the run in {place} was begun with other libraries")


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        # The CPU build of XGBoost is a distribution of its own with the same module in it.
        return _version(f"{distribution}-cpu") if not distribution.endswith("-cpu") else "not installed"


def _refuse(found: list[str], what: str) -> None:
    if found:
        shown = "; ".join(found[:5]) + (f"; and {len(found) - 5} more" if len(found) > 5 else "")
        raise UsageError(f"{what} ({shown}): give another --out, or go on with it as it was")


def _differences(stored: Any, given: Any, place: str = "") -> Iterator[str]:
    """Each place where two nested values differ, in words."""
    if isinstance(stored, Mapping) and isinstance(given, Mapping):
        for key in sorted({*stored, *given}):
            yield from _differences(stored.get(key), given.get(key), f"{place}.{key}" if place else key)
    elif place in ("learners", "sweep") and isinstance(stored, list) and isinstance(given, list):
        yield from _differences(_numbered(stored), _numbered(given), place)
    elif stored != given:
        yield f"{place}: there {_in_words(stored)}, here {_in_words(given)}"


def _numbered(sections: list[dict[str, Any]]) -> dict[str, Any]:
    return {f"{number} {section['name']}": section for number, section in enumerate(sections)}


def _in_words(value: Any) -> str:
    if value is None:
        return "nothing"
    return str(value["name"]) if isinstance(value, Mapping) and "name" in value else repr(value)
