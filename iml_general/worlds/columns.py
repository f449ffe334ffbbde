"""One column of a table -> one question: its classes, or equal-count bins, with readable names.

A cell may hold several right answers, as a list.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from iml_general.worlds.cells import UnusableColumnError

if TYPE_CHECKING:
    import polars as pl

LARGEST_SHARE = 0.9
"""A question whose commonest answer is held by more entities than this is refused: another
entity's statement about it is nearly always true, so the tags would have nothing to tell apart."""

ANOTHER = "another"
"""The answer that stands for all rare ones where they are grouped."""

Rare = Literal["refuse", "group"]

GROUPED_FROM = 10_000  # columns that reach this many get a thousands separator; years don't


@dataclass(frozen=True, eq=False)
class Question:
    """A column as a question with answer classes.

    Attributes:
        column: The column's name.
        kind: ``"classes"`` where every value is an answer, ``"bins"`` where ranges of values are.
        answers: The answer of every row, int16 of shape (n_rows,); one of them where several are right.
        answer_names: A readable name per answer class, in the order of the values.
        right: Which answers are right, bool of shape (n_rows, n_answers); None where one is in every row.
        bins: How many bins were asked for; 0 for classes.
    """

    column: str
    kind: Literal["classes", "bins"]
    answers: NDArray[np.int16]
    answer_names: tuple[str, ...]
    right: NDArray[np.bool_] | None = None
    bins: int = 0

    @property
    def shares(self) -> NDArray[np.float64]:
        """Share of the rows in which each answer is right, shape (n_answers,)."""
        if self.right is not None:
            return np.asarray(self.right.mean(axis=0), dtype=np.float64)
        counts = np.bincount(self.answers, minlength=len(self.answer_names))
        return np.asarray(counts / len(self.answers), dtype=np.float64)

    @property
    def lopsided(self) -> str:
        """What became of bins that were to hold equal counts, in words; empty if they do, by and large."""
        largest = float(self.shares.max())
        if self.kind == "classes" or (len(self.answer_names) == self.bins and largest < 2 / self.bins):
            return ""
        return (
            f"lopsided: equal values stay together, so {self.bins} bins of equal counts became"
            f" {len(self.answer_names)}, the largest of {largest:.0%}"
        )


def as_question(column: pl.Series, bins: int, max_answers: int, rare: Rare = "refuse") -> Question:
    """Turn a column into a question.

    Text, booleans, and integers of few distinct values keep their values as classes. Other
    numbers, dates and times are cut into bins of as equal counts as ties allow.

    Args:
        column: What `comparable` returned, without its missing values; shape (n_rows,).
        bins: Number of bins.
        max_answers: Largest number of classes; integers of more distinct values are binned.
        rare: Whether text of more classes is refused, or its rare ones become one, `ANOTHER`.

    Returns:
        The question; its classes are numbered in the order of the values.

    Raises:
        UnusableColumnError: If the column's type, number of classes or distribution rules it out.
    """
    import polars as pl

    cells = column.explode() if isinstance(column.dtype, pl.List) else column
    if rare == "group" and cells.dtype == pl.String and cells.n_unique() > max_answers:
        cells = _grouped(cells, max_answers)
    values = cells.unique().sort()
    codes = (cells.rank("dense").to_numpy() - 1).astype(np.int64)
    if len(values) < 2:
        raise UnusableColumnError(f"has one value only ({str(values[0])!r})" if len(values) else "is empty")
    binned = not (cells.dtype in (pl.String, pl.Boolean) or cells.dtype.is_integer())
    binned |= cells.dtype.is_integer() and len(values) > max_answers
    if binned and cells is not column:
        raise UnusableColumnError("has several numbers in a row, which can't be binned; give it one in each")
    if binned:
        answers, names = into_bins(codes, values.to_list(), bins)
        question = Question(column.name, "bins", answers.astype(np.int16), names, bins=bins)
    elif len(values) > max_answers:
        raise UnusableColumnError(
            f"has {len(values)} classes, more than max_answers = {max_answers} "
            '(raise it, or group the rare ones by rare = "group")'
        )
    elif isinstance(column.dtype, pl.List):
        question = _of_lists(column.name, codes, column.list.len().to_numpy(), readable(values.to_list()))
    else:
        question = Question(column.name, "classes", codes.astype(np.int16), readable(values.to_list()))
    _refuse_lopsided(question)
    return question


def _refuse_lopsided(question: Question) -> None:
    shares, n_rows = question.shares, len(question.answers)
    commonest = int(shares.argmax())
    if shares[commonest] > LARGEST_SHARE:
        raise UnusableColumnError(
            f"is {question.answer_names[commonest]!r} in {round(shares[commonest] * n_rows)} of {n_rows} rows"
            f"{' once binned' if question.kind == 'bins' else ''}, more than {LARGEST_SHARE:.0%}:"
            " too lopsided to ask about"
        )


def _of_lists(
    name: str, codes: NDArray[np.int64], lengths: NDArray[np.integer[Any]], names: tuple[str, ...]
) -> Question:
    """A question about a column of lists: their values one after another, and how many each row has."""
    right = np.zeros((len(lengths), len(names)), dtype=bool)
    right[np.repeat(np.arange(len(lengths)), lengths), codes] = True
    if right.all(axis=1).any():
        raise UnusableColumnError(
            "has rows in which every answer is right, so that nothing false can be said"
        )
    answers = right.argmax(axis=1).astype(np.int16)
    return Question(name, "classes", answers, names, right if right.sum() > len(right) else None)


def _grouped(cells: pl.Series, max_answers: int) -> pl.Series:
    """Put one name in the place of all values but the commonest, so that there are `max_answers`."""
    counts = cells.value_counts(name="n").sort("n", cells.name, descending=[True, False])
    return cells.set(~cells.is_in(counts[cells.name].head(max_answers - 1).to_list()), ANOTHER)


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
