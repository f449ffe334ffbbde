"""Finds the nearest of many rows: by one product of matrices, and few looks at what comes out."""

from __future__ import annotations

from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

DISTANCES_AT_ONCE = 2**19
"""So many that they stay in the processor's cache from one pass over them to the next."""

BLOCK = 8
"""Remembered rows whose least distance is found first: 2.5 times as fast as partitioning all distances."""


class Memory(NamedTuple):
    """Remembered rows, ready to be held against others.

    Attributes:
        doubled: -2 times the rows, and zeros up to a whole number of blocks, shape (n_columns, n_padded).
        norms: Squared norms of the rows, infinite for what only fills up, shape (n_padded,).
        largest: The largest norm of a row.
        n_blocks: Number of blocks.
        distances: Room for those of some rows at once, shape (n_at_once, n_padded): new room is slow to get.
    """

    doubled: NDArray[np.float64]
    norms: NDArray[np.float64]
    largest: float
    n_blocks: int
    distances: NDArray[np.float64]

    @classmethod
    def of(cls, rows: NDArray[np.float64], k: int, n_asked: int) -> Self:
        """Prepare rows.

        Args:
            rows: Shape (n_rows, n_columns), at least one.
            k: How many of them will be asked for, at most all.
            n_asked: Of how many rows the nearest will be asked for.

        Returns:
            The rows, with room for as many distances as fit.
        """
        n_blocks = max(-(-len(rows) // BLOCK), k)
        n_missing, norms = n_blocks * BLOCK - len(rows), (rows**2).sum(axis=1)
        doubled = np.pad(-2.0 * rows.T, ((0, 0), (0, n_missing)))
        padded = np.pad(norms, (0, n_missing), constant_values=np.inf)
        n_at_once = max(1, min(n_asked, DISTANCES_AT_ONCE // len(rows)))
        room = np.empty((n_at_once, len(padded)))
        return cls(doubled, padded, norms.max(), n_blocks, room)

    def nearest(
        self, rows: NDArray[np.float64], k: int, tie: float
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        """Find the `k` nearest remembered rows of each row, all ties of the last one, and perhaps a few more.

        Among blocks of remembered rows the k-th smallest least distance is at least the k-th distance of
        all: few rows are within it, and only their distances need be looked at one by one.

        Args:
            rows: Shape (n_rows, n_columns), as many as there is room for, or fewer.
            k: As many as were prepared for.
            tie: Distances that differ by less are equal.

        Returns:
            Index into `rows`, ascending, index into the remembered rows, and squared distance less the row's
            squared norm, each of shape (n_pairs,).
        """
        n_blocks, n_padded = self.n_blocks, len(self.norms)
        distances = np.matmul(rows, self.doubled, out=self.distances[: len(rows)])
        distances += self.norms
        blocks = distances.reshape(len(rows), BLOCK, n_blocks)
        least = blocks.min(axis=1)
        bound = np.partition(least, k - 1, axis=1)[:, k - 1 : k] + tie
        row, block = np.divmod(np.flatnonzero(least <= bound), n_blocks)  # much faster than in two dimensions
        pair, which = np.divmod(np.flatnonzero(blocks[row, :, block] <= bound[row]), BLOCK)
        place = np.sort(row[pair] * n_padded + which * n_blocks + block[pair])
        row, remembered = np.divmod(place, n_padded)
        return row, remembered, distances.ravel()[place]
