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


def p_value_within(one: NDArray[np.int64], other: NDArray[np.int64]) -> float:
    """Test whether two things are independent within each draw, by the generalised Mantel-Haenszel test.

    Shares of answers may differ from draw to draw. That alone makes two things of one draw alike in all draws
    together, so draws are compared with what their own shares lead to expect (Landis, Heyman and Koch,
    International Statistical Review 46, 1978).

    Args:
        one: Codes from 0, shape (n_draws, n).
        other: Likewise.

    Returns:
        The p value; 1 where there is nothing to be told apart.
    """
    from scipy.stats import chi2

    n, (a, b) = one.shape[1], (int(codes.max()) + 1 for codes in (one, other))
    excess, covariance = np.zeros((a, b)), np.zeros((a * b, a * b))
    for first, second in zip(one, other, strict=True):
        table = np.zeros((a, b))
        np.add.at(table, (first, second), 1)
        p, q = table.sum(axis=1) / n, table.sum(axis=0) / n
        excess += table - n * np.outer(p, q)
        rows, columns = (np.diag(share) - np.outer(share, share) for share in (p, q))
        covariance += n**2 / (n - 1) * np.kron(rows, columns)
    rank = int(np.linalg.matrix_rank(covariance, hermitian=True))
    if not rank:
        return 1.0
    statistic = excess.ravel() @ np.linalg.pinv(covariance, hermitian=True) @ excess.ravel()
    return float(chi2.sf(statistic, rank))
