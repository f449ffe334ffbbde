"""The claim about checkpoints: on its way to a longer stage 1 a learner passes through every shorter one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from iml_general.checks.result import require, require_same
from iml_general.checks.subject import FIT_SEED, ROUND_OFF, Subject, rows_of
from iml_general.learner import CheckpointCohort, CheckpointLearner

LENGTHS = (1, 3, 4)
ON_THE_WAY = 1
"""Place of the length from whose state stage 2 is learned too: learning has gone on since it was given."""

EXPECTED = "for each length the state that `fit` gives a learner of that length, whatever is learned after it"


def path_is_what_fit_gives(subject: Subject) -> None:
    """The state at each of several lengths answers, and learns stage 2, as that of a fit of that length."""
    learner = subject.learner
    assert isinstance(learner, CheckpointLearner)
    states = _on_the_way(subject)
    seen = f"fit_path gives {len(states)} states for {len(LENGTHS)} lengths"
    require(len(states) == len(LENGTHS), seen, EXPECTED)
    for length, state in zip(LENGTHS, states, strict=True):
        alone = _of_length(subject, length)
        found, wanted = alone.predict(state), alone.predict(alone.fitted())
        require_same(found, wanted, f"answers at length {length}", EXPECTED, ROUND_OFF)
    _require_same_updates(subject)
    if isinstance(learner, CheckpointCohort):
        _require_same_cohorts(subject, learner)


def _on_the_way(subject: Subject) -> list[Any]:
    """All states, the first of which were given while learning was still to go on."""
    assert isinstance(subject.learner, CheckpointLearner)
    return list(subject.learner.fit_path(subject.stage1, FIT_SEED, LENGTHS))


def _require_same_updates(subject: Subject) -> None:
    length = LENGTHS[ON_THE_WAY]
    alone = _of_length(subject, length)
    for rule in alone.learner.info.rules:
        if rule != "retrain":
            one = alone.under(rule)
            states = _on_the_way(subject.under(rule))[ON_THE_WAY], one.fitted()
            found, wanted = (one.predict(one.updated(state)) for state in states)
            what = f"answers at length {length}, then updated by {rule},"
            require_same(found, wanted, what, EXPECTED, ROUND_OFF)


def _require_same_cohorts(subject: Subject, learner: CheckpointCohort[Any]) -> None:
    batches = [rows_of(subject.stage1, part) for part in (slice(None), slice(0, None, 2))]
    seeds = [FIT_SEED, FIT_SEED + 1]
    for length, states in zip(LENGTHS, learner.fit_path_cohort(batches, seeds, LENGTHS), strict=True):
        alone = _of_length(subject, length)
        assert isinstance(alone.learner, CheckpointCohort)
        for one, other in zip(states, alone.learner.fit_cohort(batches, seeds), strict=True):
            what = f"answers of a cohort at length {length}"
            require_same(alone.predict(one), alone.predict(other), what, EXPECTED, ROUND_OFF)


def _of_length(subject: Subject, length: int) -> Subject:
    """The same learner with another length of stage 1."""
    learner = subject.learner
    assert isinstance(learner, CheckpointLearner)
    changes: dict[str, Any] = {learner.length_field: length}
    return replace(subject, learner=replace(learner, **changes))  # type: ignore[type-var]
