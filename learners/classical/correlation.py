"""Posterior correlations: how far what is predicted of two rows moves together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float64]


def correlation(
    statements: Rows, questions: Rows, moved_statements: Rows, moved_questions: Rows
) -> NDArray[np.float64]:
    """Turn covariances into correlations, row by row.

    Source: Rasmussen and Williams, Gaussian Processes for Machine Learning, 2006, section 2.1.

    Args:
        statements: Features of one row of each pair, shape (n_rows, n_features).
        questions: Features of the other.
        moved_statements: The first times the posterior covariance of the weights, shape (n_rows, n_features).
        moved_questions: The second, likewise.

    Returns:
        Shape (n_rows,), in -1 .. 1; 0 where nothing is left to be learned of a row.
    """
    between = (statements * moved_questions).sum(axis=1)
    variances = (statements * moved_statements).sum(axis=1) * (questions * moved_questions).sum(axis=1)
    found = between / np.sqrt(np.where(variances > 0, variances, np.inf))
    return np.asarray(found.clip(-1.0, 1.0))
