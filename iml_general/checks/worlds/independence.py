"""Tests of independence: whether one thing tells anything of another."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LEVEL = 0.001
"""Probability with which a world that tells nothing is found to tell something, over all tests of a claim.
The seeds are always the same, so whoever passes once passes always."""

LEAST_EXPECTED = 5.0
"""Cells of fewer expected counts make a chi-squared test err."""


def grouped(answers: NDArray[np.int64], least: float) -> NDArray[np.int64]:
    """Put the rarest classes together until each group has enough answers for a test.

    Args:
        answers: Classes from 0, of any shape.
        least: Answers that a group must have.

    Returns:
        Groups from 0, of the same shape.
    """
    counts = np.bincount(answers.ravel())
    group, size = np.zeros(len(counts), dtype=np.int64), 0
    current = 0
    for answer in np.argsort(counts, kind="stable"):
        group[answer], size = current, size + counts[answer]
        if size >= least:
            current, size = current + 1, 0
    group[group == current] = max(current - 1, 0)  # what is left over
    return group[answers]


def p_value(one: NDArray[np.int64], other: NDArray[np.int64]) -> float:
    """Test whether two things are independent, by chi-squared.

    Args:
        one: Codes from 0, shape (n,).
        other: Likewise.

    Returns:
        The p value; 1 where there is nothing to be told apart.
    """
    from scipy.stats import chi2_contingency

    table = np.zeros((int(one.max()) + 1, int(other.max()) + 1), dtype=np.int64)
    np.add.at(table, (one, other), 1)
    table = table[table.any(axis=1)][:, table.any(axis=0)]
    return float(chi2_contingency(table, correction=False).pvalue) if min(table.shape) > 1 else 1.0
