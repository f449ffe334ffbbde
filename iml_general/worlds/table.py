"""A real world: the rows of a table are entities, its columns are questions."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

from iml_general.options import UNSAID
from iml_general.worlds.choice import Choice
from iml_general.worlds.columns import Rare
from iml_general.worlds.entities import Entities, choose_entities
from iml_general.worlds.reading import TableFile, locate, read_table
from iml_general.worlds.tabular import Origin, Tabular
from iml_general.worlds.triples import pivoted

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
class Table(Tabular):
    """Entities sampled from a table of the user's own, or from that of cities.

    Its own choice of questions is a chosen eight of the cities, and every usable column of another table.

    Attributes:
        path: A Parquet or CSV file; empty for the shipped cities.
        name_column: Column that names the entities; empty for the first text column whose values
            are all distinct, or row numbers.
        rare: Text of more classes than `max_answers` can't be used, ``"refuse"``, or its rare ones become
            one class, ``"group"``.
        several: What separates several right answers in a cell of text, such as ``"|"``; lists in a Parquet
            file need none.
        triples: Three columns of a table that has one fact in each row: subject, predicate and object; empty
            for those of these names if it has no others.
    """

    name: ClassVar[str] = "table"
    summary: ClassVar[str] = "real: rows of a Parquet or CSV file; by default cities of the world"

    path: str = ""
    name_column: str = ""
    rare: Rare = field(default="refuse", metadata=UNSAID)
    several: str = field(default="", metadata=UNSAID)
    triples: tuple[str, ...] = field(default=(), metadata=UNSAID)

    @property
    def origin(self) -> Origin:
        """The user's file, or the cities."""
        return (
            Origin(Path(self.path), f"table {self.path!r}")
            if self.path
            else Origin(CITIES, "table of cities")
        )

    @property
    def choice(self) -> Choice:
        """The options."""
        asked = self.questions or (() if self.path else CITY_QUESTIONS)
        return Choice(
            asked, self.name_column, self.bins, self.max_answers, self.missing, self.rare, self.several
        )

    def entities(self) -> Entities:
        """Read the table; see `Tabular.entities`."""
        return _entities(self, locate(self.origin.path, self.origin.where))


@lru_cache(maxsize=16)
def _entities(table: Table, file: TableFile) -> Entities:
    where = table.origin.where
    frame = pivoted(read_table(file, where), where, table.triples)
    return choose_entities(frame, where, table.choice)
