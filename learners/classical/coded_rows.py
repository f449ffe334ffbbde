"""Finds the nearest of many rows where these are codes side by side: among those whose nearest code is near.

A large world has few aliases beside its rows: every alias stands in a row for each question. What is far
away in the code of its alias alone is far away, so that most rows need not be looked at. It is done where
all codes are whole numbers: then squared distances are too, and come out the same in whichever way they are
added up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from iml_general.learner import Inputs

FEW_PAIRS = 2**27
"""Up to so many pairs of an asked and a remembered row it takes a second to look at all of them."""

ROWS_PER_CODE = 8
"""With fewer remembered rows for each code of an alias, looking at codes first would save little."""

LARGEST = 2**27
"""Up to such squared norms, whole distances that differ are no tie even where rounding is allowed for."""

DISTANCES_AT_ONCE = 2**21
"""Room for so many is all that is taken, however many rows there are."""

WIDEST = 2**62


class Distinct(NamedTuple):
    """The distinct codes among rows, in some of the columns.

    Attributes:
        codes: One row per code, shape (n_codes, n_columns).
        of_row: Which code each row has, int64 of shape (n_rows,).
    """

    codes: NDArray[np.float64]
    of_row: NDArray[np.int64]

    @classmethod
    def among(cls, rows: Inputs, columns: list[int]) -> Self | None:
        """Tell codes apart; None if they are not whole numbers.

        Args:
            rows: Shape (n_rows, n_columns), at least one.
            columns: Which columns to look at.
        """
        number, span = np.zeros(len(rows), dtype=np.int64), 1
        for column in columns:
            with np.errstate(invalid="ignore"):
                digit = rows[:, column].astype(np.int64)
            if not np.array_equal(digit, rows[:, column]):
                return None
            lowest = int(digit.min())
            width = int(digit.max()) - lowest + 1
            if span * width > WIDEST:
                values, number = np.unique(number, return_inverse=True)
                span = len(values)
            number = number * width + (digit - lowest)
            span *= width
        _, first, of_row = np.unique(number, return_index=True, return_inverse=True)
        return cls(rows[first][:, columns].astype(np.float64), of_row)


Pairs = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]
"""Pairs of rows: which is asked, ascending; which remembered row is near it, ascending for each of them; and
their squared distance. Each of shape (n_pairs,)."""


class CodedRows(NamedTuple):
    """Remembered and asked rows by the distinct codes of their widest part, and of all else.

    Attributes:
        remembered: Codes of the part, of remembered rows.
        asked: The same of asked rows.
        rest: Squared distance between all else of asked and of remembered rows, by their codes.
        rest_of_remembered: Which code of all else each remembered row has.
        rest_of_asked: The same of asked rows.
    """

    remembered: Distinct
    asked: Distinct
    rest: NDArray[np.float64]
    rest_of_remembered: NDArray[np.int64]
    rest_of_asked: NDArray[np.int64]

    @classmethod
    def of(cls, remembered: Inputs, asked: Inputs, names: Sequence[str]) -> Self | None:
        """Take rows apart, where that pays.

        Args:
            remembered: Shape (n_remembered, n_columns).
            asked: Shape (n_asked, n_columns).
            names: Names of the columns: what stands before a bracket is one part.

        Returns:
            The rows; None if they are few, or no whole numbers, or have hardly fewer codes than rows.
        """
        if len(remembered) * len(asked) <= FEW_PAIRS:
            return None
        parts: dict[str, list[int]] = {}
        for column, name in enumerate(names):
            parts.setdefault(name.split("[")[0], []).append(column)
        codes: dict[str, Distinct] = {}
        for part, columns in parts.items():
            found = Distinct.among(remembered, columns)
            if found is None:
                return None
            codes[part] = found
        most = max(codes, key=lambda part: len(codes[part].codes))
        if len(parts) < 2 or len(codes[most].codes) * ROWS_PER_CODE > len(remembered):
            return None
        others = [column for part, columns in parts.items() if part != most for column in columns]
        rest, of_asked = Distinct.among(remembered, others), Distinct.among(asked, parts[most])
        rest_of_asked = Distinct.among(asked, others)
        if rest is None or of_asked is None or rest_of_asked is None:
            return None
        norms = [_largest_norm(codes[most]) + _largest_norm(rest)]
        norms.append(_largest_norm(of_asked) + _largest_norm(rest_of_asked))
        if max(norms) > LARGEST or len(rest.codes) * len(rest_of_asked.codes) > DISTANCES_AT_ONCE:
            return None
        between = _squared(rest_of_asked.codes, rest.codes)
        return cls(codes[most], of_asked, between, rest.of_row, rest_of_asked.of_row)

    def nearest(self, k: int) -> Iterator[tuple[NDArray[np.int64], Pairs]]:
        """Find the `k` nearest remembered rows of each that is asked, and all ties of the last one.

        Args:
            k: At most as many as there are remembered rows.

        Yields:
            Places of some asked rows, and pairs of one of them, by its place among these, and of a remembered
            row.
        """
        remembered, asked = _grouped(self.remembered.of_row), _grouped(self.asked.of_row)
        n_codes = len(self.remembered.codes)
        at_once = max(1, DISTANCES_AT_ONCE // n_codes)
        for start in range(0, len(asked), at_once):
            distances = _squared(self.asked.codes[start : start + at_once], self.remembered.codes)
            # Among the rows of the k nearest codes there are at least k rows.
            radii = np.partition(distances, min(k, n_codes) - 1, axis=1)[:, min(k, n_codes) - 1]
            for places, distance, radius in zip(asked[start:], distances, radii.tolist(), strict=False):
                yield from self._within(np.inf if k > n_codes else radius, places, distance, remembered, k)

    def _within(
        self,
        radius: float,
        places: NDArray[np.int64],
        distance: NDArray[np.float64],
        remembered: Sequence[NDArray[np.int64]],
        k: int,
    ) -> Iterator[tuple[NDArray[np.int64], Pairs]]:
        """Look at rows whose code lies within a radius; if the k-th of them does not, within its distance."""
        rows = np.concatenate([remembered[code] for code in np.flatnonzero(distance <= radius).tolist()])
        rows.sort()
        at_once = max(1, DISTANCES_AT_ONCE // len(rows))
        for start in range(0, len(places), at_once):
            part = places[start : start + at_once]
            squared = self._squared_to(part, rows, distance)
            kth = np.partition(squared, k - 1, axis=1)[:, k - 1 : k]
            if kth.max() > radius:
                yield from self._within(float(kth.max()), part, distance, remembered, k)
            else:
                asked, which = np.nonzero(squared <= kth)
                yield part, (asked, rows[which], squared[asked, which])

    def _squared_to(
        self, places: NDArray[np.int64], rows: NDArray[np.int64], distance: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        rest = self.rest[self.rest_of_asked[places]].take(self.rest_of_remembered[rows], axis=1)
        rest += distance[self.remembered.of_row[rows]]
        return rest


def _squared(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    """Squared distances of all pairs, exact where all are whole numbers."""
    products = first @ second.T
    products *= -2.0
    products += (first**2).sum(axis=1)[:, None]
    products += (second**2).sum(axis=1)
    return products


def _grouped(of_row: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Rows of each code, ascending."""
    order = np.argsort(of_row, kind="stable")
    return np.split(order, np.cumsum(np.bincount(of_row))[:-1])


def _largest_norm(among: Distinct) -> float:
    return float((among.codes**2).sum(axis=1).max())
