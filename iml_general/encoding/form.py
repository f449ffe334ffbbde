"""A form of input: what a row looks like to a learner that reads it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Container
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from iml_general.encoding.options import Encoding
from iml_general.learner import Inputs, Schema
from iml_general.worlds.pictures import Pictures

if TYPE_CHECKING:
    import optuna

Indices = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Things:
    """What has to be told apart.

    Attributes:
        n_symbols: Number of tag symbols, that of no tag, which is number 0, among them.
        n_aliases: Number of all that can be asked about: aliases and, after them, entities.
        n_questions: Number of questions.
        question_names: The words of each question, where a form shows words.
        answer_names: The words of each answer to each question, likewise.
        pictures: What aliases look like; None if they look like nothing.
        n_beside: Number of answers that a statement beside a question may give; 0 if there never is one.
        n_entities: Number of entities among them: as many answers to the first question, in the same order.
    """

    n_symbols: int
    n_aliases: int
    n_questions: int
    question_names: tuple[str, ...] = ()
    answer_names: tuple[tuple[str, ...], ...] = ()
    pictures: Pictures | None = None
    n_beside: int = 0
    n_entities: int = 0


@dataclass(frozen=True, eq=False)
class Numbered:
    """Rows by the numbers of what they are about.

    Attributes:
        tags: int64 of shape (n_rows,), 0 where there is none.
        aliases: int64 of shape (n_rows,).
        questions: int64 of shape (n_rows,).
        stage: Name of the stage whose rows these are, in their order; None for the rows that are asked.
        beside: What the statement beside each says, counted from 1, 0 where there is none; int64 of shape
            (n_rows,).
    """

    tags: Indices
    aliases: Indices
    questions: Indices
    stage: str | None
    beside: Indices


@dataclass(frozen=True, eq=False)
class Coder:
    """The codes of one seed in one form.

    Attributes:
        schema: What the columns of the inputs mean.
        encode: From rows to inputs of shape (n_rows, n_columns).
        per_row: How many times over a stage comes, because its rows look different each time.
    """

    schema: Schema
    encode: Callable[[Numbered], Inputs]
    per_row: int = 1


class Form(ABC):
    """One form of input; all that depends on it stands in its file.

    Attributes:
        name: As learners and worlds name it.
    """

    name: ClassVar[str]

    def lacking(self) -> str:
        """Name the library that this form needs and that is not installed; empty if it can be drawn."""
        return ""

    @abstractmethod
    def draw(
        self, encoding: Encoding, things: Things, generator: Callable[[str], np.random.Generator]
    ) -> Coder:
        """Draw the codes of one seed.

        Args:
            encoding: Kinds and widths of the codes.
            things: What has to be told apart.
            generator: Gives the randomness of a part, such as ``"alias"``.

        Returns:
            What encodes rows. Codes are drawn without looking at groups, answers or roles of tags, so
            nothing but the code itself can tell groups apart.

        Raises:
            UsageError: If a code is too narrow to tell all of them apart, or they lack what it shows.
        """

    @abstractmethod
    def suggest(self, trial: optuna.Trial, base: Encoding, fixed: Container[str]) -> Encoding:
        """Draw the codes of aliases and tags as factors of a search.

        Args:
            trial: Gives values; parameters are named ``encoding.alias`` and so on.
            base: All that is not drawn.
            fixed: Fields that stay as they are.

        Returns:
            The encoding.
        """

    @abstractmethod
    def untagged(self, inputs: Inputs, schema: Schema) -> Inputs:
        """Take the tag off rows: what is left is the question that a statement answers.

        Args:
            inputs: Rows of this form.
            schema: What the columns mean.

        Returns:
            New rows of the same shape.
        """


def zeroed(inputs: Inputs, columns: tuple[int, ...]) -> Inputs:
    """A copy of rows in which some columns are 0, which in our forms says that there is no tag."""
    bare = inputs.copy()
    bare.reshape(len(bare), prod(bare.shape[1:]))[:, list(columns)] = 0
    return bare


def names_of(parts: dict[str, int]) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Name columns after their parts.

    Args:
        parts: Number of columns by part, ``"tag"`` among them.

    Returns:
        Names such as ``"alias[3]"``, and the positions of those of the tag.
    """
    columns = [(part, i) for part, width in parts.items() for i in range(width)]
    tags = tuple(place for place, (part, _) in enumerate(columns) if part == "tag")
    return tuple(f"{part}[{i}]" for part, i in columns), tags
