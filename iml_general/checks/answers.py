"""Claims about what `predict` gives back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from iml_general.checks.result import require, require_same
from iml_general.checks.subject import N_ANSWERS, ROUNDING, Subject, rows_of
from iml_general.learner import Batch
from iml_general.rows import REFERENCE


def are_probabilities(subject: Subject) -> None:
    """Fitted, it answers all probes, those of unseen aliases and of a tag new in stage 2 among them."""
    subject.probabilities(subject.fitted())


def after_update_are_probabilities(subject: Subject) -> None:
    """Updated, it answers all probes."""
    subject.probabilities(subject.updated(subject.fitted()))


def to_no_rows(subject: Subject) -> None:
    """Asked nothing, it answers nothing: an array of shape (0, n_answers)."""
    subject.probabilities(subject.fitted(), subject.probes[:0])


def in_any_order(subject: Subject) -> None:
    """The answer to a row does not depend on where it stands among the rows."""
    state, probes = subject.fitted(), subject.probes
    order = np.random.default_rng(0).permutation(len(probes))
    shuffled, straight = subject.predict(state, probes[order]), subject.predict(state, probes)
    expected = "each row is answered alike wherever it stands in a call of predict"
    require_same(shuffled, straight[order], "probabilities", expected, ROUNDING)


def to_one_row_alone(subject: Subject) -> None:
    """The answer to a row does not depend on the other rows of the call."""
    state, probes = subject.fitted(), subject.probes
    some = np.arange(0, len(probes), 7)
    alone = np.concatenate([subject.predict(state, probes[[i]]) for i in some])
    expected = "each row is answered alike whatever other rows a call of predict has"
    require_same(alone, subject.predict(state, probes)[some], "probabilities", expected, ROUNDING)


def with_unseen_classes(subject: Subject) -> None:
    """Classes that no row has, between those that occur and above them, get a column all the same."""
    rows = replace(subject.stage1, n_answers=2 * N_ANSWERS)
    state = subject.fitted(replace(rows, answers=2 * (rows.answers // 2) + 1))
    subject.probabilities(state, n_answers=2 * N_ANSWERS)


def after_new_classes(subject: Subject) -> None:
    """Stage 2 may have only classes that stage 1 had not."""
    first = rows_of(subject.stage1, subject.stage1.answers > 0)
    second = rows_of(subject.stage2, subject.stage2.answers == 0)
    subject.probabilities(subject.updated(subject.fitted(first), second))


def after_one_class(subject: Subject) -> None:
    """Rows of a single class are enough, and that class is then the most probable one."""
    rows = rows_of(subject.stage1, subject.stage1.answers == 1)
    _finds_the_only_answer(subject, rows)


def after_one_row(subject: Subject) -> None:
    """A single row is enough, in either stage."""
    rows = rows_of(subject.stage1, np.flatnonzero(subject.stage1.answers == 1)[:1])
    _finds_the_only_answer(subject, rows)
    for other in _updating(subject):
        other.probabilities(other.updated(other.fitted(rows), rows_of(other.stage2, [0])))


def after_no_rows(subject: Subject) -> None:
    """It can be fitted to no rows, and updated from there."""
    empty = rows_of(subject.stage1, slice(0))
    subject.probabilities(subject.fitted(empty))
    for other in _updating(subject):
        other.probabilities(other.updated(other.fitted(empty)))


def _finds_the_only_answer(subject: Subject, rows: Batch) -> None:
    p = subject.probabilities(subject.fitted(rows), rows.inputs)
    if subject.learner.info.role == REFERENCE:
        return
    share = float((p.argmax(axis=1) == 1).mean())
    expected = "rows that were learned with class 1 alone are answered with class 1"
    require(share == 1.0, f"{share:.0%} of them are", expected)


def _updating(subject: Subject) -> list[Any]:
    return [subject.under(rule) for rule in subject.learner.info.rules if rule != "retrain"]
