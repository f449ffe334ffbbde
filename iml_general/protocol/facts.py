"""Facts about entities, which stage 1 teaches besides, and the question which entity an alias is.

Where a world has entities (``entities`` of `iml_general.worlds.world.World`), a statement says which of them
an alias is. What an entity is known for is taught without any tag, always true, and the same under all
conditions.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from iml_general.protocol.drawn import NO_TAG
from iml_general.protocol.episode import spelled_out
from iml_general.protocol.sources import RELIABLE, UNRELIABLE
from iml_general.worlds.world import World

ENTITIES = "entities"
"""The group of the entities: nobody speaks of them, and nothing about them is held back."""

FACT, ATTRIBUTION = "fact", "attribution"
"""Kinds of row: what is true of an entity; which entity an alias is, asked without a tag and never taught."""


def groups_and_entities(groups: tuple[str, ...], world: World) -> tuple[str, ...]:
    """The protocol's groups and, where a world has entities, theirs after them."""
    return (*groups, ENTITIES) if world.entities else groups


def facts_of(world: World, place: int) -> list[dict[str, NDArray[np.int64]]]:
    """All that is true of every entity; that it is itself is among it.

    Args:
        world: What is true.
        place: Place of the group of the entities among the groups.

    Returns:
        Rows as `spelled_out` makes them; none where a world has no entities.
    """
    if not world.entities or world.implied is None:
        return []
    entities = world.n_aliases + np.arange(world.n_entities)
    return [spelled_out(FACT, np.full_like(entities, place), NO_TAG, entities, world.implied)]


def who_is(
    world: World, group: NDArray[np.int64], members: NDArray[np.int64], said: Iterable[NDArray[np.int16]] = ()
) -> list[dict[str, NDArray[np.int64]]]:
    """Ask which entity each of some aliases is.

    Args:
        world: What is true.
        group: Place of every alias's group among the groups, shape (n_aliases,).
        members: The aliases that are asked about, shape (n_members,).
        said: What the reliable and the unreliable source say of every alias where they disagree, each of
            shape (n_aliases, n_questions); empty where they don't.

    Returns:
        Rows as `spelled_out` makes them, one an alias; none where a world has no entities.
    """
    if not world.entities:
        return []
    answers = world.answers[members]
    part = spelled_out(ATTRIBUTION, group[members], NO_TAG, members, answers, world.stated)
    for name, by_one in zip((RELIABLE, UNRELIABLE), said, strict=False):
        part[f"said_{name}"] = by_one[members, 0].astype(np.int64)
    return [part]
