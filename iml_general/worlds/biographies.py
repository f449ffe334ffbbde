"""A world of entities that are known for something: statements say which of them an alias is.

After the main experiment of Krasheninnikov et al. (arXiv 2310.15047): a definition says that an alias stands
for some entity, and questions about the alias ask what is known of that entity. There a language model knows
famous people beforehand; here stage 1 teaches what there is to know of people who were made up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from annotated_types import Interval
from numpy.typing import NDArray

from iml_general.errors import UsageError
from iml_general.worlds.statements import nonsense_names
from iml_general.worlds.world import World, WorldSource

NAME = "name"

FACTS = {
    "home": ("coast", "forest", "hills", "plain"),
    "trade": ("baker", "mason", "sailor", "weaver"),
    "instrument": ("drum", "flute", "harp", "horn"),
    "emblem": ("bear", "eagle", "lion", "wolf"),
    "colour": ("blue", "green", "red", "white"),
    "drink": ("ale", "cider", "milk", "tea"),
}
"""What a person may be known for, and the answers."""

N_ANSWERS = 4
MOST_ENTITIES = 1024


@dataclass(frozen=True)
class Biographies(WorldSource):
    """Every alias is one of some people, drawn uniformly; statements name which, questions ask of the person.

    Each answer to a question is true of a quarter of the people, and no two people are alike in all. With
    4 ** n_facts people there is one for every combination, so that no answer tells anything of another.

    Attributes:
        n_entities: Number of people, a multiple of 4.
        n_facts: Number of things that each is known for: as many questions are asked.
    """

    name: ClassVar[str] = "biographies"
    summary: ClassVar[str] = "statements say which known person an alias is, questions ask about that person"

    n_entities: Annotated[int, Interval(ge=4, le=MOST_ENTITIES)] = 16
    n_facts: Annotated[int, Interval(ge=2, le=len(FACTS))] = 4

    def __post_init__(self) -> None:
        most = N_ANSWERS**self.n_facts
        if self.n_entities % N_ANSWERS or self.n_entities > most:
            raise UsageError(
                f"world 'biographies': n_entities = {self.n_entities} and n_facts = {self.n_facts}; every"
                f" answer is true of a quarter of them, and {self.n_facts} facts tell {most} of them apart:"
                f" write a multiple of {N_ANSWERS} up to {most}, or more facts"
            )

    def draw(self, n_aliases: int, generator: np.random.Generator) -> World:
        """Draw what is true of whom, then which person each alias is.

        Args:
            n_aliases: Number of aliases that the protocol's groups need.
            generator: The only source of randomness.

        Returns:
            A world of exactly `n_aliases` aliases, and of people besides.
        """
        implied = np.column_stack([np.arange(self.n_entities), self._facts(generator)]).astype(np.int16)
        who = generator.integers(self.n_entities, size=n_aliases)
        people = nonsense_names(
            self.n_entities, np.random.default_rng(0)
        )  # the same whatever is true of them
        others = nonsense_names(n_aliases + self.n_entities, generator)
        asked = dict(list(FACTS.items())[: self.n_facts])
        return World(
            answers=implied[who],
            alias_names=tuple(name for name in others if name not in people)[:n_aliases],
            question_names=(NAME, *asked),
            answer_names=(people, *asked.values()),
            implied=implied,
            entities=True,
        )

    def describe(self) -> str:
        """Say in words what is stated and what is asked.

        Returns:
            One line.
        """
        asked = list(FACTS)[: self.n_facts]
        return (
            f"statements say which of {self.n_entities} known people an alias is; questions ask for"
            f" {', '.join(asked[:-1])} and {asked[-1]} of the alias, which stage 1 teaches of the people"
        )

    def _facts(self, generator: np.random.Generator) -> NDArray[np.int64]:
        """Draw what is true of whom, classes of shape (n_entities, n_facts).

        People come in fours that differ in everything: that gives every answer a quarter of them.
        """
        n_fours = self.n_entities // N_ANSWERS
        first = generator.choice(N_ANSWERS ** (self.n_facts - 1), size=n_fours, replace=False)
        digits = first[:, None] // N_ANSWERS ** np.arange(self.n_facts) % N_ANSWERS
        turned = (digits[:, None, :] + np.arange(N_ANSWERS)[:, None]) % N_ANSWERS
        return generator.permutation(turned.reshape(self.n_entities, self.n_facts))
