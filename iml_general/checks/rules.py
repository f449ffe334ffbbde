"""Claims about update rules: what they share, and what ``retrain`` is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from iml_general.checks.configurations import suggested
from iml_general.checks.result import CheckFailedError, require, require_same
from iml_general.checks.subject import ROUNDING, Subject, seed
from iml_general.measuring.encoded import encode_episodes
from iml_general.measuring.measure import measure
from iml_general.protocol import BUILT_IN, INFORMATIVE

SMOOTH = ("brier", "squared_error")
"""Measures that rounding hardly changes, of classes and of numbers."""

SHARED = "one stage-1 state serves all rules and all values of the update fields, so fit ignores them"


def same_start(subject: Subject) -> None:
    """The update rule makes no difference to `fit`: studies fit once for all rules."""
    first, *others = (subject.under(rule) for rule in subject.learner.info.rules)
    wanted = first.predict(first.fitted())
    for other in others:
        what = f"answers after fit under {first.learner.active_rule} and {other.learner.active_rule}"
        require_same(other.predict(other.fitted()), wanted, what, SHARED, ROUNDING)


def update_fields(subject: Subject) -> None:
    """Fields that are declared to matter to `update` alone make no difference to `fit`."""
    learner = subject.learner
    wanted = subject.predict(subject.fitted())
    names = learner.info.update_fields
    for other in suggested(type(learner), 2):
        changes: dict[str, Any] = {name: getattr(other, name) for name in names}
        varied = replace(subject, learner=replace(learner, **changes))  # type: ignore[type-var]
        found = varied.predict(varied.fitted())
        require_same(found, wanted, f"answers after fit, with {changes} and without,", SHARED, ROUNDING)


def retrain_is_fresh_fit(subject: Subject) -> None:
    """What a study reports for ``retrain`` is a fit to the rows of both stages."""
    retraining, replicate = subject.under("retrain"), seed(1)
    at, form = subject.setting, subject.learner.info.form
    found = measure(retraining.learner, at, [replicate]).scores
    episodes = encode_episodes(at.protocol, at.source, at.encoding, form, replicate, BUILT_IN)
    first, second = episodes[INFORMATIVE.name].stages
    probes = episodes[INFORMATIVE.name].probes
    state = retraining.fitted(first.rows + second.rows, replicate.integer("fit"))
    for wanted in probes.score(retraining.predict(state, probes.inputs)):
        if wanted["measure"] not in SMOOTH:
            continue
        place = {"condition": INFORMATIVE.name, "moment": second.name, **_cell(wanted)}
        measured = next(one["value"] for one in found if place.items() <= one.items())
        if not np.isclose(measured, wanted["value"], atol=1e-3):
            seen = f"{measured:.4f} in a study, {wanted['value']:.4f} for {_cell(wanted)}"
            raise CheckFailedError(seen, "retrain equals a fit to both stages together")
    require(bool(found), "no scores", "scores under retrain")


def _cell(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("group", "probe", "measure")}
