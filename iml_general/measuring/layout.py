"""How the short rows of probes lie in memory: column by column, to be read many times as fast.

Digits are the same either way: that a row's few numbers are added from the first to the last is what numpy
does with them in either layout.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

FEW = 8  # columns from which on numpy's sum of a row depends on how the rows lie in memory

T = TypeVar("T", bound=np.generic)


def by_columns(rows: NDArray[T]) -> NDArray[T]:
    """Lay short rows out column by column.

    Args:
        rows: Shape (n_rows, n_columns), or of one dimension.

    Returns:
        The same; as it was from `FEW` columns on, where sums would be others in the last digit.
    """
    return np.asarray(rows, order="F") if rows.ndim == 2 and rows.shape[1] < FEW else rows


def pick(rows: NDArray[T], columns: NDArray[np.int64]) -> NDArray[T]:
    """Take one number of each row.

    Args:
        rows: Shape (n_rows, n_columns).
        columns: Which one, int64 of shape (n_rows,).

    Returns:
        Shape (n_rows,).
    """
    places = np.arange(len(rows))
    if rows.flags.f_contiguous:
        places += columns * len(rows)
        return rows.ravel(order="F").take(places)
    return rows[places, columns]


def first_true(rows: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Find the first column of each row that holds.

    Args:
        rows: Shape (n_rows, n_columns); one column of each row holds at least.

    Returns:
        Its place, int64 of shape (n_rows,).
    """
    n_columns = rows.shape[1]
    if n_columns >= FEW:
        return np.asarray(rows.argmax(axis=1))
    found = np.full(len(rows), n_columns - 1)
    for column in reversed(range(n_columns - 1)):
        np.putmask(found, rows[:, column], column)
    return found
