"""A run goes on only as what it was begun as: the same plan, the same library versions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from iml_general.errors import UsageError


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


def _refuse(found: list[str], what: str) -> None:
    if found:
        shown = "; ".join(found[:5]) + (f"; and {len(found) - 5} more" if len(found) > 5 else "")
        raise UsageError(f"{what} ({shown}): give another --out, or go on with it as it was")


def _differences(stored: Any, given: Any, place: str = "") -> Iterator[str]:
    """Each place where two nested values differ, in words."""
    if isinstance(stored, Mapping) and isinstance(given, Mapping):
        for key in sorted({*stored, *given}):
            yield from _differences(stored.get(key), given.get(key), f"{place}.{key}" if place else key)
    elif place == "learners" and isinstance(stored, list) and isinstance(given, list):
        yield from _differences(_numbered(stored), _numbered(given), place)
    elif stored != given:
        yield f"{place}: there {_in_words(stored)}, here {_in_words(given)}"


def _numbered(learners: list[dict[str, Any]]) -> dict[str, Any]:
    return {f"{number} {learner['name']}": learner for number, learner in enumerate(learners)}


def _in_words(value: Any) -> str:
    if value is None:
        return "nothing"
    return f"learner {value['name']}" if isinstance(value, Mapping) and "name" in value else repr(value)
