"""Factors at several values, everything else fixed: several factors make a grid of points."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, product
from typing import Any, TypeVar

from iml_general.errors import UsageError, unknown
from iml_general.measuring.measure import Setting
from iml_general.options import configure, options_of
from iml_general.plugins import registry
from iml_general.protocol import Protocol, configure_protocol, protocol_options
from iml_general.rows import ANCHOR, POSITIVE, SUBJECT
from iml_general.study.plan.entrant import Entrant, with_options
from iml_general.study.plan.keys import SweepPlan

T = TypeVar("T")

SECTIONS = ("options", "encoding", "protocol", "world")

At = Sequence[tuple[SweepPlan, int]]
"""Where all factors stand: each with the place of its value among its values."""


@dataclass(frozen=True)
class _Key:
    """A key of a factor, such as ``"options.mlp.weight_decay"``.

    Attributes:
        section: One of `SECTIONS`.
        learner: The only learner that it concerns; empty if it concerns all.
        name: What is set there.
    """

    section: str
    learner: str
    name: str

    @classmethod
    def of(cls, text: str) -> _Key:
        section, _, name = text.partition(".")
        learner, _, option = name.rpartition(".") if section == "options" else ("", "", name)
        return cls(section, learner, option)

    def concerns(self, entrant: Entrant) -> bool:
        return self.learner in ("", entrant.name)


def named(factors: Sequence[SweepPlan]) -> list[SweepPlan]:
    """Check the factors of a sweep, and give a name to each that has none.

    Args:
        factors: As the plan has them.

    Returns:
        The same, each named: after its first key, without the section.

    Raises:
        UsageError: For a key that is no factor, a key or a name that is there twice, equal values, or a key
            that goes along with another number of values.
    """
    keys = [key for factor in factors for key in (*factor.factors, *factor.along)]
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
        for key, values in factor.along.items():
            if len(values) != len(factor.values):
                raise UsageError(
                    f"sweep: {key!r} goes along with factor {name!r}, which has {len(factor.values)} values,"
                    f" but has {len(values)}: give one for each"
                )
    return [factor.model_copy(update={"name": name}) for factor, name in zip(factors, names, strict=True)]


def sweep(factors: Sequence[SweepPlan], entrants: Sequence[Entrant]) -> Iterator[Entrant]:
    """Give every subject once per point of its grid, and the positive control beside it.

    A factor of some learners only is none to the others: their grid goes without it.

    Args:
        factors: As `named` gives them.
        entrants: Who takes part, as they are without the sweep.

    Yields:
        Subjects and upper anchors, which say where they stand. An anchor has no ``options`` of its own
        to be varied: where nothing else is, there is none.

    Raises:
        UsageError: If there is no such factor, a value that it can't have, or a subject that the first
            factor does not concern.
    """
    given: set[tuple[Entrant, str]] = set()
    _refuse_no_axis(factors[0], entrants)
    for places in product(*(range(len(factor.values)) for factor in factors)):
        at = list(zip(factors, places, strict=True))
        for entrant, point in _places(entrants, at):
            if (entrant, point) not in given:  # what is no factor to it brings it to the same place again
                given.add((entrant, point))
                yield _moved(entrant, point, at)


def _refuse_no_axis(first: SweepPlan, entrants: Sequence[Entrant]) -> None:
    """Every subject's curve is drawn over the first factor, so that has to vary something of each."""
    for entrant in entrants:
        if entrant.learner.info.role == SUBJECT and not _concerns(first, entrant):
            raise UsageError(
                f"sweep: the first factor is what curves are drawn over, but {first.factors[0]!r} does not"
                f" concern {entrant.name}: put a factor before it that concerns all, or give it a key of"
                f" every learner, such as options.{entrant.name}.NAME"
            )


def _concerns(factor: SweepPlan, entrant: Entrant) -> bool:
    return any(_Key.of(key).concerns(entrant) for key in (*factor.factors, *factor.along))


def _settings(at: At) -> Iterator[tuple[_Key, Any]]:
    """Every key that varies, with its value."""
    for factor, place in at:
        yield from ((_Key.of(key), factor.values[place]) for key in factor.factors)
        yield from ((_Key.of(key), values[place]) for key, values in factor.along.items())


def _places(entrants: Sequence[Entrant], at: At) -> Iterator[tuple[Entrant, str]]:
    """Who stands at which point when all factors have some value: the positive control at every subject's."""
    subjects = [entrant for entrant in entrants if entrant.learner.info.role == SUBJECT]
    surroundings = any(key.section != "options" for key, _ in _settings(at))
    for entrant in entrants:
        role = entrant.learner.info.role
        if role == SUBJECT:
            yield entrant, _point(entrant, at)
        elif role == POSITIVE and surroundings:
            yield from ((entrant, _point(subject, at)) for subject in subjects)


def _moved(entrant: Entrant, point: str, at: At) -> Entrant:
    if entrant.learner.info.role == SUBJECT:
        return replace(_changed(entrant, at), point=point)
    return replace(_changed(entrant, at, but="options"), point=point, role=ANCHOR)


def _name_of(key: str) -> str:
    return key.partition(".")[2].removeprefix("sources.")


def _check_key(text: str) -> None:
    key = _Key.of(text)
    if key.section not in SECTIONS or not key.name or ("." in key.name and key.section != "protocol"):
        allowed = ", ".join(f"{section}.NAME" for section in SECTIONS)
        raise UsageError(
            f"sweep: {text!r} is not a factor (allowed: {allowed}, options.LEARNER.NAME,"
            " protocol.sources.SOURCE.NAME)"
        )
    if key.learner and ":" not in key.learner and key.learner not in registry.registered("learners"):
        raise UsageError(
            f"sweep: {text!r}: {unknown('learner', key.learner, registry.registered('learners'))}"
        )


def _are_equal(one: Any, other: Any) -> bool:
    """Whether two values mean the same: 1 and 1.0 do, 1 and true do not."""
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)


def _point(entrant: Entrant, at: At) -> str:
    """The values of all factors that concern an entrant."""
    values = {factor.name: factor.values[place] for factor, place in at if _concerns(factor, entrant)}
    try:
        return json.dumps(values)
    except TypeError:
        raise UsageError(f"sweep: {values!r} holds a value that a plan can't hold") from None


def _changed(entrant: Entrant, at: At, but: str = "") -> Entrant:
    """One entrant at some values of the factors, but for those of one section."""
    by_section: dict[str, dict[str, Any]] = {section: {} for section in SECTIONS}
    for key, value in _settings(at):
        if key.concerns(entrant) and key.section != but:
            by_section[key.section][key.name] = value
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
