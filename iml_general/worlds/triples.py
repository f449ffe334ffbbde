"""A table with one fact in each row -> one with one entity in each row."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from iml_general.errors import UsageError, unknown

if TYPE_CHECKING:
    import polars as pl

NAMES = ("subject", "predicate", "object")
"""The columns of a table of facts, whatever their case and order, if it has no others."""


def pivoted(frame: pl.DataFrame, where: str, triples: tuple[str, ...]) -> pl.DataFrame:
    """Give every subject a row and every predicate a column.

    Args:
        frame: Any table.
        where: What the table is, for messages.
        triples: Names of the columns of subject, predicate and object; empty to look for `NAMES`.

    Returns:
        The table as it is if it has no facts in its rows. Else a column of subjects, and one for each
        predicate in the order in which they occur: null where there is no fact, lists where a subject has
        several objects. Where all objects of a predicate are whole numbers, numbers or dates, it is a column
        of such.

    Raises:
        UsageError: If the columns are not three that there are, or hold no facts.
    """
    columns = triples or _recognised(frame)
    if not columns:
        return frame
    if len(set(columns)) != len(NAMES):
        raise UsageError(
            f"{where}: triples = {list(columns)}; name three columns: of subject, predicate and object"
        )
    for name in columns:
        if name not in frame.columns:
            raise UsageError(f"{where}: {unknown('column', name, frame.columns)}")
    return _wide(frame, where, *columns)


def _recognised(frame: pl.DataFrame) -> tuple[str, ...]:
    found = {name.strip().lower(): name for name in frame.columns}
    return tuple(found[name] for name in NAMES) if set(found) == set(NAMES) else ()


def _wide(frame: pl.DataFrame, where: str, subject: str, predicate: str, object_: str) -> pl.DataFrame:
    import polars as pl

    try:
        facts = frame.select(pl.col(subject, predicate, object_).cast(pl.String()).str.strip_chars())
    except pl.exceptions.PolarsError:
        raise UsageError(f"{where}: subject, predicate and object must be text or numbers") from None
    facts = facts.filter(pl.all_horizontal(pl.all().is_not_null() & (pl.all() != "")))
    if facts.is_empty():
        raise UsageError(f"{where}: no row has a subject, a predicate and an object; give one fact a row")
    taken = facts.filter(pl.col(predicate) == subject)
    if len(taken):
        raise UsageError(f"{where}: a predicate is called {subject!r} as the column of subjects; rename one")
    lists = facts.group_by(subject, predicate, maintain_order=True).agg(
        pl.col(object_).unique(maintain_order=True)
    )
    wide = lists.pivot(on=predicate, index=subject, values=object_)
    return wide.with_columns(_typed(wide[name]) for name in wide.columns if name != subject)


def _typed(objects: pl.Series) -> pl.Series:
    """One object a cell where none has more, as numbers or dates if all are."""
    import polars as pl

    if objects.list.len().max() != 1:
        return objects
    text = objects.list.first()
    for dtype in (pl.Int64(), pl.Float64(), pl.Date()):
        with suppress(pl.exceptions.PolarsError):
            return text.cast(dtype)
    return text
