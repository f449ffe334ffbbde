"""One conflict of ``iml peek``: which source said what of an alias, as drawn and in the twin."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl
from rich.console import Console
from rich.table import Table
from rich.text import Text

from iml_general.protocol import Episode
from iml_general.protocol.protocol import CONFLICT
from iml_general.protocol.sources import RELIABLE, UNRELIABLE

POLES = (RELIABLE, UNRELIABLE)


def show_conflict(console: Console, episode: Episode, n_questions: int) -> None:
    """Print both sides of the first alias of new_conflict.

    Args:
        console: Where to.
        episode: What a learner goes through.
        n_questions: Number of questions.
    """
    rows = list(_rows(episode, n_questions))
    alias = _disputed(episode.probes)["alias"][0]
    title = f"\nOne conflict: who said what of {episode.world.alias_names[alias]}"
    if episode.world.implied is not None:
        title += f", or what follows from the {episode.world.question_names[0]} that was named"
    if len(rows) > n_questions:
        title += "; trust is read off both, as drawn and in the twin"
    console.print(Text(title, style="bold"), soft_wrap=not console.is_terminal)
    said = (f"the {pole} source said, tag {episode.symbols[pole]}" for pole in POLES)
    table = Table("question", "learned", *said, "in truth", box=None, pad_edge=False)
    for row in rows:
        table.add_row(*map(Text, row))
    console.print(table)


def _rows(episode: Episode, n_questions: int) -> Iterator[tuple[str, ...]]:
    """For every question what the two said as drawn, and in the twin if the condition has one."""
    learned = {"as drawn": episode.probes}
    if any(stage.twin is not None for stage in episode.stages[1:]):
        learned["in the twin"] = episode.twin_probes
    sides = {moment: _disputed(probes).head(n_questions) for moment, probes in learned.items()}
    world = episode.world
    for place, question in enumerate(sides["as drawn"]["question"]):
        answers = world.answer_names[question]
        for moment, probes in sides.items():
            row = probes.row(place, named=True)
            said = (answers[row[f"said_{pole}"]] for pole in POLES)
            truth = answers[int(world.answers[row["alias"], question])]
            yield (world.question_names[question], moment, *said, truth)


def _disputed(probes: pl.DataFrame) -> pl.DataFrame:
    """The disputed questions about the first alias of new_conflict, in their order."""
    asked = probes.filter(pl.col("group") == CONFLICT, pl.col("said_reliable").is_not_null())
    asked = asked.sort("alias", "question")
    return asked.filter(pl.col("alias") == asked["alias"].first())
