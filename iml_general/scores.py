"""Score rows: how well one group is answered at one moment, under one condition of one seed.

This schema is all that effects, verdicts and reports ever see of a run.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from iml_general.learner import Probabilities

SCHEMA_VERSION = 1

KEYS = ("study", "world", "learner", "family", "role", "rule", "level", "configuration")
"""The columns that identify what was measured; one verdict per endpoint belongs to each."""

SCORE_SCHEMA: dict[str, pl.DataType] = {
    "schema_version": pl.Int16(),
    "study": pl.String(),
    "world": pl.String(),
    "learner": pl.String(),
    "family": pl.String(),
    "role": pl.String(),  # subject, positive control, negative control, reference
    "rule": pl.String(),
    "level": pl.String(),  # default, tuned, sought
    "configuration": pl.String(),  # hash of every option of learner, encoding and rule
    "condition": pl.String(),  # informative, shuffled, no_stage1
    "seed": pl.Int32(),
    "moment": pl.String(),  # stage1, stage2: after which stage
    "group": pl.String(),
    "probe": pl.String(),  # question (no tag), statement (as trained on in stage 2)
    "n": pl.Int32(),  # number of probes
    "em": pl.Float64(),  # exact match: share of probes answered rightly
    "log_probability": pl.Float64(),  # mean natural logarithm of the true answer's probability
    "brier": pl.Float64(),  # mean squared distance to the true answer, in 0..2
    "said_reliable": pl.Float64(),  # new_conflict: share answering what the reliable tag said
    "said_unreliable": pl.Float64(),  # new_conflict: share answering what the unreliable tag said
}
"""The columns of score rows and their types."""

MEASURED = tuple(name for name in SCORE_SCHEMA if name == "rule" or name not in ("schema_version", *KEYS))
"""The columns that a measurement fills in; the others say what was measured, and where."""

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
