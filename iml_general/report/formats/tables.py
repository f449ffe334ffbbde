"""The report's data frames as files for other programs: every digit, nothing rounded."""

from __future__ import annotations

from io import BytesIO

import polars as pl


def csv_bytes(frame: pl.DataFrame) -> bytes:
    """Write a frame as CSV.

    Args:
        frame: Columns of text, numbers and booleans.

    Returns:
        UTF-8 with a header line; missing values are empty, texts quoted where they have to be.
    """
    return frame.write_csv().encode("utf-8")


def parquet_bytes(frame: pl.DataFrame) -> bytes:
    """Write a frame as Parquet.

    Args:
        frame: Any frame.

    Returns:
        The file's content.
    """
    buffer = BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()
