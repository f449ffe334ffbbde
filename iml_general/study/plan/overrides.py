"""What the command line, or a study in Python, changes in a plan before it is checked."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from iml_general.errors import UsageError
from iml_general.study.plan.keys import Plan, check_plan, read_plan
from iml_general.study.plan.likeness import filled_in, plan_path

UNNAMED = "study"
"""Name of a plan that is no file and has none."""


@dataclass(frozen=True)
class Overrides:
    """Changes to a plan.

    Attributes:
        learners: Only these take part: a name with the plan's options where the plan has them, or the
            keys of `iml_general.study.plan.keys.LearnerPlan` as they are.
        seeds: Number of confirmation seeds, or None to leave it.
        world: Name of the world, or None to leave it; options for another world are dropped.
        settings: Values by key, the key with dots, such as ``"protocol.unseen"``.
        trials: Trials of every search, or None to leave them.
    """

    learners: tuple[str | Mapping[str, Any], ...] = ()
    seeds: int | None = None
    world: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    trials: int | None = None


def find_plan(preset: str | Path | Mapping[str, Any], overrides: Overrides) -> Plan:
    """Read a preset or plan file and change it as asked.

    Args:
        preset: A registered preset's name, the path of a plan file (a text with a slash or ``.toml``
            is one), or the keys and values of a plan.
        overrides: The changes.

    Returns:
        The checked plan.

    Raises:
        UsageError: If there is no such preset or file, or the changed plan is not allowed.
    """
    values, where = _values_of(preset)
    if overrides.world is not None and overrides.world != _world_of(values):
        values["world"] = {"name": overrides.world}
    if overrides.seeds is not None:
        values["seeds"] = overrides.seeds
    for key, value in overrides.settings.items():  # after the world, whose options they may be
        _set(values, key, value)
    learners = values.get("learners", [])
    if not isinstance(learners, list) or not all(isinstance(one, dict) for one in learners):
        return check_plan(values, where)  # which says what is wrong with them
    if overrides.trials is not None:
        _set(values, "search.trials", overrides.trials)
        for one in learners:
            one.pop("trials", None)
    if overrides.learners:
        planned = {one.get("name"): one for one in learners}
        values["learners"] = [_taking_part(one, planned) for one in overrides.learners]
        values["all_learners"] = False
    return check_plan(values, where)


def read_settings(texts: Iterable[str]) -> dict[str, Any]:
    """Read settings as the command line has them.

    Args:
        texts: Such as ``"protocol.unseen=50"``: values as in TOML, bare words as text.

    Returns:
        Values by key.

    Raises:
        UsageError: For a text that is not of this form.
    """
    found = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals or not key.strip():
            raise UsageError(f"--set {text!r}: write KEY=VALUE, such as --set protocol.unseen=50")
        try:
            found[key.strip()] = tomllib.loads(f"value = {value}")["value"]
        except tomllib.TOMLDecodeError:
            found[key.strip()] = value
    return found


def _values_of(preset: str | Path | Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """Keys and values of a plan, and what it is called in messages."""
    if isinstance(preset, Mapping):
        given = {"name": UNNAMED, **copy.deepcopy(dict(preset))}
        return filled_in(given, Path(), "given as a dictionary"), "given as a dictionary"
    path = plan_path(preset, Path())
    values = {"name": path.stem, **read_plan(path)}
    return filled_in(values, path.parent, repr(str(preset)), (path.resolve(),)), repr(str(preset))


def _world_of(values: dict[str, Any]) -> object:
    world = values.get("world", {})
    return world.get("name", "statements") if isinstance(world, dict) else None


def _taking_part(one: str | Mapping[str, Any], planned: Mapping[Any, Mapping[str, Any]]) -> dict[str, Any]:
    """Who is asked for by name is not optional."""
    keys = {**planned.get(one, {}), "name": one} if isinstance(one, str) else dict(one)
    return {**keys, "optional": False}


def _set(values: dict[str, Any], key: str, value: Any) -> None:
    *sections, last = key.split(".")
    place = values
    for section in sections:
        place = place.setdefault(section, {})
        if not isinstance(place, dict):
            raise UsageError(f"setting {key!r}: {section!r} holds no keys")
    place[last] = value
