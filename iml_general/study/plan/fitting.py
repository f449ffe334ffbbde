"""What makes a plan fit a world that is too small for its groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from iml_general.options import configure
from iml_general.plugins import registry
from iml_general.protocol import configure_protocol
from iml_general.protocol.fitting import fitted_protocol, flags, loss, size_settings
from iml_general.study.plan.keys import Plan
from iml_general.study.plan.overrides import Overrides, find_plan


def fitted_plan(preset: str | Path | Mapping[str, Any], overrides: Overrides) -> tuple[Plan, str]:
    """Read and change a plan as `find_plan` does, and make its groups as small as its world needs them.

    Args:
        preset: As for `find_plan`.
        overrides: The changes that were asked for; those that fit the plan come on top.

    Returns:
        The checked plan; what was made smaller and what that costs, in words, empty if nothing was.

    Raises:
        UsageError: As `find_plan` and `fitting_settings`.
    """
    plan = find_plan(preset, overrides)
    settings, told = fitting_settings(plan)
    if not settings:
        return plan, ""
    return find_plan(preset, replace(overrides, settings={**overrides.settings, **settings})), told


def fitting_settings(plan: Plan) -> tuple[dict[str, Any], str]:
    """Find the settings that make a plan's groups as small as its world needs them, and drop rows with gaps.

    Args:
        plan: A checked plan.

    Returns:
        Settings by key, and what they do, in words. None, and no words, if the plan fits, or can't be
        made to: then `iml_general.study.plan.resolve.resolve` says why.

    Raises:
        UsageError: If there is no such world, or it can't be used at all.
    """
    where = f"world {plan.world.name!r}"
    room = configure(registry.world(plan.world.name), plan.world.options, where).room()
    protocol = configure_protocol(plan.protocol)
    smaller = fitted_protocol(protocol, room.n_aliases) if room else protocol
    if room is None or smaller is None:
        return {}, ""
    settings = {**room.options, **size_settings(protocol, smaller)}
    cost = f"; {loss(protocol, smaller)}" if smaller != protocol else ""
    told = f"{room.where} has room for {room.n_aliases} aliases: {flags(settings)}{cost}"
    return settings, told if settings else ""
