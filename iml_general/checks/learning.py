"""Claims about learning: enough where there is something to learn, nothing where there is not."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from iml_general.checks.result import require
from iml_general.checks.subject import SETTING, Subject, seed
from iml_general.learner import Batch
from iml_general.measuring.measure import measure

MEMORISED = 0.9
N_SEEDS = 6
LEVEL = 0.001  # a learner that conforms is accused of an effect once in a thousand times
LARGE = 0.1  # and only of one that would matter


def memorises(subject: Subject) -> None:
    """Of three aliases with one answer each, it learns which is which."""
    easy, _ = subject.easy
    share = float((subject.predict(subject.fitted(easy), easy.inputs).argmax(axis=1) == easy.answers).mean())
    expected = f"at least {MEMORISED:.0%}: three aliases, one answer each, every row ten times"
    require(share >= MEMORISED, f"{share:.0%} of the rows it was fitted to are answered rightly", expected)


def learns_stage2(subject: Subject) -> None:
    """After an update its answers to the statements of stage 2 are better than before."""
    easy, new = subject.easy
    state = subject.fitted(easy)
    before = _mean_probability(subject, state, new)
    after = _mean_probability(subject, subject.updated(state, new), new)
    seen = f"mean probability of the right answer {before:.4f} before the update, {after:.4f} after it"
    require(after > before, seen, "more after than before, for the rows of the update themselves")


def no_effect_in_shuffled(subject: Subject) -> None:
    """Where the tag carries no information, neither tag is preferred; for instance from an earlier fit."""
    rules = subject.learner.info.rules
    variants = [subject.under(rule).learner for rule in rules if rule != "retrain" or len(rules) == 1]
    seeds = [seed(index) for index in range(2, 2 + N_SEEDS)]
    scores = measure(variants, SETTING, seeds).scores
    for variant in variants:
        gaps = _gaps([row for row in scores if row["rule"] == variant.active_rule])
        constant = bool(np.ptp(gaps) == 0)
        p = float(not gaps.any()) if constant else float(stats.ttest_1samp(gaps, 0.0).pvalue)
        found = f"a gap of {gaps.mean():+.2f} between new_reliable and new_unreliable"
        seen = f"{found}, under {variant.active_rule}, over {N_SEEDS} seeds"
        require(abs(gaps.mean()) <= LARGE or p >= LEVEL, seen, "about 0: the tags of stage 1 were shuffled")


def _gaps(scores: list[dict[str, Any]]) -> NDArray[np.float64]:
    """EM(new_reliable) - EM(new_unreliable) after stage 2 in ``shuffled``, shape (n_seeds,)."""
    place = {"condition": "shuffled", "moment": "stage2", "probe": "question"}
    rows = [row for row in scores if place.items() <= row.items()]
    reliable, unreliable = (
        np.array([row["em"] for row in rows if row["group"] == group])
        for group in ("new_reliable", "new_unreliable")
    )
    gaps: NDArray[np.float64] = reliable - unreliable
    return gaps


def _mean_probability(subject: Subject, state: object, rows: Batch) -> float:
    p = subject.predict(state, rows.inputs)
    return float(p[np.arange(len(rows)), rows.answers].mean())
