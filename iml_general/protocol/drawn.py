"""All that is drawn for one seed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from iml_general.protocol.protocol import UNDEFINED, Protocol
from iml_general.protocol.tags import informative_tags, shuffled_tags
from iml_general.seeds import Seed
from iml_general.worlds.world import World

NO_TAG = 0


@dataclass(frozen=True, eq=False)
class Drawn:
    """Who is who, who says what and what is true, for one seed.

    Attributes:
        protocol: Sources and group sizes.
        seed: The replicate.
        world: What is true.
        group: Index into the protocol's groups of every alias, shape (n_aliases,).
        held_out: The question of each alias that stage 1 never asks, shape (n_aliases,).
        is_true: Whether what is said of each alias in stage 1 is the truth, shape (n_aliases,).
        said: What is said of each alias in stage 1, int16 of shape (n_aliases, n_questions); the truth
            where nobody speaks, `UNKNOWN` where there is no answer or no other alias's to tell.
        conflict: What the reliable and the unreliable source say of each alias of new_conflict,
            int16 of shape (2, n_aliases, n_questions); only rows of that group are meant.
        lied: What sources lie about under an attack, of aliases new or unseen, bool of shape (n_aliases,
            n_questions).
        attacked: What they say then, int16 of the same shape; the truth where they don't lie.
    """

    protocol: Protocol
    seed: Seed
    world: World
    group: NDArray[np.int64]
    held_out: NDArray[np.int64]
    is_true: NDArray[np.bool_]
    said: NDArray[np.int16]
    conflict: NDArray[np.int16]
    lied: NDArray[np.bool_]
    attacked: NDArray[np.int16]

    def members(self, *groups: str) -> NDArray[np.int64]:
        """Aliases of the given groups, ascending."""
        places = [self.protocol.groups.index(group) for group in groups]
        return np.flatnonzero(np.isin(self.group, places))

    @cached_property
    def tag_of(self) -> dict[str, int]:
        """Place of each source's symbol among the protocol's symbols, by the source's name."""
        places = self.protocol.symbol_of_source(self.seed.index)
        return {source.name: place for source, place in zip(self.protocol.sources, places, strict=True)}

    @property
    def symbols(self) -> dict[str, str]:
        """Tag symbol by source."""
        return {name: self.protocol.symbols[place] for name, place in self.tag_of.items()}

    @cached_property
    def told(self) -> NDArray[np.int64]:
        """Aliases of which somebody speaks in stage 1, ascending."""
        return self.members(*(source.taught_group for source in self.protocol.taught))

    @cached_property
    def tags(self) -> NDArray[np.int64]:
        """Tag of each alias's stage-1 statements, index into the symbols; the informative ones."""
        return informative_tags(self.protocol, self.group, self.tag_of)

    @cached_property
    def shuffled(self) -> NDArray[np.int64]:
        """The same tags dealt out anew, so that no tag is true more often than another."""
        tags = {self.tag_of[source.name]: source.stage1 for source in self.protocol.taught}
        dealt = shuffled_tags(self.told, self.is_true[self.told], tags, self.seed.generator("shuffled"))
        result = np.full(self.world.n_aliases, NO_TAG)
        result[self.told] = dealt
        return result

    @cached_property
    def asked(self) -> NDArray[np.int64]:
        """Aliases that stage 1 asks questions about, ascending."""
        taught = [source.taught_group for source in self.protocol.taught]
        return self.members(*taught, UNDEFINED)

    @property
    def is_held_out(self) -> NDArray[np.bool_]:
        """Of the aliases that stage 1 asks about, shape (n_asked, n_questions)."""
        return np.asarray(np.arange(self.world.n_questions) == self.held_out[self.asked][:, None])

    @property
    def is_taught(self) -> NDArray[np.bool_]:
        """What question rows of stage 1 ask of them, likewise."""
        return ~self.is_held_out & self.world.asked

    def said_of_conflict(self, twin: bool) -> NDArray[np.int16]:
        """What the two say of new_conflict, as `conflict` has it, or with changed places in the twin."""
        return self.conflict[::-1] if twin else self.conflict
