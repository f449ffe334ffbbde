"""What a database holds may be by anybody: texts are made harmless, and what we never write is one line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import polars as pl

from iml_general.errors import RunError
from iml_general.study.storage.place import Place

CONTROL = r"[\x00-\x08\x0b-\x1f\x7f-\x9f]"
"""Characters that a terminal obeys, but for tabs and ends of lines."""
SHOWN = "\N{REPLACEMENT CHARACTER}"
FAULTS = (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError, RecursionError)
"""What reading raises where a value is of another kind, or another text, than any that we write."""


@contextmanager
def as_we_wrote_it(place: Place) -> Iterator[None]:
    """Read a run's database, and say in one line if something in it is not as we write it.

    Args:
        place: Where the run lives.

    Raises:
        RunError: If what is done raises any of `FAULTS`.
    """
    try:
        yield
    except (*FAULTS, pl.exceptions.PolarsError) as error:
        text = " ".join(harmless(str(error)).split())[:200]
        raise RunError(
            f"the run in {place} can't be used: its database holds something that iml_general does not write"
            f" ({type(error).__name__}: {text})"
        ) from error


def harmless(value: Any) -> Any:
    """Take out of texts what a terminal would obey.

    Args:
        value: Text, or nested JSON values.

    Returns:
        The same; equal to what was given if there is nothing to be taken out.
    """
    if isinstance(value, str):
        return re.sub(CONTROL, SHOWN, value)
    if isinstance(value, list):
        return [harmless(one) for one in value]
    if isinstance(value, dict):
        return {harmless(key): harmless(one) for key, one in value.items()}
    return value


def harmless_rows(frame: pl.DataFrame) -> pl.DataFrame:
    """The same of all columns of text."""
    return frame.with_columns(pl.col(pl.String).str.replace_all(CONTROL, SHOWN))
