"""Claims about learning: enough where there is something to learn, nothing where there is not."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import stats

from iml_general.checks.result import require
from iml_general.checks.subject import Subject, are_right, seed
from iml_general.judging.effects import EFFECTS
from iml_general.judging.seed_effects import seed_effects
from iml_general.learner import Batch, Rows
from iml_general.measuring.measure import Measurement, measure
from iml_general.protocol import SHUFFLED
from iml_general.rows import KEYS

MEMORISED = 0.9
N_SEEDS = 6
LEVEL = 0.001  # a learner that conforms is accused of an effect once in a thousand times
LARGE = 0.1  # and only of one that would matter


def memorises(subject: Subject) -> None:
    """Of three aliases with one answer each, it learns which is which."""
    easy, _ = subject.easy
    share = float(are_right(subject.predict(subject.fitted(easy), easy.inputs), easy).mean())
    expected = f"at least {MEMORISED:.0%}: three aliases, one answer each, every row ten times"
    require(share >= MEMORISED, f"{share:.0%} of the rows it was fitted to are answered rightly", expected)


def learns_stage2(subject: Subject) -> None:
    """After an update its answers to the statements of stage 2 are better than before."""
    easy, new = subject.easy
    state = subject.fitted(easy)
    before = _how_right(subject, state, new)
    after = _how_right(subject, subject.updated(state, new), new)
    what = "mean probability of the right answer" if isinstance(new, Batch) else "minus mean squared error"
    seen = f"{what} {before:.4f} before the update, {after:.4f} after it"
    require(after > before, seen, "more after than before, for the rows of the update themselves")


def no_effect_in_shuffled(subject: Subject) -> None:
    """Where the tag carries no information, neither tag is preferred; for instance from an earlier fit."""
    rules = subject.learner.info.rules
    variants = [subject.under(rule).learner for rule in rules if rule != "retrain" or len(rules) == 1]
    seeds = [seed(index) for index in range(2, 2 + N_SEEDS)]
    found = _effects(measure(variants, subject.setting, seeds, (SHUFFLED,)))
    for (rule, name), values in found.items():
        constant = bool(np.ptp(values) == 0)
        p = float(not values.any()) if constant else float(stats.ttest_1samp(values, 0.0).pvalue)
        seen = f"{name} of {values.mean():+.2f}, under {rule}, over {N_SEEDS} seeds"
        require(abs(values.mean()) <= LARGE or p >= LEVEL, seen, "about 0: the tags of stage 1 were shuffled")


def _effects(measured: Measurement) -> dict[tuple[str, str], NDArray[np.float64]]:
    """Values over seeds, shape (n_seeds,), of every endpoint by update rule and words."""
    unnamed = [pl.lit("").alias(key) for key in KEYS if key != "rule"]
    endpoints = {effect.name: effect for effect in EFFECTS if effect.endpoint}
    found = seed_effects(measured.frame().with_columns(unnamed), {}, tuple(endpoints.values()))
    return {
        (str(rule), endpoints[str(name)].words): part["value"].to_numpy()
        for (rule, name), part in found.group_by("rule", "effect", maintain_order=True)
    }


def _how_right(subject: Subject, state: object, rows: Rows) -> float:
    given = subject.predict(state, rows.inputs)
    if isinstance(rows, Batch):
        return float(given[np.arange(len(rows)), rows.answers].mean())
    return -float(((given - rows.answers) ** 2).mean())
