"""One column of a table -> one question: its classes, or equal-count bins, with readable names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import polars as pl

LARGEST_SHARE = 0.9
"""A question whose commonest answer is held by more entities than this is refused: another
entity's statement about it is nearly always true, so the tags would have nothing to tell apart."""

GROUPED_FROM = 10_000  # columns that reach this many get a thousands separator; years don't


class UnusableColumnError(Exception):
    """A column can't be a question; the message says why, and what would help."""


@dataclass(frozen=True, eq=False)
class Question:
    """A column as a question with answer classes.

    Attributes:
        column: The column's name.
        kind: ``"classes"`` where every value is an answer, ``"bins"`` where ranges of values are.
        answers: The answer of every row, int16 of shape (n_rows,).
        answer_names: A readable name per answer class, in the order of the values.
    """

    column: str
    kind: Literal["classes", "bins"]
    answers: NDArray[np.int16]
    answer_names: tuple[str, ...]

    @property
    def shares(self) -> NDArray[np.float64]:
        """Share of the rows that have each answer, shape (n_answers,)."""
        counts = np.bincount(self.answers, minlength=len(self.answer_names))
        return np.asarray(counts / len(self.answers), dtype=np.float64)


def as_question(column: pl.Series, bins: int, max_answers: int) -> Question:
    """Turn a column into a question.

    Text, booleans, and integers of few distinct values keep their values as classes. Other
    numbers, dates and times are cut into bins of as equal counts as ties allow.

    Args:
        column: What `comparable` returned, without its missing values; shape (n_rows,).
        bins: Number of bins.
        max_answers: Largest number of classes; integers of more distinct values are binned.

    Returns:
        The question; its classes are numbered in the order of the values.

    Raises:
        UnusableColumnError: If the column's type, number of classes or distribution rules it out.
    """
    import polars as pl

    values = column.unique().sort()
    codes = (column.rank("dense").to_numpy() - 1).astype(np.int64)
    if len(values) < 2:
        raise UnusableColumnError(f"has one value only ({str(values[0])!r})" if len(values) else "is empty")
    binned = not (column.dtype in (pl.String, pl.Boolean) or column.dtype.is_integer())
    binned |= column.dtype.is_integer() and len(values) > max_answers
    if binned:
        answers, names = into_bins(codes, values.to_list(), bins)
    elif len(values) > max_answers:
        raise UnusableColumnError(
            f"has {len(values)} classes, more than max_answers = {max_answers} "
            "(raise it, or group the rare ones)"
        )
    else:
        answers, names = codes, readable(values.to_list())
    question = Question(column.name, "bins" if binned else "classes", answers.astype(np.int16), names)
    commonest = int(question.shares.argmax())
    if question.shares[commonest] > LARGEST_SHARE:
        raise UnusableColumnError(
            f"is {names[commonest]!r} in {np.sum(answers == commonest)} of {len(answers)} rows"
            f"{' once binned' if binned else ''}, more than {LARGEST_SHARE:.0%}: too lopsided to ask about"
        )
    return question


def comparable(column: pl.Series) -> pl.Series:
    """Bring a column to a type whose values can be compared, sorted and named.

    Args:
        column: Any column.

    Returns:
        Text, booleans, integers, 64-bit floats, dates or times; blank text, NaN and infinities
        are missing values.

    Raises:
        UnusableColumnError: If the column holds lists, records, bytes or objects.
    """
    import polars as pl

    dtype = column.dtype
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


def into_bins(
    codes: NDArray[np.int64], values: list[Any], bins: int
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Cut sorted values into bins of equal counts, never splitting equal values.

    A distinct value goes to the bin in which the middle of its rows falls when all rows are
    sorted; bins that stay empty are left out.

    Args:
        codes: Each row's position in `values`, shape (n_rows,).
        values: The distinct values, sorted.
        bins: Number of bins.

    Returns:
        Each row's bin, shape (n_rows,), and the bins' names, such as ``"1,250 to 18,300"``.
    """
    counts = np.bincount(codes, minlength=len(values))
    middles = np.cumsum(counts) - counts / 2
    bin_of_value = np.unique((middles * bins / len(codes)).astype(np.int64), return_inverse=True)[1]
    firsts = np.searchsorted(bin_of_value, np.arange(bin_of_value[-1] + 1))
    lasts = np.append(firsts[1:], len(values)) - 1
    edges = readable([values[i] for i in np.stack([firsts, lasts], axis=1).ravel()])
    names = tuple(
        low if low == high else f"{low} to {high}" for low, high in zip(edges[::2], edges[1::2], strict=True)
    )
    return bin_of_value[codes], names


def readable(values: list[Any]) -> tuple[str, ...]:
    """Name values for people.

    Args:
        values: Values of one column, all of one type.

    Returns:
        One name per value; different values have different names. Floats have as few digits as
        that allows, but at least 4.
    """
    if isinstance(values[0], bool):
        return tuple(str(value).lower() for value in values)
    if isinstance(values[0], int | float):
        return _readable_numbers(values)
    return tuple(str(value) for value in values)


def _readable_numbers(values: list[float]) -> tuple[str, ...]:
    grouping = "," if max(values) >= GROUPED_FROM else ""
    if isinstance(values[0], int):
        return tuple(f"{value:{grouping}}" for value in values)
    for digits in range(4, 18):
        # Adding 0.0 turns -0.0 into 0.0.
        rounded = [float(f"{value:.{digits}g}") + 0.0 for value in values]
        if len(set(rounded)) == len(set(values)):
            break
    return tuple(f"{value:{grouping}}".removesuffix(".0") for value in rounded)
