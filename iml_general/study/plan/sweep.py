"""One factor at several levels, everything else fixed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from iml_general.errors import UsageError
from iml_general.measuring.measure import Setting
from iml_general.options import configure, options_of
from iml_general.study.plan.entrant import Entrant, with_options
from iml_general.study.plan.keys import SweepPlan

T = TypeVar("T")

ANCHOR = "upper anchor"
"""Role of the positive control at a level of the sweep: what could be had there."""

SECTIONS = ("options", "encoding", "protocol", "world")


def sweep(plan: SweepPlan, entrants: tuple[Entrant, ...]) -> Iterator[Entrant]:
    """Give every subject once per value, and the positive control beside it.

    Args:
        plan: The factor and its values.
        entrants: Who takes part, as they are without the sweep.

    Yields:
        Subjects and upper anchors; their level is the factor and its value. An anchor has no
        ``options`` of its own to be varied: there it is what it is without the sweep.

    Raises:
        UsageError: If there is no such factor, or a value that it can't have.
    """
    for key in plan.factors:
        if key.split(".")[0] not in SECTIONS or key.count(".") != 1:
            allowed = ", ".join(f"{section}.NAME" for section in SECTIONS)
            raise UsageError(f"sweep: {key!r} is not a factor (allowed: {allowed})")
    touches_learners = any(key.startswith("options.") for key in plan.factors)
    for value in plan.values:
        text = value if isinstance(value, str) else f"{value:g}" if isinstance(value, float) else str(value)
        level = f"{plan.factors[0].partition('.')[2]}={text}"
        for entrant in entrants:
            role = entrant.learner.info.role
            if role == "subject":
                yield _at(plan, entrant, level, value)
            elif role == "positive control" and not touches_learners:
                yield replace(_at(plan, entrant, level, value), role=ANCHOR)


def _at(plan: SweepPlan, entrant: Entrant, level: str, value: Any) -> Entrant:
    """One entrant with all factors of the sweep at one value."""
    changes: dict[str, dict[str, Any]] = {section: {} for section in SECTIONS}
    for key in plan.factors:
        section, _, name = key.partition(".")
        changes[section][name] = value
    variants = tuple(with_options(variant, changes["options"]) for variant in entrant.variants)
    setting = Setting(
        source=_changed(entrant.setting.source, changes["world"], "sweep: world"),
        protocol=_changed(entrant.setting.protocol, changes["protocol"], "sweep: protocol"),
        encoding=_changed(entrant.setting.encoding, changes["encoding"], "sweep: encoding"),
    )
    return replace(entrant, level=level, variants=variants, setting=setting)


def _changed(instance: T, changes: Mapping[str, Any], where: str) -> T:
    return configure(type(instance), {**options_of(instance), **changes}, where) if changes else instance


def swept_value(plan: Mapping[str, Any] | None, level: str) -> tuple[str, str]:
    """Read factor and value back from a level's name.

    Args:
        plan: The resolved plan's ``sweep``; None if it has none.
        level: A level.

    Returns:
        Name of the factor and text of its value; both empty for a level that is not of the sweep.
    """
    name, equals, value = level.partition("=")
    return (name, value) if plan and equals else ("", "")
