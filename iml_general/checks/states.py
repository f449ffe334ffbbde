"""Claims about states: they are never changed, and follow from the rows and the seed alone."""

from __future__ import annotations

import copy
import random

import numpy as np

from iml_general.checks.result import require, require_same
from iml_general.checks.subject import READ_ONLY, ROUND_OFF, ROUNDING, Subject, rows_of
from iml_general.learner import Rows

UNCHANGED = "a state answers and learns as before, whatever was done with it"
SECOND_UPDATE_SEED = 13
SAME = "the same rows and the same seed give the same answers, but for round-off"


def not_mutated_by_predict(subject: Subject) -> None:
    """Predicting leaves no trace in the state."""
    state = subject.fitted()
    before = subject.predict(state)
    subject.predict(state, subject.probes[::3])
    require_same(subject.predict(state), before, "answers before and after predict", UNCHANGED, ROUND_OFF)


def not_mutated_by_update(subject: Subject) -> None:
    """Updating makes a new state. What a state has learned and how it goes on learning both stay."""
    state = subject.fitted()
    twin = copy.deepcopy(state)
    before = subject.predict(state)
    subject.updated(state)
    what = "answers of the old state before and after update"
    require_same(subject.predict(state), before, what, UNCHANGED, ROUND_OFF)
    second, second_of_twin = (subject.predict(subject.updated(each)) for each in (state, twin))
    what = "answers after a second update of one state and a first one of its copy"
    require_same(second, second_of_twin, what, UNCHANGED, ROUNDING)


def updated_again(subject: Subject) -> None:
    """A state that was updated can be updated in its turn, and stays as it was: stages may be many."""
    first = subject.updated(subject.fitted(), rows_of(subject.stage2, slice(0, None, 2)))
    before = subject.predict(first)
    second = subject.updated(first, rows_of(subject.stage2, slice(1, None, 2)), SECOND_UPDATE_SEED)
    subject.answers(second)
    what = "answers of an updated state before and after it was updated again"
    require_same(subject.predict(first), before, what, UNCHANGED, ROUND_OFF)


def kept_by_empty_update(subject: Subject) -> None:
    """An update with no rows gives the same answers as the state it was given."""
    state = subject.fitted()
    updated = subject.updated(state, rows_of(subject.stage2, slice(0)))
    expected = "an update with no rows predicts as the state does"
    require_same(subject.predict(updated), subject.predict(state), "answers", expected, ROUND_OFF)


def same_for_same_seed(subject: Subject) -> None:
    """Two fits with one seed answer alike."""
    first, second = (subject.predict(subject.fitted()) for _ in range(2))
    require_same(first, second, "answers of two fits", SAME, ROUND_OFF)


def same_for_same_update_seed(subject: Subject) -> None:
    """Two updates of one state with one seed answer alike."""
    state = subject.fitted()
    first, second = (subject.predict(subject.updated(copy.deepcopy(state))) for _ in range(2))
    require_same(first, second, "answers of two updates", SAME, ROUND_OFF)


def inputs_not_changed(subject: Subject) -> None:
    """Fitting and predicting take arrays that are read-only, and leave them as they were."""
    batch, probes = subject.stage1, subject.probes
    state = subject.fitted(batch)
    _require_unchanged(batch, subject.stage1, "fit")
    subject.predict(state, probes)
    require_same(probes, subject.probes, "inputs before and after predict", READ_ONLY)


def inputs_not_changed_by_update(subject: Subject) -> None:
    """Updating takes arrays that are read-only, and leaves them as they were."""
    batch = subject.stage2
    subject.updated(subject.fitted(), batch)
    _require_unchanged(batch, subject.stage2, "update")


def _require_unchanged(batch: Rows, original: Rows, phase: str) -> None:
    require_same(batch.inputs, original.inputs, f"inputs before and after {phase}", READ_ONLY)
    require_same(batch.answers, original.answers, f"answers before and after {phase}", READ_ONLY)


def global_randomness_left_alone(subject: Subject) -> None:
    """Random numbers come from the seed, not from the generators that all code shares."""
    before = (random.getstate(), repr(np.random.get_state()))  # noqa: NPY002  (the shared one is meant)
    subject.predict(subject.fitted())
    after = (random.getstate(), repr(np.random.get_state()))  # noqa: NPY002
    for name, was, now in zip(("random", "numpy.random"), before, after, strict=True):
        seen = f"fit or predict moved on the generator that all users of {name} share"
        require(was == now, seen, "all randomness is drawn from the seed that is given")
