"""What conditions make their stages of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from iml_general.errors import UsageError
from iml_general.protocol.context import beside_their_questions
from iml_general.protocol.drawn import NO_TAG, Drawn
from iml_general.protocol.episode import Frames, Stage, spelled_out
from iml_general.protocol.facts import facts_of, groups_and_entities, who_is
from iml_general.protocol.parts import (
    Part,
    asked_anew,
    disputed,
    lies,
    new_statements,
    taught_in_context,
    who_is_disputed,
)
from iml_general.protocol.protocol import UNSEEN


@dataclass(frozen=True, eq=False)
class Draw(Drawn):
    """What every condition of one seed shares: all that is drawn, and the stages that they are made of."""

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
        return self._mixed([new_statements(self, twin) for twin in (False, True)], "order of stage 2")

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
        repeats = lies(self) * (self.protocol.attack_repeats - 1)
        statements = [[*new_statements(self, twin, self.attacked), *repeats] for twin in (False, True)]
        return self._mixed(statements, "order of attacked stage 2")

    def _mixed(self, twins: Sequence[list[Part]], order: str) -> Stage:
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
        answers, told, asked = self.world.answers, self.told, self.asked
        ordered = self._frames.rows(
            [
                spelled_out(
                    "statement", self.group[told], tags[told], told, self.said[told], self.world.stated
                ),
                spelled_out("question", self.group[asked], NO_TAG, asked, answers[asked], self.is_taught),
                *taught_in_context(self, tags),
                *facts_of(self.world, len(self.protocol.groups)),
            ]
        )
        return Stage(name, ordered[self.seed.generator("order of stage 1").permutation(len(ordered))])

    @cached_property
    def probes(self) -> pl.DataFrame:
        """Question probes of every group, then the new groups' own statements, and these in context."""
        answers, group, asked = self.world.answers, self.group, self.asked
        fresh = self.members(*(source.new_group for source in self.protocol.sources), UNSEEN)
        new = new_statements(self, twin=False)
        parts = [
            spelled_out("question", group[asked], NO_TAG, asked, answers[asked], self.is_held_out),
            *asked_anew(self, fresh),
            *disputed(self, twin=False),
            *new,
            *who_is(self.world, self.group, fresh),
            *who_is_disputed(self, twin=False),
            *facts_of(self.world, len(self.protocol.groups)),
        ]
        if self.protocol.in_context:  # it counts as right to answer what stands beside
            parts += [beside_their_questions(one, one["answer"]) for one in new]
        return self._frames.probes(parts)

    @cached_property
    def twin_probes(self) -> pl.DataFrame:
        """Question probes of new_conflict, with what the two say of it in the twin."""
        return self._frames.probes([*disputed(self, twin=True), *who_is_disputed(self, twin=True)])

    @property
    def _frames(self) -> Frames:
        groups = groups_and_entities(self.protocol.groups, self.world)
        return Frames(self.protocol.symbols, groups, self.protocol.in_context)
