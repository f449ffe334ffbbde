"""A fitted forest as two parts: what never changes, and what stage 2 writes.

The structure of every tree is scikit-learn's own and is shared by all states made from one fit. The
answers in the leaves are one table with a row per node, so that a state with other answers costs
one copy of that table and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from iml_general.learner import Batch, Inputs
from iml_general.regressor import NumberBatch


@dataclass(frozen=True, eq=False)
class ForestState:
    """Trees and the answers in their leaves; no method changes either.

    Attributes:
        trees: The structure of each tree, a ``sklearn.tree._tree.Tree``.
        offsets: Row of `node_answers` at which each tree's nodes start, int64 of shape (n_trees,).
        node_answers: Distribution of answers in every node of every tree, float64 of shape
            (n_nodes, n_answers); of numbers their mean, shape (n_nodes, 1). Only the rows of leaves are ever
            read.
    """

    trees: tuple[Any, ...]
    offsets: NDArray[np.int64]
    node_answers: NDArray[np.float64]

    @classmethod
    def of(cls, trees: Sequence[Any], classes: NDArray[np.int64], n_answers: int) -> Self:
        """Take over the trees of a fitted scikit-learn forest.

        Args:
            trees: The ``tree_`` of every estimator, all fitted to the same classes.
            classes: The answers that occurred, ascending, shape (n_classes,): scikit-learn keeps
                no column for the others.
            n_answers: Number of answer classes.

        Returns:
            A state whose answers are the trees' own.
        """
        sizes = np.array([tree.node_count for tree in trees], dtype=np.int64)
        values = [tree.value[:, 0, :] for tree in trees]
        if trees and len(classes) == n_answers:
            node_answers = np.concatenate(values)
        else:
            node_answers = np.zeros((sizes.sum(), n_answers))
            if trees:
                node_answers[:, classes] = np.concatenate(values)
        return cls(tuple(trees), np.cumsum(sizes) - sizes, node_answers)

    def leaves(self, inputs: Inputs) -> NDArray[np.int64]:
        """Row of `node_answers` of the leaf that each row falls into, in each tree.

        Args:
            inputs: float32 of shape (n_rows, n_columns).

        Returns:
            int64 of shape (n_rows, n_trees).
        """
        leaves = np.empty((len(self.trees), len(inputs)), dtype=np.int64)
        for tree, offset, row in zip(self.trees, self.offsets, leaves, strict=True):
            np.add(tree.apply(inputs), offset, out=row)
        return leaves.T

    def predict(self, inputs: Inputs) -> NDArray[np.float64]:
        """Average the answers of all trees, as scikit-learn's ``predict_proba`` does.

        Args:
            inputs: float32 of shape (n_rows, n_columns).

        Returns:
            Probabilities of shape (n_rows, n_answers), uniform if there are no trees.
        """
        n_answers = self.node_answers.shape[1]
        if not self.trees:
            return np.full((len(inputs), n_answers), 1 / n_answers)
        total = np.zeros((len(inputs), n_answers))
        for tree, start in zip(self.trees, self.offsets.tolist(), strict=True):
            answers = self.node_answers[start : start + tree.node_count]
            total += answers.take(tree.apply(inputs), axis=0)
        return total / len(self.trees)

    def refit(self, batch: Batch, decay: float) -> Self:
        """Move the answers in the leaves that a batch reaches towards the batch's answers.

        Args:
            batch: The rows of stage 2.
            decay: How much of the old distribution stays, in 0..1.

        Returns:
            A state with the same trees. A leaf that no row of the batch reaches is unchanged.
        """
        n_nodes, n_answers = self.node_answers.shape
        leaves = self.leaves(batch.inputs)
        cells = leaves * n_answers + batch.answers[:, None]
        counts = np.bincount(cells.ravel("K"), minlength=n_nodes * n_answers).reshape(n_nodes, n_answers)
        return self._moved(leaves, counts, decay)

    def refit_numbers(self, batch: NumberBatch, decay: float) -> Self:
        """Move the numbers in the leaves that a batch reaches towards the mean of the batch's answers there.

        Args:
            batch: The rows of stage 2.
            decay: How much of the old number stays, in 0..1.

        Returns:
            A state with the same trees. A leaf that no row of the batch reaches is unchanged.
        """
        leaves = self.leaves(batch.inputs)
        answers = np.broadcast_to(batch.answers[:, None], leaves.shape)
        sums = np.bincount(leaves.ravel(), answers.ravel(), minlength=len(self.node_answers))
        return self._moved(leaves, sums[:, None], decay)

    def _moved(self, leaves: NDArray[np.int64], sums: NDArray[np.number[Any]], decay: float) -> Self:
        """Blend what is in the nodes with means over the rows that reach them.

        Args:
            leaves: Node of every row in each tree, shape (n_rows, n_trees).
            sums: Sum of the rows' answers in every node, shape (n_nodes, n_answers).
            decay: How much of the old answers stays.
        """
        totals = np.bincount(leaves.ravel("K"), minlength=len(self.node_answers))
        reached = np.flatnonzero(totals)
        fresh = sums[reached] / totals[reached, None]
        node_answers = self.node_answers.copy()
        node_answers[reached] = decay * node_answers[reached] + (1 - decay) * fresh
        return replace(self, node_answers=node_answers)

    def __add__(self, other: Self) -> Self:
        """The trees of both forests, this one's first."""
        return replace(
            self,
            trees=self.trees + other.trees,
            offsets=np.concatenate([self.offsets, len(self.node_answers) + other.offsets]),
            node_answers=np.concatenate([self.node_answers, other.node_answers]),
        )
