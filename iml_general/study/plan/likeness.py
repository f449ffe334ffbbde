"""A plan that is like another one, and says only what differs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from iml_general.errors import UsageError
from iml_general.plugins import registry
from iml_general.study.plan.keys import read_plan

LIKE = "like"
"""The key of a plan that names the other one."""


def plan_path(preset: str | Path, folder: Path) -> Path:
    """Where a plan is.

    Args:
        preset: A registered preset's name, or the path of a plan file (a text with a slash or ``.toml``
            is one).
        folder: What relative paths are relative to.

    Returns:
        The file's path.

    Raises:
        UsageError: If there is no such preset.
    """
    is_path = isinstance(preset, Path) or preset.endswith(".toml") or "/" in preset
    return folder / Path(preset).expanduser() if is_path else registry.preset(str(preset))


def filled_in(
    values: Mapping[str, Any], folder: Path, where: str, seen: tuple[Path, ...] = ()
) -> dict[str, Any]:
    """Fill in what a plan leaves to the one that it is like.

    Sections are filled in key by key, a world's options only if it is the same world; a list, such as
    the learners, is taken over as a whole or not at all. Names are never taken over.

    Args:
        values: Keys and values of the plan.
        folder: Where the plan is: another plan file that it names is relative to this.
        where: The file or preset they are from, for messages.
        seen: Files that came before this one.

    Returns:
        Keys and values without `LIKE`.

    Raises:
        UsageError: If the other plan can't be found or read, or leads back to itself.
    """
    own = {key: value for key, value in values.items() if key != LIKE}
    if LIKE not in values:
        return own
    name = values[LIKE]
    if not isinstance(name, str) or not name:
        raise UsageError(f"plan {where}: {LIKE} = {name!r}: give a preset's name or a TOML file")
    path = plan_path(name, folder).resolve()
    if path in seen:
        raise UsageError(f"plan {where}: {LIKE} = {name!r}: that plan is itself like this one; leave one out")
    other = filled_in(read_plan(path), path.parent, repr(name), (*seen, path))
    other.pop("name", None)
    return _merged(other, own)


def _merged(other: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    merged = {**other, **own}
    for key in other.keys() & own.keys():
        sections = (other[key], own[key])
        if all(isinstance(one, dict) for one in sections) and not _are_other_worlds(key, *sections):
            merged[key] = _merged(*sections)
    return merged


def _are_other_worlds(key: str, other: Mapping[str, Any], own: Mapping[str, Any]) -> bool:
    return key == "world" and own.get("name", other.get("name")) != other.get("name")
