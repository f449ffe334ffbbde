"""Factors at several values, everything else fixed: several factors make a grid of points."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations, product
from typing import Any, TypeVar

from iml_general.errors import UsageError
from iml_general.measuring.measure import Setting
from iml_general.options import configure, options_of
from iml_general.protocol import Protocol, configure_protocol, protocol_options
from iml_general.rows import ANCHOR, POSITIVE, SUBJECT
from iml_general.study.plan.entrant import Entrant, with_options
from iml_general.study.plan.keys import SweepPlan

T = TypeVar("T")

SECTIONS = ("options", "encoding", "protocol", "world")


def named(factors: Sequence[SweepPlan]) -> list[SweepPlan]:
    """Check the factors of a sweep, and give a name to each that has none.

    Args:
        factors: As the plan has them.

    Returns:
        The same, each named: after its first key, without the section.

    Raises:
        UsageError: For a key that is no factor, a key or a name that is there twice, or equal values.
    """
    keys = [key for factor in factors for key in factor.factors]
    for key in keys:
        _check_key(key)
    names = [factor.name or _name_of(factor.factors[0]) for factor in factors]
    for what, texts in (("key", keys), ("name", names)):
        for text, number in Counter(texts).items():
            if number > 1:
                raise UsageError(
                    f"sweep: the {what} {text!r} is there {number} times: every factor has its own"
                )
    for factor, name in zip(factors, names, strict=True):
        for one, other in combinations(factor.values, 2):
            if _are_equal(one, other):
                raise UsageError(f"sweep: factor {name!r} has the value {one!r} twice: remove one")
    return [factor.model_copy(update={"name": name}) for factor, name in zip(factors, names, strict=True)]


def sweep(factors: Sequence[SweepPlan], entrants: Sequence[Entrant]) -> Iterator[Entrant]:
    """Give every subject once per point of the grid, and the positive control beside it.

    Args:
        factors: As `named` gives them.
        entrants: Who takes part, as they are without the sweep.

    Yields:
        Subjects and upper anchors, which say where they stand. An anchor has no ``options`` of its own
        to be varied: where nothing else is, there is none.

    Raises:
        UsageError: If there is no such factor, or a value that it can't have.
    """
    surroundings = any(not key.startswith("options.") for factor in factors for key in factor.factors)
    for values in product(*(factor.values for factor in factors)):
        point = _point(dict(zip((factor.name for factor in factors), values, strict=True)))
        changes = {
            key: value for factor, value in zip(factors, values, strict=True) for key in factor.factors
        }
        for entrant in entrants:
            role = entrant.learner.info.role
            if role == SUBJECT:
                yield replace(_changed(entrant, changes), point=point)
            elif role == POSITIVE and surroundings:
                around = {key: value for key, value in changes.items() if not key.startswith("options.")}
                yield replace(_changed(entrant, around), point=point, role=ANCHOR)


def _name_of(key: str) -> str:
    return key.partition(".")[2].removeprefix("sources.")


def _check_key(key: str) -> None:
    section, _, name = key.partition(".")
    if section not in SECTIONS or not name or ("." in name and section != "protocol"):
        allowed = ", ".join(f"{section}.NAME" for section in SECTIONS)
        raise UsageError(f"sweep: {key!r} is not a factor (allowed: {allowed}, protocol.sources.SOURCE.NAME)")


def _are_equal(one: Any, other: Any) -> bool:
    """Whether two values mean the same: 1 and 1.0 do, 1 and true do not."""
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)


def _point(values: Mapping[str, Any]) -> str:
    try:
        return json.dumps(values)
    except TypeError:
        raise UsageError(f"sweep: {dict(values)!r} holds a value that a plan can't hold") from None


def _changed(entrant: Entrant, changes: Mapping[str, Any]) -> Entrant:
    """One entrant with some keys set."""
    by_section: dict[str, dict[str, Any]] = {section: {} for section in SECTIONS}
    for key, value in changes.items():
        section, _, name = key.partition(".")
        by_section[section][name] = value
    setting = entrant.setting
    return replace(
        entrant,
        variants=tuple(with_options(variant, by_section["options"]) for variant in entrant.variants),
        setting=Setting(
            source=_with(setting.source, by_section["world"], "sweep: world"),
            protocol=_protocol_with(setting.protocol, by_section["protocol"]),
            encoding=_with(setting.encoding, by_section["encoding"], "sweep: encoding"),
        ),
    )


def _with(instance: T, changes: Mapping[str, Any], where: str) -> T:
    return configure(type(instance), {**options_of(instance), **changes}, where) if changes else instance


def _protocol_with(protocol: Protocol, changes: Mapping[str, Any]) -> Protocol:
    options = protocol_options(protocol)
    for path, value in changes.items():
        *sections, last = path.split(".")
        place = options
        for section in sections:
            place = place.setdefault(section, {})
            if not isinstance(place, dict):
                raise UsageError(f"sweep: 'protocol.{path}' is not a factor: {section!r} holds no keys")
        before = place.get(last)
        is_part = isinstance(before, dict) and isinstance(value, dict)  # of a source's table
        place[last] = {**(before or {}), **value} if is_part else value
    return configure_protocol(options, "sweep: protocol")
