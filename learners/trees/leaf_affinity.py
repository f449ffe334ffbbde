"""Affinity of a statement and its question in an ensemble of trees (METHOD section 7)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def leaf_affinity(
    statements: NDArray[np.number[Any]], questions: NDArray[np.number[Any]]
) -> NDArray[np.float64]:
    """Share of trees in which a statement row and its question row fall in the same leaf.

    What stage 2 changes in a leaf, it changes for every row in that leaf: in this share of the trees
    learning the statement moves the answer to the question.

    Args:
        statements: Leaf of every statement row in every tree, shape (n_rows, n_trees).
        questions: Leaf of every question row in every tree, of the same shape.

    Returns:
        Shares in 0..1, shape (n_rows,). All 1 if there are no trees: nothing tells rows apart then.
    """
    if statements.shape[1] == 0:
        return np.ones(len(statements))
    return np.asarray((statements == questions).mean(axis=1), dtype=np.float64)
