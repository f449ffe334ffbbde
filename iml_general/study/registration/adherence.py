"""A finished or unfinished run beside what was written down before it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from iml_general.study.plan.origin import CODE_OF, VERSION_OF, differences
from iml_general.study.registration.registration import (
    DATE_FORMAT,
    PlannedRun,
    Registration,
    plan_digest,
    without_null,
)
from iml_general.study.storage.adherence import Adherence, Point
from iml_general.study.storage.record import REUSED_SINCE, REUSED_UNITS, RunRecord

TO_THE_MINUTE = "%Y-%m-%d %H:%M UTC"
"""How earlier versions wrote down when a run was begun."""
SHOWN, LONGEST = 3, 300  # differences that are shown, and letters of each


def with_adherence(records: Sequence[RunRecord], registration: Registration | None) -> list[RunRecord]:
    """Compare runs with a preregistration.

    Args:
        records: The runs.
        registration: What was written down; None if nothing was.

    Returns:
        The runs, each with what was found.
    """
    if registration is None:
        return list(records)
    return [replace(record, adherence=adherence(record, registration)) for record in records]


def adherence(record: RunRecord, registration: Registration) -> Adherence:
    """Compare a run with a preregistration: everything is taken from the run's own record.

    Args:
        record: The run.
        registration: What was written down.

    Returns:
        What was kept to, and what was not.
    """
    planned = _meant(record, registration)
    points = (
        _plan(record, planned),
        _code(record.provenance, planned),
        _seeds(record, planned),
        _begin(record.provenance, registration.registered),
    )
    registered = registration.registered.strftime(DATE_FORMAT)
    return Adherence(registered, registration.sha256, registration.claims, points)


def _meant(record: RunRecord, registration: Registration) -> PlannedRun | None:
    """The planned run that a run is: of the same plan, else of the same name."""
    digest = plan_digest(record.plan)
    same = [one for one in registration.runs if one.plan_sha256 == digest]
    alike = [one for one in registration.runs if one.name == record.name]
    return next(iter(same + alike), None)


def _plan(record: RunRecord, planned: PlannedRun | None) -> Point:
    if planned is None:
        return Point("plan", False, f"no plan named {record.name!r} was written down")
    found = list(differences(planned.plan, without_null(record.plan), ("then", "in the run")))
    return Point("plan", not found, _shown(found) or "the plan is the one that was written down")


def _code(facts: Mapping[str, str], planned: PlannedRun | None) -> Point:
    if planned is None:
        return Point("code", None, "there is nothing to compare it with")
    prefixes = (CODE_OF, VERSION_OF)
    then = {name: text for name, text in planned.code.items() if name.startswith(prefixes)}
    now = {name: text for name, text in facts.items() if name.startswith(prefixes)}
    if not any(name.startswith(CODE_OF) for name in now):
        return Point("code", None, "the run was begun by a version that did not write down its code")
    found = list(differences(then, now, ("then", "in the run")))
    return Point(
        "code", not found, _shown(found) or "packages and libraries are those that were written down"
    )


def _seeds(record: RunRecord, planned: PlannedRun | None) -> Point:
    if planned is None:
        return Point("seeds", None, "there is nothing to compare them with")
    if record.provenance.get("seeds") != planned.seeds:
        given = record.provenance.get("seeds", "not known")
        return Point("seeds", False, f"then {planned.seeds}, in the run {given}")
    others = sorted(set(record.scores["seed"]) - set(range(planned.plan["seeds"])))
    if others:
        return Point("seeds", False, f"rows of other seeds: {', '.join(map(str, others[:SHOWN]))}")
    return Point("seeds", True, f"all rows are of {planned.seeds}")


def _begin(facts: Mapping[str, str], registered: datetime) -> Point:
    point = _begun(facts, registered)
    if point.kept and facts.get(REUSED_SINCE, "") and not _is_later(facts[REUSED_SINCE], registered):
        reused = f"{facts[REUSED_UNITS]} were reused, the first measured {facts[REUSED_SINCE]}"
        return Point("begin", False, reused)
    return point


def _is_later(text: str, registered: datetime) -> bool:
    """Whether a date that a run wrote down is one after the registration."""
    try:
        return datetime.strptime(text, DATE_FORMAT).replace(tzinfo=UTC) > registered
    except ValueError:
        return False


def _begun(facts: Mapping[str, str], registered: datetime) -> Point:
    text = facts.get("begun", "")
    for form, lasts in ((DATE_FORMAT, timedelta()), (TO_THE_MINUTE, timedelta(seconds=59))):
        try:
            begun = datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
        why = f"the run was begun {text}, by its own record"
        if begun <= registered <= begun + lasts:
            return Point("begin", None, f"{why}: too close to tell which came first")
        return Point("begin", begun > registered, why)
    return Point("begin", None, "the run's record does not say when it was begun")


def _shown(found: Sequence[str]) -> str:
    more = f"; and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return "; ".join(_short(found[:SHOWN])) + more


def _short(texts: Sequence[str]) -> Iterator[str]:
    for text in texts:
        short = re.sub(r"\b([0-9a-f]{12})[0-9a-f]{52}\b", r"\1...", text)
        yield short if len(short) <= LONGEST else f"{short[: LONGEST - 3]}..."
