"""The world under test, and what is drawn of it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iml_general.checks.check import again_for
from iml_general.checks.result import CheckFailedError
from iml_general.plugins import registry
from iml_general.plugins.world_contract import check_world_contract
from iml_general.protocol import Protocol
from iml_general.protocol.draw import Draw
from iml_general.protocol.drawing import draw
from iml_general.protocol.fitting import fitted_protocol
from iml_general.seeds import Seed
from iml_general.worlds.world import World, WorldSource

N_DRAWS = 30
"""Draws over which answers are counted."""

N_SEEDS = 10
"""Seeds for which all is drawn that a study draws."""


@dataclass(frozen=True, eq=False)
class WorldSubject:
    """A world under test.

    Attributes:
        source: The configuration under test.
        again: The command or call that runs one of its checks, with ``{only}`` for its name.
    """

    source: WorldSource
    again: str

    def draw(self, n_aliases: int, seed: int = 0) -> World:
        """A fresh world."""
        return self.source.draw(n_aliases, np.random.default_rng(seed))

    def seed(self, index: int) -> Seed:
        """One of the seeds that checks use; confirmations never do."""
        return Seed(0, "search", self.source.name, index)

    @cached_property
    def protocol(self) -> Protocol:
        """The default protocol, its groups made as small as the world needs them.

        Raises:
            CheckFailedError: If they can't be made small enough.
        """
        room = self.source.room()
        if room is None:
            return Protocol()
        if room.gaps:
            expected = "defaults under which aliases can be drawn"
            raise CheckFailedError(f"{room.where}: {room.gaps}", expected)
        fitted = fitted_protocol(Protocol(), room.n_aliases)
        if fitted is None:
            raise CheckFailedError(f"room for {room.n_aliases} aliases", "room for groups of 5 aliases each")
        return fitted

    @property
    def n_aliases(self) -> int:
        """As many aliases as a study would draw."""
        return self.protocol.n_aliases

    @cached_property
    def draws(self) -> tuple[World, ...]:
        """Many worlds of a study's size."""
        return tuple(self.draw(self.n_aliases, seed) for seed in range(N_DRAWS))

    @cached_property
    def drawn(self) -> tuple[Draw, ...]:
        """What a study draws for some seeds."""
        return tuple(draw(self.protocol, self.source, self.seed(index)) for index in range(N_SEEDS))

    def by_question(self) -> Iterator[tuple[str, tuple[str, ...], NDArray[np.int64]]]:
        """Each question with all answers drawn.

        Yields:
            Its name, its answers' names and the answers, -1 where none is known; shape (n_draws, n_aliases).
        """
        first = self.draws[0]
        answers = np.stack([world.answers for world in self.draws]).astype(np.int64)
        for place, (name, names) in enumerate(zip(first.question_names, first.answer_names, strict=True)):
            yield name, names, answers[:, :, place]


def world_subject(world: Any) -> WorldSubject:
    """Find the world that is to be checked.

    Args:
        world: A name as `iml_general.plugins.registry.world` takes it, a class (its defaults are checked) or
            one configuration.

    Returns:
        The world under test.

    Raises:
        UsageError: If it can't be found or breaks the contract.
    """
    if isinstance(world, str):
        return WorldSubject(registry.world(world)(), f"iml check {world} --only {{only}}")
    cls: Any = world if inspect.isclass(world) else type(world)
    check_world_contract(cls)
    if cls is world:
        return WorldSubject(cls(), again_for(cls))
    shown = repr(world).replace("{", "{{").replace("}", "}}")
    return WorldSubject(world, f"iml_general.checks.run_checks({shown}, only={{only}})")
