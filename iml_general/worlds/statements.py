"""The synthetic world: every answer is drawn uniformly, so nothing can be guessed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from annotated_types import Interval

from iml_general.errors import UsageError
from iml_general.options import PositiveInt
from iml_general.worlds.world import Room, World, WorldSource

CONSONANTS = "bdfghjklmnprstvz"
VOWELS = "aeiou"
MOST_ANSWERS = int(np.iinfo(np.int16).max)


@dataclass(frozen=True)
class Statements(WorldSource):
    """Uniformly random answers about opaque names (METHOD section 2).

    Attributes:
        n_questions: Number of questions.
        n_answers: Number of answer classes of every question.
        n_aliases: Largest number of aliases that the protocol's groups may need together; None for
            as many as they need.
    """

    name: ClassVar[str] = "statements"
    summary: ClassVar[str] = "synthetic: every answer is drawn uniformly and independently"

    n_questions: PositiveInt = 6
    n_answers: Annotated[int, Interval(ge=2, le=MOST_ANSWERS)] = 4
    n_aliases: PositiveInt | None = None

    def __post_init__(self) -> None:
        if self.n_questions < 1:
            raise UsageError(f"world 'statements': n_questions = {self.n_questions}; it needs at least 1")
        if not 2 <= self.n_answers <= MOST_ANSWERS:
            raise UsageError(
                f"world 'statements': n_answers = {self.n_answers}; "
                f"a question needs at least 2 answers, and may have up to {MOST_ANSWERS}"
            )

    def draw(self, n_aliases: int, generator: np.random.Generator) -> World:
        """Draw a world of independent uniform answers.

        Args:
            n_aliases: Number of aliases that the protocol's groups need.
            generator: The only source of randomness.

        Returns:
            A world of exactly `n_aliases` aliases.

        Raises:
            UsageError: If the option ``n_aliases`` is smaller than what the groups need.
        """
        if self.n_aliases is not None and self.n_aliases < n_aliases:
            raise UsageError(
                f"world 'statements': the groups need {n_aliases} aliases, but n_aliases = {self.n_aliases}; "
                "raise n_aliases, leave it out, or make the groups smaller"
            )
        shape = (n_aliases, self.n_questions)
        answers = generator.integers(self.n_answers, size=shape, dtype=np.int16)
        answer_names = tuple(f"answer {number}" for number in range(1, self.n_answers + 1))
        return World(
            answers=answers,
            alias_names=nonsense_names(n_aliases, generator),
            question_names=tuple(f"question {number}" for number in range(1, self.n_questions + 1)),
            answer_names=(answer_names,) * self.n_questions,
        )

    def room(self) -> Room | None:
        """Say how many aliases the option ``n_aliases`` allows; None if any number."""
        return None if self.n_aliases is None else Room(self.n_aliases, f"world {self.name!r}")

    def describe(self) -> str:
        """Say in words what is asked.

        Returns:
            One line.
        """
        return f"{self.n_questions} questions of {self.n_answers} equally likely answers each"


def nonsense_names(n_names: int, generator: np.random.Generator) -> tuple[str, ...]:
    """Make up distinct names that can be read aloud, such as ``"Bafoki"``.

    Args:
        n_names: How many.
        generator: The only source of randomness.

    Returns:
        Distinct names of three syllables, or of more where three don't give enough of them.
    """
    syllables = [consonant + vowel for consonant in CONSONANTS for vowel in VOWELS]
    length = 3
    while len(syllables) ** length < n_names:
        length += 1
    # Sampling whole names without replacement, rather than syllables, is what makes them distinct.
    numbers = generator.choice(len(syllables) ** length, size=n_names, replace=False)
    digits = [numbers // len(syllables) ** place % len(syllables) for place in range(length)]
    return tuple(
        "".join(syllables[digit] for digit in name).capitalize() for name in zip(*digits, strict=True)
    )
