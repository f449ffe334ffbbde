"""What all worlds have in common that are drawn from a table of entities."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from iml_general.errors import UsageError
from iml_general.worlds.choice import Choice, Classes, Missing
from iml_general.worlds.columns import Question
from iml_general.worlds.entities import Entities, GapsError
from iml_general.worlds.world import UNKNOWN, Room, World, WorldSource


class Origin(NamedTuple):
    """Where a world's table is.

    Attributes:
        path: Its file.
        where: What it is called in messages.
    """

    path: Path
    where: str


@dataclass(frozen=True)
class Tabular(WorldSource):
    """Entities sampled from a table, with their real answers under opaque aliases.

    Attributes:
        questions: Columns to ask about; empty for the world's own choice (`describe` tells which).
        bins: Number of equal-count bins of a continuous column.
        max_answers: Largest number of classes of a question. Integer columns of more distinct
            values are binned, text columns of more are not usable.
        missing: What a missing value in a column in use does: ``"refuse"`` is an error,
            ``"drop"`` leaves its row out, ``"skip"`` its question: it is not asked of that entity.
    """

    questions: tuple[str, ...] = ()
    bins: Classes = 4
    max_answers: Classes = 12
    missing: Missing = "refuse"

    @property
    @abstractmethod
    def origin(self) -> Origin:
        """Where the table is."""

    @property
    @abstractmethod
    def choice(self) -> Choice:
        """How the table is to be read."""

    @abstractmethod
    def entities(self) -> Entities:
        """Read the table, once per process for every state of its file.

        Returns:
            All entities, the questions chosen, and the columns skipped with the reasons.

        Raises:
            UsageError: If the table can't be used.
        """

    def draw(self, n_aliases: int, generator: np.random.Generator) -> World:
        """Draw entities without replacement, in random order.

        Args:
            n_aliases: Number of aliases that the protocol's groups need.
            generator: The only source of randomness.

        Returns:
            A world of exactly `n_aliases` aliases, each with all answers of one entity. Where several are
            right, one of them is drawn to be stated.

        Raises:
            UsageError: If the table can't be used, or has fewer entities than that.
        """
        entities = self.entities()
        n_entities = len(entities.names)
        if n_entities < n_aliases:
            dropped = f" ({entities.n_dropped} more have missing values)" if entities.n_dropped else ""
            raise UsageError(
                f"{self.origin.where}: the groups need {n_aliases} entities, but it has"
                f" {n_entities}{dropped};"
                " make the groups smaller or give a longer table"
            )
        chosen = generator.choice(n_entities, size=n_aliases, replace=False)
        answers, right = entities.answers[chosen], None
        if entities.right is not None:
            right = entities.right[chosen]
            answers = _one_of(right, generator)
        return World(
            answers=answers,
            alias_names=tuple(entities.names[row] for row in chosen),
            question_names=tuple(question.column for question in entities.questions),
            answer_names=tuple(question.answer_names for question in entities.questions),
            right=right,
        )

    def room(self) -> Room:
        """Say how many entities there are; with gaps, how many rows have none.

        Returns:
            Their number.

        Raises:
            UsageError: If the table can't be used, whatever is left out of it.
        """
        try:
            return Room(len(self.entities().names), self.origin.where)
        except GapsError as error:
            complete = replace(self, missing="drop").entities()
            options = {"world.options.missing": "drop"}
            return Room(len(complete.names), self.origin.where, options, error.gaps)

    def describe(self) -> str:
        """Say in words what is asked, and which columns are not used and why.

        Returns:
            A line for the table, then one per column.

        Raises:
            UsageError: If the table can't be used.
        """
        entities = self.entities()
        named = (
            f"named by {entities.name_column!r}"
            if entities.name_column is not None
            else "named by row number"
        )
        left_out = "too few values" if self.missing == "skip" else "missing values"
        dropped = f", {entities.n_dropped} rows with {left_out} left out" if entities.n_dropped else ""
        lines = [f"{self.origin.where}: {len(entities.names)} entities {named}{dropped}"]
        known = (entities.answers != UNKNOWN).mean(axis=0)
        lines += [_told(*pair) for pair in zip(entities.questions, known.tolist(), strict=True)]
        lines += [f"skips {column!r}: {reason}" for column, reason in entities.skipped]
        return "\n".join(lines)

    def files(self) -> tuple[Path, ...]:
        """The table's file."""
        return (self.origin.path,)


def _one_of(right: NDArray[np.bool_], generator: np.random.Generator) -> NDArray[np.int16]:
    """Draw one right answer of every cell, shape (n_aliases, n_questions); `UNKNOWN` where none is."""
    drawn = np.where(right, generator.random(right.shape), -1.0).argmax(axis=2)
    return np.where(right.any(axis=2), drawn, UNKNOWN).astype(np.int16)


def _told(question: Question, known: float) -> str:
    """One question in a line: its answers and their shares, and what is to be known about it."""
    answers = zip(question.answer_names, question.shares, strict=True)
    shares = "; ".join(f"{answer} ({share:.1%})" for answer, share in answers)
    notes = [
        f"asked of {known:.1%}, others have no answer" if known < 1 else "",
        f"{(question.right.sum(axis=1) > 1).mean():.1%} have several right answers"
        if question.right is not None
        else "",
        question.lopsided,
    ]
    return "; ".join(
        [
            f"asks {question.column!r}, {len(question.answer_names)} {question.kind}: {shares}",
            *filter(None, notes),
        ]
    )
