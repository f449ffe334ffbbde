"""Claims about capabilities: what a class offers works, and what it does not offer is absent."""

from __future__ import annotations

import math

import numpy as np

from iml_general.checks.result import require, require_same
from iml_general.checks.subject import ROUNDING, Subject, rows_of
from iml_general.encoding import FORMS
from iml_general.learner import AffinityLearner, AnyLearner, Cohort, Inputs, RepresentationLearner
from iml_general.plugins.contract import CAPABILITIES

COHORT_ROUNDING = 1e-3
"""Gradient steps carry the rounding of a batched program on, so that it is no longer that of one sum."""


def methods_come_with_their_class(subject: Subject) -> None:
    """It has the methods of a capability exactly if it derives from its class: else nobody calls them."""
    cls = type(subject.learner)
    for base in CAPABILITIES.values():
        for method in base.__abstractmethods__ - AnyLearner.__abstractmethods__:
            seen = f"{cls.__name__} has the method {method} but is no {base.__name__}"
            require(issubclass(cls, base) or not hasattr(cls, method), seen, f"derive from {base.__name__}")


def cohort_equals_loop(subject: Subject) -> None:
    """Members of a cohort, of different rows and seeds, come out as each would alone."""
    learner = subject.learner
    assert isinstance(learner, Cohort)
    firsts = [rows_of(subject.stage1, part) for part in (slice(None), slice(0, None, 2), slice(20, None))]
    seconds = [rows_of(subject.stage2, slice(5, None)), rows_of(subject.stage2, slice(0)), subject.stage2]
    seeds = [1, 2, 3]
    alone = [learner.fit(batch, seed) for batch, seed in zip(firsts, seeds, strict=True)]
    later = [learner.update(*one) for one in zip(alone, seconds, seeds, strict=True)]
    together = learner.fit_cohort(firsts, seeds)
    both = learner.update_cohort(together, seconds, seeds)
    expected = "fit_cohort and update_cohort give, to rounding, what fit and update give for each member"
    for one, other in zip([*alone, *later], [*together, *both], strict=True):
        found, wanted = subject.predict(other), subject.predict(one)
        require_same(found, wanted, "answers of a cohort and of the loop", expected, COHORT_ROUNDING)


def affinity_in_range(subject: Subject) -> None:
    """One finite number in -1 .. 1 for every pair of a statement and its question."""
    learner = subject.learner
    assert isinstance(learner, AffinityLearner)
    statements, questions = _pairs(subject)
    state, answers = subject.fitted(), subject.stage2.answers[: len(statements)]
    found = np.asarray(learner.affinity(state, statements, questions, answers))
    shape = (len(statements),)
    require(found.shape == shape, f"an array of shape {found.shape}", f"one affinity a row: {shape}")
    finite = bool(np.isfinite(found).all())
    require(finite, f"{(~np.isfinite(found)).sum()} values that are not finite", "finite numbers")
    inside = bool((np.abs(found) <= 1 + ROUNDING).all())
    seen = f"values from {found.min():.3g} to {found.max():.3g}"
    require(inside, seen, "shares of trees in 0 .. 1, or cosines in -1 .. 1")


def step_is_a_size(subject: Subject) -> None:
    """A finite number, never below 0, for an update of any number of rows."""
    learner = subject.learner
    assert isinstance(learner, AffinityLearner)
    for n_rows in (1, len(subject.stage2)):
        step = float(learner.step_size(n_rows))
        require(math.isfinite(step) and step >= 0, f"a step of {step} for {n_rows} rows", "a number from 0")


def representation_is_rows(subject: Subject) -> None:
    """As many finite numbers for each row, whatever other rows are asked for."""
    learner = subject.learner
    assert isinstance(learner, RepresentationLearner)
    state, probes = subject.fitted(), subject.probes
    found = np.asarray(learner.represent(state, probes))
    some = np.asarray(learner.represent(state, probes[::5]))
    expected = f"an array of shape ({len(probes)}, n_features) of finite numbers"
    right = found.ndim == 2 and len(found) == len(probes) and found.shape[1] > 0
    require(right, f"an array of shape {found.shape}", expected)
    require(bool(np.isfinite(found).all()), "values that are not finite", expected)
    expected = "each row is represented alike whatever other rows a call has"
    require_same(some, found[::5], "representations", expected, ROUNDING)


def _pairs(subject: Subject) -> tuple[Inputs, Inputs]:
    """Statements of stage 2 and the same rows without a tag."""
    batch = subject.stage2
    return batch.inputs, FORMS[batch.schema.form].untagged(batch.inputs, batch.schema)
