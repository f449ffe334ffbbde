"""Real worlds that come with the program: voters and characters. The cities are those of `table`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

from iml_general.worlds.choice import Choice, Missing
from iml_general.worlds.entities import Entities, choose_entities
from iml_general.worlds.reading import TableFile, locate, read_table
from iml_general.worlds.tabular import Origin, Tabular

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Shipped(Tabular):
    """A table that lies beside the program.

    Attributes:
        asked: The questions that are asked by default.
    """

    asked: ClassVar[tuple[str, ...]]

    @property
    def origin(self) -> Origin:
        """The file of the world's name."""
        return Origin(DATA / f"{self.name}.parquet", f"table of {self.name}")

    @property
    def choice(self) -> Choice:
        """The options."""
        asked = self.questions or self.asked
        return Choice(asked, "", self.bins, self.max_answers, self.missing)

    def entities(self) -> Entities:
        """Read the table; see `Tabular.entities`."""
        return _entities(self, locate(self.origin.path, self.origin.where))


@dataclass(frozen=True)
class Voters(Shipped):
    """People who were asked before an election, and what they answered.

    Its own choice of questions is a chosen eight.
    """

    name: ClassVar[str] = "voters"
    summary: ClassVar[str] = "real: 944 voters of 1996, what they think and are"
    asked: ClassVar[tuple[str, ...]] = (
        "party",
        "leaning",
        "clinton_seen_as",
        "dole_seen_as",
        "vote",
        "days_of_tv_news",
        "age",
        "income",
    )


@dataclass(frozen=True)
class Characters(Shipped):
    """Characters of the world's scripts; some questions are asked of letters only.

    Its own choice of questions is a chosen six.
    """

    name: ClassVar[str] = "characters"
    summary: ClassVar[str] = "real: 11,109 characters of Unicode; not all have an answer to all questions"
    asked: ClassVar[tuple[str, ...]] = (
        "kind",
        "script",
        "case",
        "direction",
        "composed",
        "words",
    )

    missing: Missing = "skip"


@lru_cache(maxsize=16)
def _entities(world: Shipped, file: TableFile) -> Entities:
    where = world.origin.where
    return choose_entities(read_table(file, where), where, world.choice)
