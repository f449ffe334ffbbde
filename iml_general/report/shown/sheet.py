"""What every table of a report consists of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sheet:
    """A table of text.

    Attributes:
        columns: Headings of the columns; the first names the row.
        rows: One text per column.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
