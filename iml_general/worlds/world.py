"""A world: aliases, questions and the true answers; and the contract of what draws one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from iml_general.learner import CLASSES
from iml_general.worlds.pictures import Pictures

UNKNOWN = -1
"""In place of an answer that nobody knows: such a question is not asked, stated or probed."""


@dataclass(frozen=True, eq=False)
class World:
    """True answers to every question about every alias.

    Attributes:
        answers: Answer classes, int16 of shape (n_aliases, n_questions). Classes of question q
            are 0 .. len(answer_names[q]) - 1: every question counts its own classes from 0. `UNKNOWN`
            where there is no answer; of every alias at least two are known. Where several answers are right,
            the one that true statements and question rows give.
        alias_names: A readable name per alias, for people; no learner ever sees it.
        question_names: A readable name per question; learners that read text see it.
        answer_names: Per question, a readable name per answer class; likewise.
        right: Which answers are right, bool of shape (n_aliases, n_questions, n_answers); None where
            `answers` has all of them.
        pictures: What aliases look like; None if they look like nothing, and a form makes up their codes.
        implied: What follows from each answer to the first question, int16 of shape (n answers of that
            question, n_questions), its first column that answer itself. Statements then answer the first
            question alone, and only the others are asked: what was said has to be carried over to them. All
            answers are known, and no two answers imply the same. None where statements answer what is asked.
        entities: Whether the answers to the first question can be asked about as aliases can. Then stage 1
            also teaches all that is implied by each, and learners are asked which one an alias is. They are
            numbered after the aliases, in their order as answers.
        numbers: The number that each answer class stands for, float64 of shape (n_questions, n_answers),
            where learners are taught and asked numbers; None where they are taught and asked classes.
    """

    answers: NDArray[np.int16]
    alias_names: tuple[str, ...]
    question_names: tuple[str, ...]
    answer_names: tuple[tuple[str, ...], ...]
    right: NDArray[np.bool_] | None = None
    pictures: Pictures | None = None
    implied: NDArray[np.int16] | None = None
    entities: bool = False
    numbers: NDArray[np.float64] | None = None

    @property
    def known(self) -> NDArray[np.bool_]:
        """Which questions have an answer, shape (n_aliases, n_questions)."""
        known: NDArray[np.bool_] = self.answers != UNKNOWN
        return known

    @property
    def n_aliases(self) -> int:
        """Number of aliases."""
        return len(self.alias_names)

    @property
    def n_entities(self) -> int:
        """Number of entities that can be asked about."""
        return len(self.answer_names[0]) if self.entities else 0

    @property
    def names_of_all(self) -> tuple[str, ...]:
        """The names of aliases and, after them, entities."""
        return (*self.alias_names, *self.answer_names[0]) if self.entities else self.alias_names

    @property
    def answers_of_all(self) -> NDArray[np.int16]:
        """`answers` and, below them, what is true of each entity."""
        if not self.entities or self.implied is None:
            return self.answers
        return np.concatenate([self.answers, self.implied])

    @property
    def n_questions(self) -> int:
        """Number of questions."""
        return len(self.question_names)

    @property
    def classes_per_question(self) -> NDArray[np.int16]:
        """Number of answer classes of each question, int16 of shape (n_questions,)."""
        return np.array([len(names) for names in self.answer_names], dtype=np.int16)

    @property
    def n_answers(self) -> int:
        """Largest number of answer classes of any question: the width of a learner's output."""
        return int(self.classes_per_question.max())

    @property
    def stated(self) -> NDArray[np.bool_]:
        """Which questions statements answer, shape (n_questions,)."""
        if self.implied is None:
            return np.ones(self.n_questions, dtype=bool)
        return np.asarray(np.arange(self.n_questions) == 0)

    @property
    def asked(self) -> NDArray[np.bool_]:
        """Which questions are asked, shape (n_questions,)."""
        return np.ones(self.n_questions, dtype=bool) if self.implied is None else ~self.stated

    def with_what_follows(self, said: NDArray[np.int16]) -> NDArray[np.int16]:
        """What is said of aliases, and to the questions that statements don't answer what follows from it.

        Args:
            said: Answers, shape (n_aliases, n_questions); only those to `stated` questions are read where
                others follow from them.

        Returns:
            Answers of the same shape.
        """
        return said if self.implied is None else np.asarray(self.implied[said[:, 0]])

    def right_answers(self, alias: NDArray[np.int64], question: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which answers are right, of pairs of an alias and a question that have one.

        Args:
            alias: Aliases, shape (n,).
            question: Questions, shape (n,).

        Returns:
            Shape (n, n_answers).
        """
        if self.right is not None:
            return np.asarray(self.right[alias, question])
        return np.asarray(self.answers[alias, question][:, None] == np.arange(self.n_answers))


@dataclass(frozen=True)
class Room:
    """How many aliases a world can give, where that is not as many as anybody needs.

    Attributes:
        n_aliases: Their number, once `options` are set.
        where: What the world is called in messages.
        options: Settings of a plan without which it gives none, by key.
        gaps: Why it gives none without them, in words; empty if there are none.
    """

    n_aliases: int
    where: str
    options: Mapping[str, Any] = field(default_factory=dict)
    gaps: str = ""


class WorldSource(ABC):
    """What draws worlds. Subclasses are frozen dataclasses whose fields are the options.

    Attributes:
        name: Name on the command line and in plans.
        summary: One line for ``iml worlds``.
        forms: Names of the forms of input that its rows can be encoded in.
        answer_kind: Whether learners are taught and asked classes or numbers: one of the constants in
            `iml_general.learner`.
        coded: Whether forms make up the codes of aliases and tags, so that a search may vary them; not where
            aliases are pictures.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    forms: ClassVar[tuple[str, ...]] = ("vectors", "tokens", "codes", "text")
    answer_kind: ClassVar[str] = CLASSES
    coded: ClassVar[bool] = True

    @abstractmethod
    def draw(self, n_aliases: int, generator: np.random.Generator) -> World:
        """Draw a world.

        Args:
            n_aliases: Number of aliases that the protocol's groups need.
            generator: The only source of randomness.

        Returns:
            A world of exactly `n_aliases` aliases, in random order.

        Raises:
            UsageError: If the options can't give that many aliases; says which option to change.
        """

    @abstractmethod
    def describe(self) -> str:
        """Say in words what is asked, for ``iml peek`` and for a run's provenance.

        Returns:
            One line or several.

        Raises:
            UsageError: If the options can't be met.
        """

    def room(self) -> Room | None:
        """Say how many aliases there are; None if as many as anybody needs."""
        return None

    def files(self) -> tuple[Path, ...]:
        """Files that the worlds are drawn from: a run can't go on once one of them has changed."""
        return ()
