"""What the command line changes in a plan before it is checked."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from iml_general.errors import UsageError
from iml_general.plugins import registry
from iml_general.study.plan.keys import Plan, check_plan, read_plan


@dataclass(frozen=True)
class Overrides:
    """Changes to a plan.

    Attributes:
        learners: Only these take part, with the plan's options where the plan has them.
        seeds: Number of confirmation seeds, or None to leave it.
        world: Name of the world, or None to leave it; options for another world are dropped.
        settings: ``key=value`` texts; keys with dots, values as in TOML, bare words as text.
        trials: Trials of every search, or None to leave them.
    """

    learners: tuple[str, ...] = ()
    seeds: int | None = None
    world: str | None = None
    settings: tuple[str, ...] = ()
    trials: int | None = None


def find_plan(preset: str, overrides: Overrides) -> Plan:
    """Read a preset or plan file and change it as asked.

    Args:
        preset: A registered preset's name, or the path of a plan file (with a slash or ``.toml``).
        overrides: The changes.

    Returns:
        The checked plan.

    Raises:
        UsageError: If there is no such preset or file, or the changed plan is not allowed.
    """
    is_path = preset.endswith(".toml") or "/" in preset
    path = Path(preset) if is_path else registry.preset(preset)
    values = read_plan(path)
    values.setdefault("name", path.stem)
    if overrides.world is not None and overrides.world != _world_of(values):
        values["world"] = {"name": overrides.world}
    if overrides.seeds is not None:
        values["seeds"] = overrides.seeds
    for setting in overrides.settings:  # after the world, whose options they may be
        _set(values, setting)
    if overrides.trials is not None:
        _set(values, f"search.trials={overrides.trials}")
        for one in values.get("learners", []):
            one.pop("trials", None)
    if overrides.learners:
        planned = {one.get("name"): one for one in values.get("learners", [])}
        # Who is asked for by name is not optional.
        values["learners"] = [
            {**planned.get(name, {}), "name": name, "optional": False} for name in overrides.learners
        ]
        values["all_learners"] = False
    return check_plan(values, repr(preset))


def _world_of(values: dict[str, Any]) -> object:
    world = values.get("world", {})
    return world.get("name", "statements") if isinstance(world, dict) else None


def _set(values: dict[str, Any], setting: str) -> None:
    key, equals, text = setting.partition("=")
    if not equals or not key.strip():
        raise UsageError(f"--set {setting!r}: write KEY=VALUE, such as --set protocol.unseen=50")
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text
    *sections, last = key.strip().split(".")
    place = values
    for section in sections:
        place = place.setdefault(section, {})
        if not isinstance(place, dict):
            raise UsageError(f"--set {setting!r}: {section!r} holds no keys")
    place[last] = value
