"""From a checked plan to the learners, settings and units of work that it means."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from iml_general import registry
from iml_general.encoded import encode_episodes
from iml_general.encoding import Encoding
from iml_general.errors import UsageError
from iml_general.learner import Learner
from iml_general.measure import Setting
from iml_general.options import configure, options_of
from iml_general.protocol import Protocol
from iml_general.seeds import Seed
from iml_general.study.plan import LearnerPlan, Plan
from iml_general.verdict import VerdictSettings

COHORT_SEEDS = 4
"""Seeds that one unit of a cohort learner trains together; part of what a plan's rows depend on."""


@dataclass(frozen=True)
class Entrant:
    """One learner configuration that takes part, under all its update rules.

    Attributes:
        name: The learner's name as the plan gives it.
        level: ``"default"`` for the learner's own defaults, ``"chosen"`` for options that the
            plan's author chose.
        variants: The learner once per update rule, alike in everything else.
        setting: World, protocol and encoding.
    """

    name: str
    level: str
    variants: tuple[Learner[Any], ...]
    setting: Setting

    def configuration(self, variant: Learner[Any]) -> str:
        """Identify all that a variant's rows depend on but the seed, as 12 hexadecimal digits."""
        parts = {
            "learner": [variant.info.name, options_of(variant)],
            "world": [self.setting.source.name, options_of(self.setting.source)],
            "protocol": options_of(self.setting.protocol),
            "encoding": options_of(self.setting.encoding),
        }
        text = json.dumps(parts, sort_keys=True)
        return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()


@dataclass(frozen=True)
class Unit:
    """One unit of work: a configuration over a block of seeds.

    Attributes:
        entrant: Who.
        seeds: The replicates.
    """

    entrant: Entrant
    seeds: tuple[Seed, ...]


@dataclass(frozen=True)
class Study:
    """A plan with every name looked up and every option checked.

    Attributes:
        plan: The resolved plan, every default spelled out, as nested JSON values; itself a plan.
        entrants: Who takes part, controls included.
        units: All units of work, in the order in which they are carried out.
        absent: Why a registered learner can't take part, by name.
    """

    plan: dict[str, Any]
    entrants: tuple[Entrant, ...]
    units: tuple[Unit, ...]
    absent: dict[str, str]


def resolve(plan: Plan) -> Study:
    """Look up and check everything that a plan names.

    Args:
        plan: A checked plan.

    Returns:
        The study.

    Raises:
        UsageError: For an unknown or broken learner or world, an option that is not allowed, or
            sizes that don't fit together.
    """
    where = f"world {plan.world.name!r}"
    source = configure(registry.world(plan.world.name), plan.world.options, where)
    protocol = configure(Protocol, plan.protocol, "protocol")
    verdict = configure(VerdictSettings, plan.verdict, "verdict")
    found = registry.learners()
    wanted = [*plan.learners, *_unnamed(plan, found)]
    absent = {name: f.reason for name, f in found.items() if f.reason and plan.all_learners}
    entrants = tuple(_entrant(one, plan, Setting(source, protocol)) for one in wanted)
    _refuse_twins(entrants)
    seeds = [Seed(plan.root_seed, "confirm", source.name, index) for index in range(plan.seeds)]
    for entrant in entrants:  # a world or a code that is too small shows before any work is done
        form = entrant.variants[0].info.form
        encode_episodes(protocol, source, entrant.setting.encoding, form, seeds[0])
    resolved = {
        **plan.model_dump(),
        "world": {"name": plan.world.name, "options": _spelled_out(source)},
        "protocol": _spelled_out(protocol),
        "encoding": _spelled_out(configure(Encoding, plan.encoding, "encoding")),
        "verdict": _spelled_out(verdict),
        "learners": [_spell_out_entrant(entrant) for entrant in entrants],
        "all_learners": False,
    }
    return Study(resolved, entrants, tuple(_units(entrants, seeds)), absent)


def _unnamed(plan: Plan, found: dict[str, registry.Found]) -> list[LearnerPlan]:
    """Registered learners that take part without being named: the controls, or all of them."""
    named = {one.name for one in plan.learners}
    controls = ("positive control", "negative control")
    return [
        LearnerPlan(name=name)
        for name, f in found.items()
        if not f.reason and name not in named and (plan.all_learners or f.value.info.role in controls)
    ]


def _entrant(one: LearnerPlan, plan: Plan, setting: Setting) -> Entrant:
    cls = registry.learner(one.name)
    where = f"learner {one.name!r}"
    if "rule" in one.options:
        raise UsageError(f"{where}: give update rules as `rules = [...]`, not as the option 'rule'")
    for rule in one.rules:
        if rule not in cls.info.rules:
            raise UsageError(f"{where} has no update rule {rule!r} (allowed: {', '.join(cls.info.rules)})")
    rules = tuple(one.rules) or cls.info.rules
    has_rule = len(cls.info.rules) > 1
    variants = tuple(
        configure(cls, {**one.options, "rule": rule} if has_rule else one.options, where) for rule in rules
    )
    encoding = configure(Encoding, {**plan.encoding, **one.encoding}, f"{where}: encoding")
    defaults = {**options_of(cls()), "rule": None}
    level = "default" if {**options_of(variants[0]), "rule": None} == defaults else "chosen"
    return Entrant(one.name, level, variants, Setting(setting.source, setting.protocol, encoding))


def _refuse_twins(entrants: tuple[Entrant, ...]) -> None:
    seen: set[str] = set()
    for entrant in entrants:
        for variant in entrant.variants:
            configuration = entrant.configuration(variant)
            if configuration in seen:
                raise UsageError(
                    f"the plan has learner {entrant.name!r} with rule {variant.active_rule!r} and the same"
                    " options twice: remove one"
                )
            seen.add(configuration)


def _units(entrants: tuple[Entrant, ...], seeds: list[Seed]) -> Iterator[Unit]:
    """Seed by seed, so that a run that is cut short has something of every learner."""
    for start in range(0, len(seeds)):
        for entrant in entrants:
            block = COHORT_SEEDS if entrant.variants[0].info.cohort else 1
            if start % block == 0:
                yield Unit(entrant, tuple(seeds[start : start + block]))


def _spell_out_entrant(entrant: Entrant) -> dict[str, Any]:
    options = _spelled_out(entrant.variants[0])
    options.pop("rule", None)
    return {
        "name": entrant.name,
        "rules": [variant.active_rule for variant in entrant.variants],
        "options": options,
        "encoding": _spelled_out(entrant.setting.encoding),
    }


def _spelled_out(instance: object) -> dict[str, Any]:
    # TOML has no null, and None is only ever a default.
    return {name: value for name, value in options_of(instance).items() if value is not None}
