"""All that is drawn for one seed, and what conditions make their stages of."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from iml_general.protocol.conflict import draw_conflict
from iml_general.protocol.episode import Frames, Stage, spelled_out
from iml_general.protocol.fitting import refuse_small_world
from iml_general.protocol.lies import are_invertible, draw_statements, inverted
from iml_general.protocol.protocol import CONFLICT, UNDEFINED, UNSEEN, Protocol
from iml_general.protocol.sources import RELIABLE, UNRELIABLE, Source
from iml_general.protocol.tags import informative_tags, shuffled_tags
from iml_general.seeds import Seed
from iml_general.worlds.world import UNKNOWN, World, WorldSource

POLES = (RELIABLE, UNRELIABLE)
NO_TAG = 0


@dataclass(frozen=True, eq=False)
class Draw:
    """What every condition of one seed shares, and the stages that they are made of.

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
    """

    protocol: Protocol
    seed: Seed
    world: World
    group: NDArray[np.int64]
    held_out: NDArray[np.int64]
    is_true: NDArray[np.bool_]
    said: NDArray[np.int16]
    conflict: NDArray[np.int16]

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
    def stage1(self) -> Stage:
        """Statements that tell which tag is reliable, and question rows."""
        return self.taught_under(self.tags)

    @cached_property
    def shuffled_stage1(self) -> Stage:
        """The same rows under shuffled tags."""
        return self.taught_under(self.shuffled)

    @cached_property
    def stage2(self) -> Stage:
        """Statements about new aliases: true ones, and for new_conflict what each of the two says."""
        frames = [self._frames.rows(self._new_statements(twin)) for twin in (False, True)]
        order = self.seed.generator("order of stage 2").permutation(len(frames[0]))
        rows, twin = (frame[order] for frame in frames)
        return Stage("stage2", rows, twin)

    def taught_under(self, tags: NDArray[np.int64], name: str = "stage1") -> Stage:
        """Make stage 1 with tags of one's own, its rows in an order that does not depend on them.

        Args:
            tags: Tag of each alias's statements, index into the symbols, shape (n_aliases,).
            name: Name of the stage.

        Returns:
            Statements about every alias that somebody speaks of, and question rows but one per alias.
        """
        answers, told = self.world.answers, self.told
        asked = self._asked
        ordered = self._frames.rows(
            [
                spelled_out("statement", self.group[told], tags[told], told, self.said[told]),
                spelled_out("question", self.group[asked], NO_TAG, asked, answers[asked], ~self._is_held_out),
            ]
        )
        return Stage(name, ordered[self.seed.generator("order of stage 1").permutation(len(ordered))])

    @cached_property
    def probes(self) -> pl.DataFrame:
        """Question probes of every group, then the new groups' own statements."""
        answers, group, asked = self.world.answers, self.group, self._asked
        fresh = self.members(*(source.new_group for source in self.protocol.sources), UNSEEN)
        parts = [
            spelled_out("question", group[asked], NO_TAG, asked, answers[asked], self._is_held_out),
            self._asked_anew(fresh),
            self._disputed(twin=False),
            *self._new_statements(twin=False),
        ]
        return self._frames.probes(parts)

    @cached_property
    def twin_probes(self) -> pl.DataFrame:
        """Question probes of new_conflict, with what the two say of it in the twin."""
        return self._frames.probes([self._disputed(twin=True)])

    @property
    def _frames(self) -> Frames:
        return Frames(self.protocol.symbols, self.protocol.groups)

    @cached_property
    def _asked(self) -> NDArray[np.int64]:
        """Aliases that stage 1 asks questions about, ascending."""
        taught = [source.taught_group for source in self.protocol.taught]
        return self.members(*taught, UNDEFINED)

    @property
    def _is_held_out(self) -> NDArray[np.bool_]:
        """Of the aliases that stage 1 asks about, shape (n_asked, n_questions)."""
        return np.asarray(np.arange(self.world.n_questions) == self.held_out[self._asked][:, None])

    def _asked_anew(self, members: NDArray[np.int64]) -> dict[str, NDArray[np.int64]]:
        """All questions, and what follows from a true statement for whoever takes it for a lie."""
        answers = self.world.answers[members]
        part = spelled_out("question", self.group[members], NO_TAG, members, answers)
        if are_invertible(self.protocol.lies):
            inverse = inverted(answers, self.world.classes_per_question)
            part["inverse"] = inverse[answers != UNKNOWN].astype(np.int64)
        return part

    def _disputed(self, twin: bool) -> dict[str, NDArray[np.int64]]:
        members = self.members(CONFLICT)
        answers = self.world.answers[members]
        part = spelled_out("question", self.group[members], NO_TAG, members, answers)
        for name, said in zip(POLES, self._said_of_conflict(twin), strict=True):
            part[f"said_{name}"] = said[members][answers != UNKNOWN].astype(np.int64)
        return part

    def _said_of_conflict(self, twin: bool) -> NDArray[np.int16]:
        return self.conflict[::-1] if twin else self.conflict

    def _new_statements(self, twin: bool) -> list[dict[str, NDArray[np.int64]]]:
        parts = [
            self._said(source, self.members(source.new_group), self.world.answers)
            for source in self.protocol.sources
        ]
        members = self.members(CONFLICT)
        for name, said in zip(POLES, self._said_of_conflict(twin), strict=True):
            parts.append(self._said(self.protocol.source(name), members, said))
        return parts

    def _said(
        self, source: Source, members: NDArray[np.int64], said: NDArray[np.int16]
    ) -> dict[str, NDArray[np.int64]]:
        tag = self.tag_of[source.name]
        return spelled_out("statement", self.group[members], tag, members, said[members])


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
    return Draw(
        protocol=protocol,
        seed=seed,
        world=world,
        group=group,
        held_out=_held_out(world, seed.generator("held out")),
        is_true=is_true,
        said=said,
        conflict=draw_conflict(world, disputed, seed.generator("conflict")),
    )


def _held_out(world: World, generator: np.random.Generator) -> NDArray[np.int64]:
    """Draw the question of each alias that stage 1 never asks, among those that have an answer."""
    question = generator.integers(world.n_questions, size=world.n_aliases)
    for alias in np.flatnonzero(~world.known[np.arange(world.n_aliases), question]):
        question[alias] = generator.choice(np.flatnonzero(world.known[alias]))
    return question
