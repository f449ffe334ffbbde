"""``iml learners``, ``worlds``, ``conditions``, ``effects`` and ``studies``: what there is."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from iml_general.api import listing

READABLE = 24  # columns of text below which what something is reads badly


def list_learners() -> None:
    """Print every registered learner with its capabilities, broken ones with their reason."""
    headings = ("learner", "family", "update rules", "input", "can also", "what it is")
    _print(headings, listing.list_learners())


def list_worlds() -> None:
    """Print every registered world with its room and options, broken ones with their reason."""
    headings = ("world", "what it is", "input", "room for", "options=default (allowed)")
    _print(headings, listing.list_worlds())


def list_conditions() -> None:
    """Print every registered condition and what it is compared with, broken ones with their reason."""
    _print(("condition", "compared with", "what it is"), listing.list_conditions())


def list_effects() -> None:
    """Print every effect in the order in which reports show them, broken ones with their reason."""
    _print(("effect", "in words", "unit", "verdicts", "what it is"), listing.list_effects())


def list_studies() -> None:
    """Print every registered preset with the first lines of its plan file."""
    _print(("preset", "what it does", "plan file"), listing.list_studies())


def _print(headings: Sequence[str], there: pl.DataFrame) -> None:
    """On a terminal cells wrap between words; in a pipe a line stays a line, whatever searches it."""
    console = Console()
    if not console.is_terminal:
        console.width = 1000  # far wider than any line; columns take only what they need
    rows = [tuple(map(str, row)) for row in there.iter_rows()]
    *narrow, last = zip(headings, *rows, strict=True)
    room = console.width - sum(_longest_word(column) + 1 for column in narrow)
    is_wide = room >= max(_longest_word(last), READABLE)
    console.print(_beside(headings, rows) if is_wide else _below(headings, rows))


def _beside(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> RichTable:
    """One column of the table for each column, none narrower than its longest word."""
    table = RichTable(box=None, pad_edge=False)
    for column in zip(columns, *rows, strict=True):
        table.add_column(column[0], min_width=_longest_word(column))
    for cells in rows:
        table.add_row(*map(Text, cells))
    return table


def _below(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> RichTable:
    """Names beside all the rest, and what takes most words below: for terminals of 80 columns.

    What is longer than a line by itself, such as the path of a plan file, goes on in the next one.
    """
    name, *facts, last = columns
    table = RichTable(box=None, pad_edge=False)
    table.add_column(name, no_wrap=True)
    table.add_column("; ".join([*facts, last]), overflow="fold")
    for first, *others, about in rows:
        table.add_row(Text(first), Text("\n".join(filter(None, ["; ".join(filter(None, others)), about]))))
    return table


def _longest_word(texts: Sequence[str]) -> int:
    return max((len(word) for text in texts for word in text.split()), default=0)
