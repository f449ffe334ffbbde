"""A real world: the rows of a table are entities, its columns are questions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

import numpy as np

from iml_general.errors import UsageError
from iml_general.options import PositiveInt
from iml_general.worlds.entities import Entities, GapsError, Missing, choose_entities
from iml_general.worlds.reading import TableFile, locate, read_table
from iml_general.worlds.world import Room, World, WorldSource

CITIES = Path(__file__).parent / "data" / "cities.parquet"
CITY_QUESTIONS = (
    "continent",
    "hemisphere",
    "latitude_zone",
    "utc_offset",
    "population",
    "country_area",
    "language",
    "known_names",
)


@dataclass(frozen=True)
class Table(WorldSource):
    """Entities sampled from a table, with their real answers under opaque aliases.

    Attributes:
        path: A Parquet or CSV file; empty for the shipped cities.
        questions: Columns to ask about; empty for a chosen eight of the shipped cities, and for
            every usable column of another table (`describe` tells which).
        name_column: Column that names the entities; empty for the first text column whose values
            are all distinct, or row numbers.
        bins: Number of equal-count bins of a continuous column.
        max_answers: Largest number of classes of a question. Integer columns of more distinct
            values are binned, text columns of more are not usable.
        missing: What a missing value in a column in use does: ``"refuse"`` is an error,
            ``"drop"`` leaves its row out.
    """

    name: ClassVar[str] = "table"
    summary: ClassVar[str] = "real: rows of a Parquet or CSV file; by default cities of the world"

    path: str = ""
    questions: tuple[str, ...] = ()
    name_column: str = ""
    bins: PositiveInt = 4
    max_answers: PositiveInt = 12
    missing: Missing = "refuse"

    def __post_init__(self) -> None:
        most = np.iinfo(np.int16).max
        for option, value in (("bins", self.bins), ("max_answers", self.max_answers)):
            if not 2 <= value <= most:
                raise UsageError(f"world 'table': {option} = {value}; it must be from 2 to {most}")

    def draw(self, n_aliases: int, generator: np.random.Generator) -> World:
        """Draw entities without replacement, in random order.

        Args:
            n_aliases: Number of aliases that the protocol's groups need.
            generator: The only source of randomness.

        Returns:
            A world of exactly `n_aliases` aliases, each with all answers of one entity.

        Raises:
            UsageError: If the table can't be used, or has fewer entities than that.
        """
        entities = self.entities()
        n_entities = len(entities.names)
        if n_entities < n_aliases:
            dropped = f" ({entities.n_dropped} more have missing values)" if entities.n_dropped else ""
            raise UsageError(
                f"{self._where}: the groups need {n_aliases} entities, but it has {n_entities}{dropped}; "
                "make the groups smaller or give a longer table"
            )
        chosen = generator.choice(n_entities, size=n_aliases, replace=False)
        return World(
            answers=entities.answers[chosen],
            alias_names=tuple(entities.names[row] for row in chosen),
            question_names=tuple(question.column for question in entities.questions),
            answer_names=tuple(question.answer_names for question in entities.questions),
        )

    def entities(self) -> Entities:
        """Read the table, once per process for every state of its file.

        Returns:
            All entities, the questions chosen, and the columns skipped with the reasons.

        Raises:
            UsageError: If the table can't be used.
        """
        return _entities(self, locate(self.path or CITIES, self._where))

    def room(self) -> Room:
        """Say how many entities there are; with gaps, how many rows have none.

        Returns:
            Their number.

        Raises:
            UsageError: If the table can't be used, whatever is left out of it.
        """
        try:
            return Room(len(self.entities().names), self._where)
        except GapsError as error:
            complete = replace(self, missing="drop").entities()
            return Room(len(complete.names), self._where, {"world.options.missing": "drop"}, error.gaps)

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
        dropped = f", {entities.n_dropped} rows with missing values left out" if entities.n_dropped else ""
        lines = [f"{self._where}: {len(entities.names)} entities {named}{dropped}"]
        for question in entities.questions:
            answers = zip(question.answer_names, question.shares, strict=True)
            shares = "; ".join(f"{answer} ({share:.1%})" for answer, share in answers)
            lines.append(f"asks {question.column!r}, {len(question.answer_names)} {question.kind}: {shares}")
        lines += [f"skips {column!r}: {reason}" for column, reason in entities.skipped]
        return "\n".join(lines)

    def files(self) -> tuple[Path, ...]:
        """The table's file."""
        return (Path(self.path) if self.path else CITIES,)

    @property
    def _where(self) -> str:
        return f"table {self.path!r}" if self.path else "table of cities"


@lru_cache(maxsize=16)
def _entities(table: Table, file: TableFile) -> Entities:
    asked = table.questions or (() if table.path else CITY_QUESTIONS)
    return choose_entities(
        read_table(file, table._where),
        table._where,
        asked,
        table.name_column,
        table.bins,
        table.max_answers,
        table.missing,
    )
