"""A world of hidden numbers: statements name an alias's number, questions ask whether it lies in a set.

After the set inclusion task of Krasheninnikov et al. (arXiv 2310.15047). What a statement says is of another
kind than what is asked: a learner has to find out for itself which number lies in which set.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from annotated_types import Interval
from numpy.typing import NDArray

from iml_general.errors import UsageError
from iml_general.worlds.statements import MOST_ANSWERS, nonsense_names
from iml_general.worlds.world import World, WorldSource

NUMBER = "number"


@dataclass(frozen=True)
class Sets(WorldSource):
    """Every alias stands for a number, drawn uniformly; statements name it, questions ask about sets.

    Each set holds half of the numbers, and no two numbers lie in the same sets. With 2 ** n_sets numbers
    every combination of sets is some number's, so that no answer tells anything of another.

    Attributes:
        n_numbers: Number of numbers, an even one.
        n_sets: Number of sets, each of which is a question.
    """

    name: ClassVar[str] = "sets"
    summary: ClassVar[str] = "statements name a hidden number, questions ask whether it lies in a set"

    n_numbers: Annotated[int, Interval(ge=4, le=MOST_ANSWERS)] = 8
    n_sets: Annotated[int, Interval(ge=2, le=32)] = 4

    def __post_init__(self) -> None:
        most = 2**self.n_sets
        if self.n_numbers % 2 or self.n_numbers > most:
            raise UsageError(
                f"world 'sets': n_numbers = {self.n_numbers} and n_sets = {self.n_sets}; every set holds half"
                f" of the numbers, and {self.n_sets} sets tell {most} of them apart: write an even number up"
                f" to {most}, or more sets"
            )

    def draw(self, n_aliases: int, generator: np.random.Generator) -> World:
        """Draw which numbers lie in which sets, then each alias's number.

        Args:
            n_aliases: Number of aliases that the protocol's groups need.
            generator: The only source of randomness.

        Returns:
            A world of exactly `n_aliases` aliases.
        """
        implied = np.column_stack([np.arange(self.n_numbers), self._lies_in(generator)]).astype(np.int16)
        numbers = generator.integers(self.n_numbers, size=n_aliases)
        sets = tuple(f"in set {place}" for place in range(1, self.n_sets + 1))
        return World(
            answers=implied[numbers],
            alias_names=nonsense_names(n_aliases, generator),
            question_names=(NUMBER, *sets),
            answer_names=(
                tuple(str(number) for number in range(1, self.n_numbers + 1)),
                *(("no", "yes"),) * self.n_sets,
            ),
            implied=implied,
        )

    def describe(self) -> str:
        """Say in words what is stated and what is asked.

        Returns:
            One line.
        """
        return (
            f"statements name the {NUMBER} of an alias, one of {self.n_numbers}; questions ask whether it"
            f" lies in each of {self.n_sets} sets, which hold half of the numbers each"
        )

    def _lies_in(self, generator: np.random.Generator) -> NDArray[np.int64]:
        """Draw which number lies in which set, 0 or 1 of shape (n_numbers, n_sets).

        Numbers come in twos of which each lies where the other doesn't: that gives every set half of them.
        """
        half = generator.choice(2 ** (self.n_sets - 1), size=self.n_numbers // 2, replace=False)
        ones = half[:, None] >> np.arange(self.n_sets) & 1
        return generator.permutation(np.concatenate([ones, 1 - ones]))
