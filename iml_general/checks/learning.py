"""Claims about learning: enough where there is something to learn, nothing where there is not."""

from __future__ import annotations

import numpy as np
from scipy import stats

from iml_general.checks.result import require
from iml_general.checks.subject import SETTING, Subject, seed
from iml_general.learner import Batch
from iml_general.measure import measure

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
    before, after = (_mean_probability(subject, each, new) for each in (state, subject.updated(state, new)))
    seen = f"mean probability of the right answer {before:.4f} before the update, {after:.4f} after it"
    require(after > before, seen, "more after than before, for the rows of the update themselves")


def no_effect_in_shuffled(subject: Subject) -> None:
    """Where the tag carries no information, neither tag is preferred; for instance from an earlier fit."""
    seeds = [seed(index) for index in range(2, 2 + N_SEEDS)]
    rows = measure(subject.learner, SETTING, seeds).scores
    em = {
        (row["group"], row["seed"]): row["em"]
        for row in rows
        if (row["condition"], row["moment"], row["probe"]) == ("shuffled", "stage2", "question")
    }
    gaps = np.array([em["new_reliable", i.index] - em["new_unreliable", i.index] for i in seeds])
    constant = bool(np.ptp(gaps) == 0)
    p = float(gaps.any()) if constant else float(stats.ttest_1samp(gaps, 0.0).pvalue)
    effect = abs(gaps.mean()) > LARGE and (constant or p < LEVEL)
    seen = f"a gap of {gaps.mean():+.2f} between new_reliable and new_unreliable ({N_SEEDS} seeds)"
    require(not effect, seen, "a gap of about 0, since the tags of stage 1 were shuffled")


def _mean_probability(subject: Subject, state: object, rows: Batch) -> float:
    p = subject.predict(state, rows.inputs)
    return float(p[np.arange(len(rows)), rows.answers].mean())
