"""Least squares on one-hot answers: the targets, and probabilities from what is predicted for them.

A regression on indicator variables estimates the expectation of each answer's indicator, which is the
answer's probability. Where the targets were centred, predictions for one row sum to 1, but single ones
may lie outside 0 .. 1: those below 0 are set to 0 and the rest is scaled to sum to 1 again. The most
probable answer stays the same. Source: Hastie, Tibshirani and Friedman, The Elements of Statistical
Learning (2nd edition, 2009), section 4.2.

Such a fit is a linear smoother: how much a row counts for a prediction depends on the inputs alone, not
on what any row answered. So, with the kernel fixed, stage 1 can't teach it to weigh one tag's statements
more; theory expects no implicit meta-learning of it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from iml_general.learner import Batch, Probabilities


def indicators(batch: Batch) -> NDArray[np.float64]:
    """The answers as one-hot rows.

    Args:
        batch: Training rows.

    Returns:
        Zeros and ones of shape (len(batch), n_answers).
    """
    return np.eye(batch.n_answers)[batch.answers]


def clipped(scores: NDArray[np.float64]) -> Probabilities:
    """Probabilities from predicted indicators.

    Args:
        scores: Shape (n_rows, n_answers); every row sums to 1, to rounding.

    Returns:
        Shape (n_rows, n_answers): >= 0, rows sum to 1.
    """
    p = np.maximum(scores, 0.0)
    probabilities: NDArray[np.float64] = p / p.sum(axis=1, keepdims=True)
    return probabilities
