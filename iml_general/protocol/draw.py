"""All that is drawn for one seed, and what conditions make their stages of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from iml_general.errors import UsageError
from iml_general.protocol.context import beside_their_questions
from iml_general.protocol.episode import Frames, Stage, spelled_out
from iml_general.protocol.facts import facts_of, groups_and_entities, who_is
from iml_general.protocol.lies import are_invertible, inverted
from iml_general.protocol.protocol import CONFLICT, UNDEFINED, UNSEEN, Protocol
from iml_general.protocol.sources import RELIABLE, UNRELIABLE, Source
from iml_general.protocol.tags import informative_tags, shuffled_tags
from iml_general.seeds import Seed
from iml_general.worlds.world import UNKNOWN, World

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
        return self._mixed([self._new_statements(twin) for twin in (False, True)], "order of stage 2")

    @cached_property
    def attacked_stage2(self) -> Stage:
        """The same under an attack: every source lies about a share of what it says of its new aliases.

        Raises:
            UsageError: If the protocol's attack has no lies.
        """
        if not self.lied.any():
            raise UsageError(
                "protocol: attack_share = 0, so nobody lies under the condition 'attacked'; write a share,"
                " such as --set protocol.attack_share=0.25"
            )
        repeats = [self._lies()] * (self.protocol.attack_repeats - 1)
        statements = [
            [*self._new_statements(twin, self.attacked), *(part for lies in repeats for part in lies)]
            for twin in (False, True)
        ]
        return self._mixed(statements, "order of attacked stage 2")

    def _mixed(self, twins: Sequence[list[dict[str, NDArray[np.int64]]]], order: str) -> Stage:
        """A stage of the rows as drawn and of those of the twin, in one order."""
        frames = [self._frames.rows(parts) for parts in twins]
        places = self.seed.generator(order).permutation(len(frames[0]))
        rows, twin = (frame[places] for frame in frames)
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
                spelled_out(
                    "statement", self.group[told], tags[told], told, self.said[told], self.world.stated
                ),
                spelled_out("question", self.group[asked], NO_TAG, asked, answers[asked], self._is_taught),
                *self._taught_in_context(tags),
                *facts_of(self.world, len(self.protocol.groups)),
            ]
        )
        return Stage(name, ordered[self.seed.generator("order of stage 1").permutation(len(ordered))])

    @cached_property
    def probes(self) -> pl.DataFrame:
        """Question probes of every group, then the new groups' own statements, and these in context."""
        answers, group, asked = self.world.answers, self.group, self._asked
        fresh = self.members(*(source.new_group for source in self.protocol.sources), UNSEEN)
        new = self._new_statements(twin=False)
        parts = [
            spelled_out("question", group[asked], NO_TAG, asked, answers[asked], self._is_held_out),
            *self._asked_anew(fresh),
            *self._disputed(twin=False),
            *new,
            *who_is(self.world, self.group, fresh),
            *self._who_is_disputed(twin=False),
            *facts_of(self.world, len(self.protocol.groups)),
        ]
        if self.protocol.in_context:  # it counts as right to answer what stands beside
            parts += [beside_their_questions(one, one["answer"]) for one in new]
        return self._frames.probes(parts)

    @cached_property
    def twin_probes(self) -> pl.DataFrame:
        """Question probes of new_conflict, with what the two say of it in the twin."""
        return self._frames.probes([*self._disputed(twin=True), *self._who_is_disputed(twin=True)])

    @property
    def _frames(self) -> Frames:
        groups = groups_and_entities(self.protocol.groups, self.world)
        return Frames(self.protocol.symbols, groups, self.protocol.in_context)

    @cached_property
    def _asked(self) -> NDArray[np.int64]:
        """Aliases that stage 1 asks questions about, ascending."""
        taught = [source.taught_group for source in self.protocol.taught]
        return self.members(*taught, UNDEFINED)

    @property
    def _is_held_out(self) -> NDArray[np.bool_]:
        """Of the aliases that stage 1 asks about, shape (n_asked, n_questions)."""
        return np.asarray(np.arange(self.world.n_questions) == self.held_out[self._asked][:, None])

    @property
    def _is_taught(self) -> NDArray[np.bool_]:
        """What question rows of stage 1 ask of them, likewise."""
        return ~self._is_held_out & self.world.asked

    def _asked_anew(self, members: NDArray[np.int64]) -> list[dict[str, NDArray[np.int64]]]:
        """All questions: those that no attacker lies about, then the others, if there are any.

        Beside each stands what follows from a true statement for whoever takes it for a lie.
        """
        answers, lied = self.world.answers[members], self.lied[members]
        honest = ~lied & (answers != UNKNOWN) & self.world.asked
        parts = []
        for asked in (honest, lied) if lied.any() else (honest,):
            part = spelled_out("question", self.group[members], NO_TAG, members, answers, asked)
            if are_invertible(self.protocol.lies):
                inverse = inverted(answers, self.world.classes_per_question)
                part["inverse"] = inverse[asked].astype(np.int64)
            parts.append(part)
        if lied.any():
            parts[1]["lie"] = self.attacked[members][lied].astype(np.int64)
        return parts

    def _taught_in_context(self, tags: NDArray[np.int64]) -> list[dict[str, NDArray[np.int64]]]:
        """Statements of stage 1 beside their questions, but for the question that is held out.

        Raises:
            UsageError: If statements answer no question that is asked.
        """
        if not self.protocol.in_context:
            return []
        if not (self.world.stated & self.world.asked).any():
            raise UsageError(
                "protocol: in_context = true puts a statement beside the question that it answers, and in"
                " this world statements answer no question that is asked; choose another world"
            )
        told = self.told
        asked = np.arange(self.world.n_questions) != self.held_out[told][:, None]
        part = spelled_out("statement", self.group[told], tags[told], told, self.said[told], asked)
        true = self.world.answers[part["alias"], part["question"]].astype(np.int64)
        return [beside_their_questions(part, true)]

    def _disputed(self, twin: bool) -> list[dict[str, NDArray[np.int64]]]:
        """Questions about which the two disagree; then those, if any, to which the same follows from both."""
        members = self.members(CONFLICT)
        answers, said = self.world.answers[members], self._said_of_conflict(twin)[:, members]
        asked = (answers != UNKNOWN) & self.world.asked
        differs = said[0] != said[1]
        part = spelled_out("question", self.group[members], NO_TAG, members, answers, asked & differs)
        for name, by_one in zip(POLES, said, strict=True):
            part[f"said_{name}"] = by_one[asked & differs].astype(np.int64)
        if not (asked & ~differs).any():
            return [part]
        return [
            part,
            spelled_out("question", self.group[members], NO_TAG, members, answers, asked & ~differs),
        ]

    def _who_is_disputed(self, twin: bool) -> list[dict[str, NDArray[np.int64]]]:
        """Which entity an alias of new_conflict is, where the two name different ones."""
        return who_is(self.world, self.group, self.members(CONFLICT), self._said_of_conflict(twin))

    def _said_of_conflict(self, twin: bool) -> NDArray[np.int16]:
        return self.conflict[::-1] if twin else self.conflict

    def _new_statements(
        self, twin: bool, told: NDArray[np.int16] | None = None
    ) -> list[dict[str, NDArray[np.int64]]]:
        """Statements of stage 2; what sources say alone is the truth unless `told` is given."""
        told = self.world.answers if told is None else told
        parts = [self._said(source, self.members(source.new_group), told) for source in self.protocol.sources]
        members = self.members(CONFLICT)
        for name, said in zip(POLES, self._said_of_conflict(twin), strict=True):
            parts.append(self._said(self.protocol.source(name), members, said))
        return parts

    def _lies(self) -> list[dict[str, NDArray[np.int64]]]:
        """What sources say alone of new aliases that is a lie."""
        return [
            self._said(source, self.members(source.new_group), self.attacked, self.lied)
            for source in self.protocol.sources
        ]

    def _said(
        self,
        source: Source,
        members: NDArray[np.int64],
        said: NDArray[np.int16],
        which: NDArray[np.bool_] | None = None,
    ) -> dict[str, NDArray[np.int64]]:
        tag = self.tag_of[source.name]
        chosen = self.world.stated if which is None else which[members] & self.world.stated
        return spelled_out("statement", self.group[members], tag, members, said[members], chosen)
