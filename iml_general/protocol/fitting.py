"""Groups made as small as a world needs them, and what a study loses by that."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from iml_general.errors import UsageError
from iml_general.protocol.protocol import Protocol
from iml_general.worlds.world import Room, WorldSource

SMALLEST = 5
"""Aliases that no group falls below; a group that has fewer anyway keeps them."""


def fitted_protocol(protocol: Protocol, n_aliases: int) -> Protocol | None:
    """Shrink all groups by the same share, as far as they must.

    Args:
        protocol: Sources and group sizes.
        n_aliases: Aliases that there are.

    Returns:
        The protocol as it was if it fits; None if it does not fit with groups of `SMALLEST` either.
    """
    if protocol.n_aliases <= n_aliases:
        return protocol
    for target in range(n_aliases, 0, -1):  # rounding to whole aliases, and small groups, take some of it
        shrunk = _scaled(protocol, target / protocol.n_aliases)
        if shrunk.n_aliases <= n_aliases:
            return shrunk
    return None


def size_settings(before: Protocol, after: Protocol) -> dict[str, int]:
    """Say which sizes differ, as keys of a plan.

    Args:
        before: A protocol.
        after: The same with other sizes.

    Returns:
        The sizes of `after` that differ, such as ``{"protocol.unseen": 12}``.
    """
    was, sizes = _sizes(before), _sizes(after)
    return {key: size for key, size in sizes.items() if size != was[key]}


def refuse_small_world(protocol: Protocol, source: WorldSource) -> None:
    """Refuse groups that need more aliases than a world has, and say in one go what would do.

    Args:
        protocol: Sources and group sizes.
        source: Draws the worlds.

    Raises:
        UsageError: If the world is too small, or has gaps; names the settings that would fit it.
    """
    room = source.room()
    if room is None or (protocol.n_aliases <= room.n_aliases and not room.gaps):
        return
    left = " without those rows" if room.gaps else ""
    small = f"the groups need {protocol.n_aliases} aliases, but it has {room.n_aliases}{left}"
    faults = [*([room.gaps] if room.gaps else []), *([small] if protocol.n_aliases > room.n_aliases else [])]
    raise UsageError(f"{room.where}: {', and '.join(faults)}; {_remedy(protocol, room)}")


def loss(before: Protocol, after: Protocol) -> str:
    """Say what smaller groups cost, as far as it can be known beforehand.

    Args:
        before: The protocol that was asked for.
        after: The smaller one.

    Returns:
        A sentence: how much wider intervals get if noise falls with the root of a group's size.
    """
    ratio = before.new_conflict / after.new_conflict
    return (
        f"groups this small cost power: intervals get about {math.sqrt(ratio):.1f} times as wide, which"
        f" about {ratio:.1f} times as many --seeds make up for, and fewer aliases in stage 1 teach less trust"
    )


def _remedy(protocol: Protocol, room: Room) -> str:
    shrunk = fitted_protocol(protocol, room.n_aliases)
    if shrunk is None:
        least = _scaled(protocol, 0.0).n_aliases
        return f"groups of {SMALLEST} need {least}: give a longer table"
    if shrunk == protocol:
        return f"fill the gaps, or {flags(room.options)}"
    settings = {**room.options, **size_settings(protocol, shrunk)}
    same = f"as does {flags(settings)}; {loss(protocol, shrunk)}"
    return f"--fit (in Python fit=True) makes the groups smaller, {same}"


def flags(settings: Mapping[str, Any]) -> str:
    """Write settings as they are given on the command line."""
    return " ".join(f"--set {key}={value}" for key, value in settings.items())


def _scaled(protocol: Protocol, share: float) -> Protocol:
    def size(before: int) -> int:
        return max(min(before, SMALLEST), math.floor(before * share))

    sources = tuple(
        replace(source, stage1=size(source.stage1), stage2=size(source.stage2)) for source in protocol.sources
    )
    return replace(
        protocol,
        sources=sources,
        undefined=size(protocol.undefined),
        new_conflict=size(protocol.new_conflict),
        unseen=size(protocol.unseen),
    )


def _sizes(protocol: Protocol) -> dict[str, int]:
    return {
        **{
            f"protocol.sources.{source.name}.{stage}": getattr(source, stage)
            for source in protocol.sources
            for stage in ("stage1", "stage2")
        },
        **{f"protocol.{name}": getattr(protocol, name) for name in ("undefined", "new_conflict", "unseen")},
    }
