"""A world with redundancy: aliases are of kinds, so that what is known of one answer tells of the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from annotated_types import Interval

from iml_general.options import PositiveInt, Share
from iml_general.worlds.statements import MOST_ANSWERS, Statements
from iml_general.worlds.world import World, WorldSource


@dataclass(frozen=True)
class Kinds(WorldSource):
    """Every alias is of one of some kinds, and mostly answers as its kind does.

    A kind's answer to each question is drawn uniformly, and so is each alias's kind. Nobody names kinds:
    they show only in that answers go together.

    Attributes:
        n_questions: Number of questions.
        n_answers: Number of answer classes of every question.
        n_kinds: Number of kinds.
        agreement: Probability that an answer is that of the alias's kind; otherwise it is drawn uniformly.
    """

    name: ClassVar[str] = "kinds"
    summary: ClassVar[str] = "synthetic with redundancy: aliases are of kinds, whose answers go together"

    n_questions: PositiveInt = 8
    n_answers: Annotated[int, Interval(ge=2, le=MOST_ANSWERS)] = 4
    n_kinds: PositiveInt = 8
    agreement: Share = 0.9

    def draw(self, n_aliases: int, generator: np.random.Generator) -> World:
        """Draw kinds, then aliases of them.

        Args:
            n_aliases: Number of aliases that the protocol's groups need.
            generator: The only source of randomness.

        Returns:
            A world of exactly `n_aliases` aliases.
        """
        drawn = Statements(self.n_questions, self.n_answers).draw(n_aliases, generator)
        shape = (self.n_kinds, self.n_questions)
        of_kind = generator.integers(self.n_answers, size=shape, dtype=np.int16)
        kind = generator.integers(self.n_kinds, size=n_aliases)
        agrees = generator.random(drawn.answers.shape) < self.agreement
        answers = np.where(agrees, of_kind[kind], drawn.answers)
        return World(answers, drawn.alias_names, drawn.question_names, drawn.answer_names)

    def describe(self) -> str:
        """Say in words what is asked.

        Returns:
            One line.
        """
        return (
            f"{self.n_questions} questions of {self.n_answers} answers each about aliases of {self.n_kinds}"
            f" kinds, whose answers agree with their kind's with probability {self.agreement:g}"
        )
