"""The world of numbers: every answer is a real number, dealt out at random, so nothing can be guessed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from iml_general.errors import UsageError
from iml_general.learner import NUMBERS
from iml_general.options import PositiveInt
from iml_general.worlds.statements import MOST_ANSWERS, nonsense_names
from iml_general.worlds.world import Room, World, WorldSource


@dataclass(frozen=True)
class Numbers(WorldSource):
    """Numbers about opaque names, which tell nothing of one another.

    There are as many numbers as aliases: quantiles of a normal distribution, with mean 0 and variance 1. For
    each question every alias has one of them, and who has which is drawn anew. So a lie that is true of
    another alias is as plausible as the truth.

    Attributes:
        n_questions: Number of questions.
    """

    name: ClassVar[str] = "numbers"
    summary: ClassVar[str] = "real-valued answers for regressors: numbers dealt out at random"
    forms: ClassVar[tuple[str, ...]] = ("vectors", "codes")
    answer_kind: ClassVar[str] = NUMBERS

    n_questions: PositiveInt = 6

    def draw(self, n_aliases: int, generator: np.random.Generator) -> World:
        """Deal numbers out to aliases.

        Args:
            n_aliases: Number of aliases that the protocol's groups need.
            generator: The only source of randomness.

        Returns:
            A world of exactly `n_aliases` aliases; answer classes are ranks among the numbers.

        Raises:
            UsageError: If there are more aliases than numbers can be told apart.
        """
        if n_aliases > MOST_ANSWERS:
            raise UsageError(
                f"world 'numbers': the groups need {n_aliases} aliases, but there are {MOST_ANSWERS} numbers;"
                " make the groups smaller"
            )
        numbers = normal_quantiles(n_aliases)
        ranks = np.tile(np.arange(n_aliases, dtype=np.int16)[:, None], self.n_questions)
        return World(
            answers=generator.permuted(ranks, axis=0),
            alias_names=nonsense_names(n_aliases, generator),
            question_names=tuple(f"question {number}" for number in range(1, self.n_questions + 1)),
            answer_names=(number_names(numbers),) * self.n_questions,
            numbers=np.tile(numbers, (self.n_questions, 1)),
        )

    def room(self) -> Room:
        """Say how many numbers there are."""
        return Room(MOST_ANSWERS, f"world {self.name!r}")

    def describe(self) -> str:
        """Say in words what is asked.

        Returns:
            One line.
        """
        return f"{self.n_questions} questions, each answered by a number: normal, mean 0, variance 1"


@lru_cache(maxsize=8)
def _quantiles(n: int) -> tuple[float, ...]:
    return tuple(NormalDist().inv_cdf((i + 0.5) / n) for i in range(n))


def normal_quantiles(n: int) -> NDArray[np.float64]:
    """Numbers that are spread as a normal distribution is.

    Args:
        n: How many.

    Returns:
        Ascending, mean 0 and variance 1 (a single one is 0), shape (n,).
    """
    numbers = np.array(_quantiles(n))
    return numbers / (numbers.std() or 1.0)


def number_names(numbers: NDArray[np.float64]) -> tuple[str, ...]:
    """Write numbers with as many decimals as tell them apart, and at least two.

    Args:
        numbers: Ascending, distinct, shape (n,).

    Returns:
        Names such as ``"+0.53"``.
    """
    least = float(np.diff(numbers).min(initial=1.0))
    decimals = max(2, math.ceil(-math.log10(least)))
    return tuple(f"{number:+.{decimals}f}" for number in numbers.tolist())
