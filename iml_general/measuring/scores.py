"""Scores of single answers: METHOD section 4."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from iml_general.learner import Probabilities

CLIP = 1e-6  # METHOD section 4: probabilities are clipped here before taking logarithms
TIE = 1e-9  # probabilities this close to the largest one count as tied with it


@dataclass(frozen=True, eq=False)
class ProbeScores:
    """One score per probe.

    Attributes:
        chosen: Arg-max class, int64 of shape (n_rows,).
        correct: Whether `chosen` is the true answer, bool of shape (n_rows,).
        log_probability: Natural logarithm of the true answer's probability, shape (n_rows,).
        brier: Squared distance between the probabilities and the true answer, shape (n_rows,).
    """

    chosen: NDArray[np.int64]
    correct: NDArray[np.bool_]
    log_probability: NDArray[np.float64]
    brier: NDArray[np.float64]


def score_probes(
    probabilities: Probabilities,
    answers: NDArray[np.int64],
    n_classes: NDArray[np.int64],
    tie_breaks: NDArray[np.float64],
) -> ProbeScores:
    """Score the answers to probes.

    Args:
        probabilities: Shape (n_rows, n_answers).
        answers: True answers, int64 of shape (n_rows,).
        n_classes: How many classes each probe's question has, shape (n_rows,): classes from
            there on are other questions' and get no probability.
        tie_breaks: Random numbers, shape (n_rows, n_answers): among tied classes the one with
            the largest is chosen. Conditions of one seed share them, so that equal
            probabilities give equal answers.

    Returns:
        One score per probe.
    """
    rows = np.arange(len(answers))
    allowed = np.arange(probabilities.shape[1])[None, :] < n_classes[:, None]
    p = np.where(allowed, np.clip(probabilities.astype(np.float64), CLIP, None), 0.0)
    p /= p.sum(axis=1, keepdims=True)
    # The arg-max is taken before clipping: two classes below the clip are not tied.
    raw = np.where(allowed, probabilities, -1.0)
    tied = raw >= raw.max(axis=1, keepdims=True) - TIE
    chosen = np.where(tied, tie_breaks, -1.0).argmax(axis=1)
    truth = np.zeros_like(p)
    truth[rows, answers] = 1.0
    return ProbeScores(
        chosen=chosen,
        correct=chosen == answers,
        log_probability=np.log(p[rows, answers]),
        brier=((p - truth) ** 2).sum(axis=1),
    )
