"""What can be wrong with what a learner's `predict` gives back, and with asking it at all."""

from __future__ import annotations

from typing import Any

import numpy as np

from iml_general.learner import AnyLearner, Batch, Rows
from iml_general.worlds.world import WorldSource

OFF = 1e-3
"""How far the probabilities of a row may sum to something else than 1."""


def answers_otherwise(learner: type[AnyLearner[Any]], source: WorldSource) -> str:
    """Say why a learner can't take part in a world whose answers are of another kind.

    Args:
        learner: Its class.
        source: Draws the worlds.

    Returns:
        The reason; empty if it can.
    """
    if learner.answer_kind == source.answer_kind:
        return ""
    asked = f"world {source.name!r} is answered with {source.answer_kind}"
    return f"answers with {learner.answer_kind}, and {asked}"


def fault_in(given: Any, like: Rows, n_rows: int) -> str:
    """Say what is wrong with answers.

    Args:
        given: What came back for `n_rows` rows.
        like: Rows that were learned before: a `Batch` asks for probabilities, of all its classes, any other
            for numbers.
        n_rows: Rows that were asked.

    Returns:
        What came back, in words; empty if nothing is wrong.
    """
    shape = (n_rows, like.n_answers) if isinstance(like, Batch) else (n_rows,)
    if not isinstance(given, np.ndarray) or given.shape != shape:
        return f"{getattr(given, 'shape', type(given).__name__)}, not an array of shape {shape}"
    if isinstance(like, Batch) and _are_probabilities(given):
        return ""  # so they are finite, too
    if not np.isfinite(given).all():
        bad = ~np.isfinite(given.reshape(n_rows, -1)).all(axis=1)
        return f"NaN or infinity in {bad.sum()} of {n_rows} rows"
    return _fault_in_probabilities(given) if isinstance(like, Batch) else ""


def _are_probabilities(given: np.ndarray) -> bool:
    """Whether all is well. Comparisons with NaN do not hold, and rows with infinity have no finite sum."""
    return bool(given.min(initial=0) >= 0 and np.abs(given.sum(axis=1) - 1).max(initial=0) <= OFF)


def _fault_in_probabilities(given: np.ndarray) -> str:
    sums = given.sum(axis=1)
    bad = (given < 0).any(axis=1) | (np.abs(sums - 1) > OFF)
    return (
        f"rows that are not probabilities in {bad.sum()} of {len(given)}"
        f" rows (first sums to {sums[bad.argmax()]:.4g}, least value {given.min():.4g})"
    )
