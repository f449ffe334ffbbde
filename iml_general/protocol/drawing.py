"""Draws world, split and what is said of whom: all that the conditions of one seed share."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from iml_general.protocol.attack import draw_lies
from iml_general.protocol.conflict import draw_conflict
from iml_general.protocol.draw import Draw
from iml_general.protocol.fitting import refuse_small_world
from iml_general.protocol.lies import draw_statements
from iml_general.protocol.protocol import CONFLICT, UNSEEN, Protocol
from iml_general.seeds import Seed
from iml_general.worlds.world import World, WorldSource


@lru_cache(maxsize=64)
def draw(protocol: Protocol, source: WorldSource, seed: Seed) -> Draw:
    """Draw world, split and what is said of whom.

    Args:
        protocol: Sources and group sizes.
        source: Draws the world.
        seed: The replicate.

    Returns:
        What all conditions of the seed share. Remembered, so treat it as read-only.

    Raises:
        UsageError: If the world can't give as many aliases as the groups need, or can't be lied about as
            the protocol has it.
    """
    refuse_small_world(protocol, source)
    world = source.draw(protocol.n_aliases, seed.generator("world"))
    group = protocol.split(seed.generator("split"))
    is_true, said = np.ones(world.n_aliases, dtype=bool), world.answers.copy()
    generator = seed.generator("statements")
    for one in protocol.taught:
        members = np.flatnonzero(group == protocol.groups.index(one.taught_group))
        is_true[members], said[members] = draw_statements(
            world, members, one.reliability, protocol.lies, generator
        )
    disputed = np.flatnonzero(group == protocol.groups.index(CONFLICT))
    fresh = [*(one.new_group for one in protocol.sources), UNSEEN]
    aimed_at = np.flatnonzero(np.isin(group, [protocol.groups.index(name) for name in fresh]))
    lied, attacked = draw_lies(world, aimed_at, protocol.attack_share, seed.generator("attack"))
    return Draw(
        protocol=protocol,
        seed=seed,
        world=world,
        group=group,
        held_out=_held_out(world, seed.generator("held out")),
        is_true=is_true,
        said=said,
        conflict=draw_conflict(world, disputed, seed.generator("conflict")),
        lied=lied,
        attacked=attacked,
    )


def _held_out(world: World, generator: np.random.Generator) -> NDArray[np.int64]:
    """Draw the question of each alias that stage 1 never asks, among those that are and have an answer."""
    question = generator.integers(world.n_questions, size=world.n_aliases)
    can_be = world.known & world.asked
    for alias in np.flatnonzero(~can_be[np.arange(world.n_aliases), question]):
        question[alias] = generator.choice(np.flatnonzero(can_be[alias]))
    return question
