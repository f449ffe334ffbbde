"""A fitted forest as two parts: what never changes, and what stage 2 writes.

The structure of every tree and the answers in its nodes are scikit-learn's own memory, and are shared by all
states made from one fit. What stage 2 writes is kept beside them, of those leaves alone that it reaches: of a
large world trees are gigabytes, and several states are held at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from iml_general.learner import Batch, Inputs
from iml_general.regressor import NumberBatch


class Moved(NamedTuple):
    """Answers in some nodes of a tree that are no longer those that it was grown with.

    Attributes:
        nodes: Which nodes, ascending, int64 of shape (n_moved,).
        answers: Shape (n_moved, n_answers).
    """

    nodes: NDArray[np.int64]
    answers: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ForestState:
    """Trees and the answers in their leaves; no method changes either.

    Attributes:
        trees: The structure of each tree, a ``sklearn.tree._tree.Tree``.
        n_answers: Number of answer classes; of numbers 1.
        grown: For each tree the distribution of answers in every node as it was grown, float64 of shape
            (n_nodes, n_answers); of numbers their mean.
        moved: For each tree what differs from that by now; None if nothing does.
    """

    trees: tuple[Any, ...]
    n_answers: int
    grown: tuple[NDArray[np.float64], ...]
    moved: tuple[Moved | None, ...]

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
        grown = tuple(tree.value[:, 0, :] for tree in trees)  # no copy
        if len(classes) < n_answers:
            grown = tuple(_at_columns(classes, values, n_answers) for values in grown)
        return cls(tuple(trees), n_answers, grown, (None,) * len(trees))

    def leaves(self, inputs: Inputs) -> NDArray[np.int64]:
        """Number of the leaf that each row falls into, in each tree: each leaf of the forest has its own.

        Args:
            inputs: float32 of shape (n_rows, n_columns).

        Returns:
            int64 of shape (n_rows, n_trees).
        """
        leaves, start = np.empty((len(self.trees), len(inputs)), dtype=np.int64), 0
        for tree, row in zip(self.trees, leaves, strict=True):
            np.add(tree.apply(inputs), start, out=row)
            start += tree.node_count
        return leaves.T

    def node_answers(self, tree: int) -> NDArray[np.float64]:
        """Answers in every node of a tree, of which only those in leaves are ever read.

        Args:
            tree: Place of the tree.

        Returns:
            Shape (n_nodes, n_answers). Not to be written to: it may be the tree's own memory.
        """
        grown, moved = self.grown[tree], self.moved[tree]
        if moved is None:
            return grown
        answers = grown.copy()
        answers[moved.nodes] = moved.answers
        return answers

    def by_tree(self, inputs: Inputs) -> Iterator[NDArray[np.float64]]:
        """What every tree answers.

        Args:
            inputs: float32 of shape (n_rows, n_columns).

        Yields:
            For each tree the answers in the leaves that the rows fall into, shape (n_rows, n_answers).
        """
        for place, tree in enumerate(self.trees):
            yield self.node_answers(place).take(tree.apply(inputs), axis=0)

    def predict(self, inputs: Inputs) -> NDArray[np.float64]:
        """Average the answers of all trees, as scikit-learn's ``predict_proba`` does.

        Args:
            inputs: float32 of shape (n_rows, n_columns).

        Returns:
            Probabilities of shape (n_rows, n_answers), uniform if there are no trees.
        """
        if not self.trees:
            return np.full((len(inputs), self.n_answers), 1 / self.n_answers)
        total = np.zeros((len(inputs), self.n_answers))
        for answers in self.by_tree(inputs):
            total += answers
        return total / len(self.trees)

    def refit(self, batch: Batch, decay: float) -> Self:
        """Move the answers in the leaves that a batch reaches towards the batch's answers.

        Args:
            batch: The rows of stage 2.
            decay: How much of the old distribution stays, in 0..1.

        Returns:
            A state with the same trees. A leaf that no row of the batch reaches is unchanged.
        """

        def counts(leaves: NDArray[np.int64], n_nodes: int) -> NDArray[Any]:
            cells = leaves * self.n_answers + batch.answers
            return np.bincount(cells, minlength=n_nodes * self.n_answers).reshape(n_nodes, -1)

        return self._refitted(batch.inputs, counts, decay)

    def refit_numbers(self, batch: NumberBatch, decay: float) -> Self:
        """Move the numbers in the leaves that a batch reaches towards the mean of the batch's answers there.

        Args:
            batch: The rows of stage 2.
            decay: How much of the old number stays, in 0..1.

        Returns:
            A state with the same trees. A leaf that no row of the batch reaches is unchanged.
        """

        def sums(leaves: NDArray[np.int64], n_nodes: int) -> NDArray[Any]:
            return np.bincount(leaves, batch.answers, minlength=n_nodes)[:, None]

        return self._refitted(batch.inputs, sums, decay)

    def _refitted(
        self,
        inputs: Inputs,
        sums: Callable[[NDArray[np.int64], int], NDArray[Any]],
        decay: float,
    ) -> Self:
        """Blend what is in the nodes with means over the rows that reach them, tree by tree.

        Args:
            inputs: The rows.
            sums: Given each row's leaf in a tree and its number of nodes, the sum of the rows' answers in
                every node, shape (n_nodes, n_answers).
            decay: How much of the old answers stays.
        """
        moved = []
        for place, (tree, before) in enumerate(zip(self.trees, self.moved, strict=True)):
            leaves, answers = tree.apply(inputs), self.node_answers(place)
            totals = np.bincount(leaves, minlength=len(answers))
            reached = np.flatnonzero(totals)
            fresh = sums(leaves, len(answers))[reached] / totals[reached, None]
            blended: NDArray[np.float64] = decay * answers[reached] + (1 - decay) * fresh
            if before is None:
                moved.append(Moved(reached, blended))
            else:
                answers[reached] = blended
                nodes = np.union1d(before.nodes, reached)
                moved.append(Moved(nodes, answers[nodes]))
        return replace(self, moved=tuple(moved))

    def __add__(self, other: Self) -> Self:
        """The trees of both forests, this one's first."""
        return replace(
            self,
            trees=self.trees + other.trees,
            grown=self.grown + other.grown,
            moved=self.moved + other.moved,
        )


def _at_columns(
    columns: NDArray[np.int64], values: NDArray[np.float64], n_columns: int
) -> NDArray[np.float64]:
    """A table with some columns, and zeros in all others."""
    table = np.zeros((len(values), n_columns))
    table[:, columns] = values
    return table
