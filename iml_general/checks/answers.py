"""Claims about what `predict` gives back."""

from __future__ import annotations

from typing import Any

import numpy as np

from iml_general.checks.result import require, require_same
from iml_general.checks.subject import (
    N_ANSWERS,
    ROUNDING,
    Subject,
    are_right,
    changed,
    of_one_answer,
    rows_of,
)
from iml_general.learner import Batch, Rows
from iml_general.rows import REFERENCE


def are_valid(subject: Subject) -> None:
    """Fitted, it answers all probes, those of unseen aliases and of a tag new in stage 2 among them."""
    subject.answers(subject.fitted())


def after_update_are_valid(subject: Subject) -> None:
    """Updated, it answers all probes."""
    subject.answers(subject.updated(subject.fitted()))


def to_no_rows(subject: Subject) -> None:
    """Asked nothing, it answers nothing: an array of no rows."""
    subject.answers(subject.fitted(), subject.probes[:0])


def in_any_order(subject: Subject) -> None:
    """The answer to a row does not depend on where it stands among the rows."""
    state, probes = subject.fitted(), subject.probes
    order = np.random.default_rng(0).permutation(len(probes))
    shuffled, straight = subject.predict(state, probes[order]), subject.predict(state, probes)
    expected = "each row is answered alike wherever it stands in a call of predict"
    require_same(shuffled, straight[order], "answers", expected, ROUNDING)


def to_one_row_alone(subject: Subject) -> None:
    """The answer to a row does not depend on the other rows of the call."""
    state, probes = subject.fitted(), subject.probes
    some = np.arange(0, len(probes), 7)
    alone = np.concatenate([subject.predict(state, probes[[i]]) for i in some])
    expected = "each row is answered alike whatever other rows a call of predict has"
    require_same(alone, subject.predict(state, probes)[some], "answers", expected, ROUNDING)


def with_unseen_classes(subject: Subject) -> None:
    """Classes that no row has, between those that occur and above them, get a column all the same."""
    rows = changed(subject.stage1, n_answers=2 * N_ANSWERS)
    state = subject.fitted(changed(rows, answers=2 * (rows.answers // 2) + 1))
    subject.answers(state, like=rows)


def after_new_classes(subject: Subject) -> None:
    """Stage 2 may have only classes that stage 1 had not."""
    first = rows_of(subject.stage1, subject.stage1.answers > 0)
    second = rows_of(subject.stage2, subject.stage2.answers == 0)
    subject.answers(subject.updated(subject.fitted(first), second))


def after_one_answer(subject: Subject) -> None:
    """Rows that have all one answer are enough, and that is then what is answered."""
    _finds_the_only_answer(subject, of_one_answer(subject.stage1))


def after_one_row(subject: Subject) -> None:
    """A single row is enough, in either stage."""
    rows = rows_of(of_one_answer(subject.stage1), slice(1))
    _finds_the_only_answer(subject, rows)
    for other in _updating(subject):
        other.answers(other.updated(other.fitted(rows), rows_of(other.stage2, [0])))


def after_no_rows(subject: Subject) -> None:
    """It can be fitted to no rows, and updated from there."""
    empty = rows_of(subject.stage1, slice(0))
    subject.answers(subject.fitted(empty))
    for other in _updating(subject):
        other.answers(other.updated(other.fitted(empty)))


def _finds_the_only_answer(subject: Subject, rows: Rows) -> None:
    given = subject.answers(subject.fitted(rows), rows.inputs)
    if subject.learner.info.role == REFERENCE:
        return
    share = float(are_right(given, rows).mean())
    what = "class" if isinstance(rows, Batch) else "number"
    expected = f"rows that were learned with the {what} 1 alone are answered with it"
    require(share == 1.0, f"{share:.0%} of them are", expected)


def _updating(subject: Subject) -> list[Any]:
    return [subject.under(rule) for rule in subject.learner.info.rules if rule != "retrain"]
