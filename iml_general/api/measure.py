"""Learners measured here and now, beside both controls: in this process, without a folder."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from iml_general.api.learners import Entry, LearnerLike, here
from iml_general.api.progress import shown
from iml_general.api.result import Result
from iml_general.errors import UsageError
from iml_general.learner import NUMBERS, AnyLearner
from iml_general.plugins import registry
from iml_general.report.findings.comparison import ComparisonReport
from iml_general.study.engine import Progress
from iml_general.study.plan.fitting import fitted_plan
from iml_general.study.plan.overrides import Overrides, find_plan
from iml_general.study.plan.resolve import resolve
from iml_general.study.work.in_process import carry_out
from iml_general.worlds.numbers import Numbers

NAME = "measure"
"""Name of such a study, in every row."""


def measure(
    *learners: LearnerLike,
    rule: str | None = None,
    seeds: int = 8,
    world: str | None = None,
    settings: Mapping[str, Any] | None = None,
    progress: bool | Progress = True,
    fit: bool = False,
) -> Result:
    """Find out whether a learner learns whom to trust.

    It takes part in a study of its own beside the positive and the negative control, and is judged as in any
    study. Nothing is written, so an interrupted measurement begins anew; for what takes longer there is
    `iml_general.api.study.Study`.

    Args:
        *learners: One or several; p values are corrected over all of them. A scikit-learn classifier,
            regressor or pipeline may be any that this process has.
        rule: The only update rule to be measured; all that a learner has if not given.
        seeds: Number of replicates, at least 2.
        world: Name of the world; if not given ``"statements"``, or ``"numbers"`` if all learners answer with
            numbers, as regressors do.
        settings: Any other key of a plan, such as ``{"protocol.unseen": 50}``.
        progress: Whether to show a bar, or a function that is told the units done and all units.
        fit: Whether groups are made as small as the world's table needs them, as in a study.

    Returns:
        What was found.

    Raises:
        UsageError: If anything that was given is not allowed; says what is.
        LearnerError: If a learner raises, or returns something that is neither probabilities nor numbers.
    """
    if not learners:
        raise UsageError("measure needs at least one learner, none was given")
    entries, only_here = [], dict[str, type[AnyLearner[Any]]]()
    for given in learners:
        entry, cls = here(given, rule)
        if cls is not None:
            name = f"here:{cls.info.name}"
            if only_here.setdefault(name, cls) is not cls:
                raise UsageError(
                    f"two learners are named {cls.info.name!r}: give each a name of its own,"
                    " by iml_general.from_sklearn(estimator, name=...)"
                )
        entries.append(entry)
    world = world or _world_of(entries, only_here)
    overrides = Overrides(tuple(entries), seeds, world, dict(settings or {}))
    plan = {"name": NAME}
    fitted, told_of = fitted_plan(plan, overrides) if fit else (find_plan(plan, overrides), "")
    if told_of:
        warnings.warn(told_of, stacklevel=2)
    study = resolve(fitted, only_here)
    if study.searches:
        raise UsageError("measure searches for nothing: leave `levels` out, or run an iml_general.Study")
    with shown(progress) as told:
        return Result(ComparisonReport.from_run(carry_out(study, "iml_general.measure", told)))


def _world_of(entries: Sequence[str | Entry], only_here: Mapping[str, type[AnyLearner[Any]]]) -> str | None:
    """The world of numbers where everybody answers with them; else none, which leaves it to the plan."""
    names = [entry if isinstance(entry, str) else str(entry.get("name")) for entry in entries]
    with suppress(UsageError):  # what is wrong with a name is said where the plan is checked
        kinds = {(only_here.get(name) or registry.learner(name)).answer_kind for name in names}
        return Numbers.name if kinds == {NUMBERS} else None
    return None
