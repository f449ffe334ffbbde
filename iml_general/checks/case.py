"""One check of one learner or world, and which checks it is due."""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from iml_general.checks.catalogue import CHECKS
from iml_general.checks.check import Check, again_for
from iml_general.checks.result import CheckFailedError, CheckResult, CheckSkippedError
from iml_general.checks.subject import Subject
from iml_general.checks.worlds.catalogue import WORLD_CHECKS
from iml_general.checks.worlds.subject import world_subject
from iml_general.errors import UsageError, unknown
from iml_general.learner import AnyLearner
from iml_general.plugins import registry
from iml_general.plugins.contract import check_contract
from iml_general.worlds.world import WorldSource

Plugin = str | type[AnyLearner[Any]] | AnyLearner[Any] | type[WorldSource] | WorldSource
"""What can be checked: a name, a class or one configuration."""


@dataclass(frozen=True, eq=False)
class Case:
    """One check of one learner or world.

    Attributes:
        id: As in `CheckResult`.
        check: The check.
        subject: The learner as a `Subject`, or the world as a `WorldSubject`.
        skipped: Why it is not due this check; empty if it is.
        expected_failure: Why its author expects it to fail; empty if it should pass.
    """

    id: str
    check: Check
    subject: Any
    skipped: str = ""
    expected_failure: str = ""

    def run(self) -> CheckResult:
        """Run the check. Whatever a plugin raises is a failure, never an error of this call."""
        if self.skipped:
            return CheckResult(self.id, "skip", reason=self.skipped)
        again = self.subject.again.format(only=repr(self.check.claim))
        try:
            note = self.check.function(self.subject)
        except CheckSkippedError as skipped:
            return CheckResult(self.id, "skip", reason=str(skipped))
        except CheckFailedError as failed:
            found = CheckResult(self.id, "fail", failed.seen, failed.expected, again)
        except Exception as error:  # whatever a plugin does when called, it is its own failure
            found = CheckResult(self.id, "fail", _told(error), "no exception", again)
        else:
            if not self.expected_failure:
                return CheckResult(self.id, "pass", reason=note or "")
            seen = f"the check passed, although it was expected to fail ({self.expected_failure})"
            return CheckResult(self.id, "fail", seen, "a failure; take the exemption away", again)
        if self.expected_failure:
            return replace(found, outcome="expected failure", reason=self.expected_failure)
        return found


def cases_of(plugin: Plugin, expected_failures: Mapping[str, str] | None = None) -> list[Case]:
    """Find the checks that a learner or a world is due, and those that it is not due with the reason.

    Args:
        plugin: A learner or a world: a registered name, ``module:Class``, ``./file.py:Class``, a class (its
            defaults are checked) or one configuration.
        expected_failures: Reasons by id, for checks that its author expects to fail. They still run, and one
            that passes after all is a failure.

    Returns:
        Cases in the order of the catalogue, of a learner rule by rule.

    Raises:
        UsageError: If it breaks its contract or has no defaults, or an id is not known.
    """
    is_world = registry.is_world(plugin) if isinstance(plugin, str) else _is_world(plugin)
    if is_world:
        world = world_subject(plugin)
        name = world.source.name
        cases = [Case(f"{name}: {check.claim}", check, world, check.not_due(world)) for check in WORLD_CHECKS]
    else:
        subject = _subject(plugin)
        cases = [case for check in CHECKS for case in _cases(check, subject)]
    reasons = dict(expected_failures or {})
    for name, reason in reasons.items():
        if name not in [case.id for case in cases]:
            raise UsageError(unknown("check", name, [case.id for case in cases]))
        if not reason:
            raise UsageError(f"the expected failure {name!r} has no reason; say why it fails")
    return [replace(case, expected_failure=reasons.get(case.id, "")) for case in cases]


def _is_world(plugin: Any) -> bool:
    return issubclass(plugin if inspect.isclass(plugin) else type(plugin), WorldSource)


def _cases(check: Check, subject: Subject) -> list[Case]:
    info = subject.learner.info
    skipped = check.not_due(type(subject.learner))
    rules = [rule for rule in info.rules if rule != "retrain"]
    if not check.per_rule:
        return [Case(f"{info.name}: {check.claim}", check, subject, skipped)]
    if not rules:
        return [Case(f"{info.name}: {check.claim}", check, subject, "its only rule is retrain")]
    return [Case(f"{info.name}-{rule}: {check.claim}", check, subject.under(rule), skipped) for rule in rules]


def _subject(learner: Any) -> Subject:
    if isinstance(learner, str):
        return Subject(_default(registry.learner(learner)), f"iml check {learner} --only {{only}}")
    cls: Any = learner if inspect.isclass(learner) else type(learner)
    check_contract(cls)
    if cls is learner:
        return Subject(_default(cls), again_for(cls))
    shown = repr(learner).replace("{", "{{").replace("}", "}}")
    return Subject(learner, f"iml_general.checks.run_checks({shown}, only={{only}})")


def _default(cls: Callable[[], AnyLearner[Any]]) -> AnyLearner[Any]:
    try:
        return cls()
    except TypeError as error:
        raise UsageError(f"{error}; give every field of a learner a default") from error


def _told(error: Exception) -> str:
    """One line: what was raised, and where in the learner's code."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    told = f"{type(error).__name__}: {error}".splitlines()[0]
    return f"raised {told} ({Path(frame.filename).name}, line {frame.lineno})"
