"""The cells of a table's column, brought to what can be compared, sorted and named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import polars as pl


class UnusableColumnError(Exception):
    """A column can't be a question; the message says why, and what would help."""


def split(column: pl.Series, separator: str) -> pl.Series:
    """Split the cells of a text column into lists of right answers.

    Args:
        column: Any column.
        separator: What stands between answers; empty if nothing does.

    Returns:
        Lists of text if the separator occurs in a column of text, else the column as it was.
    """
    import polars as pl

    if not separator or column.dtype not in (pl.Categorical, pl.Enum, pl.String):
        return column
    text = column.cast(pl.String)
    return text.str.split(separator) if text.str.contains(separator, literal=True).any() else column


def comparable(column: pl.Series) -> pl.Series:
    """Bring a column to a type whose values can be compared, sorted and named.

    Args:
        column: Any column.

    Returns:
        Text, booleans, integers, 64-bit floats, dates or times, or lists of distinct such; blank text,
        NaN, infinities and lists of nothing else are missing values.

    Raises:
        UnusableColumnError: If the column holds lists of lists, records, bytes or objects.
    """
    import polars as pl

    dtype = column.dtype
    if isinstance(dtype, pl.List) and not isinstance(dtype.inner, pl.List):
        return _comparable_lists(column)
    if dtype in (pl.Categorical, pl.Enum, pl.String):
        text = column.cast(pl.String)
        return text.set(text.str.strip_chars() == "", None)
    if dtype.is_float() or dtype.is_decimal():
        numbers = column.cast(pl.Float64)
        return numbers.set(~numbers.is_finite(), None)
    if dtype == pl.Null:
        return column.cast(pl.String)
    if dtype == pl.Boolean or dtype.is_integer() or dtype.is_temporal():
        return column
    raise UnusableColumnError(f"holds values of type {dtype}, not text, numbers, booleans, dates or times")


def _comparable_lists(column: pl.Series) -> pl.Series:
    """The same of every list's values, each of which is kept once; what is left empty is missing."""
    import polars as pl

    lengths = column.list.len().fill_null(0).to_numpy()
    cells = column.filter(pl.Series(lengths > 0)).explode()
    values = comparable(cells.str.strip_chars() if cells.dtype == pl.String else cells)
    row = pl.Series("row", np.repeat(np.arange(len(column)), lengths))
    pairs = pl.DataFrame([row, values.alias("value")]).drop_nulls().unique(maintain_order=True)
    lists = pairs.group_by("row", maintain_order=True).agg("value")
    rows = pl.DataFrame({"row": np.arange(len(column))})
    return rows.join(lists, on="row", how="left", maintain_order="left")["value"].alias(column.name)
