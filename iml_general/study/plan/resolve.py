"""From a checked plan to the learners, settings and units of work that it means."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from iml_general.encoding import Encoding
from iml_general.errors import UsageError
from iml_general.judging.decision import VerdictSettings
from iml_general.measuring.measure import Setting
from iml_general.options import configure, options_of
from iml_general.plugins import registry
from iml_general.protocol import Protocol
from iml_general.seeds import Purpose, Seed
from iml_general.study.plan.entrant import Entrant, Search, Unit
from iml_general.study.plan.keys import LearnerPlan, Plan
from iml_general.study.plan.size import too_large
from iml_general.study.plan.sweep import sweep

CONTROLS = ("ideal-observer", "tag-blind")
"""They take part in every study, and a study is invalid without their verdicts."""

COHORT_SEEDS = 4
"""Seeds that one unit of a cohort learner trains together; part of what a plan's rows depend on."""


@dataclass(frozen=True)
class Study:
    """A plan with every name looked up and every option checked.

    Attributes:
        plan: The resolved plan, every default spelled out, as nested JSON values; itself a plan.
        entrants: Configurations that take part as they are, controls included.
        searches: Configurations to be found.
        units: All units of work on confirmation seeds, in the order in which they are carried out.
        absent: Why a learner doesn't take part, by name: not installed, broken, or the study too large.
    """

    plan: dict[str, Any]
    entrants: tuple[Entrant, ...]
    searches: tuple[Search, ...]
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
    encoding = configure(Encoding, plan.encoding, "encoding")
    verdict = configure(VerdictSettings, plan.verdict, "verdict")
    wanted, absent = _wanted(plan)
    everyone = [(one, _entrant(one, plan, Setting(source, protocol))) for one in wanted]
    _refuse_twins([entrant for _, entrant in everyone])
    seeds = _seeds(plan, "confirm", source.name, plan.seeds)
    # A world or a code that is too small shows here, before any work.
    unfit = too_large([entrant for _, entrant in everyone], seeds[0])
    if plan.sweep is None:
        everyone = [(one, entrant) for one, entrant in everyone if entrant not in unfit]
        entrants = tuple(entrant for _, entrant in everyone)
    else:
        points = _points(plan, [entrant for _, entrant in everyone])
        unfit = too_large(points, seeds[0])
        entrants = tuple(entrant for entrant in points if entrant not in unfit)
    _refuse_nobody(entrants, unfit)
    searches = tuple(_searches(plan, everyone))
    if "default" not in plan.levels:  # controls vouch for whatever level is claimed
        entrants = tuple(entrant for entrant in entrants if entrant.learner.info.role != "subject")
    resolved = {
        **plan.model_dump(),
        "world": {"name": plan.world.name, "options": _spelled_out(source)},
        "protocol": _spelled_out(protocol),
        "encoding": dict(plan.encoding) if searches else _spelled_out(encoding),
        "verdict": _spelled_out(verdict),
        "learners": [_spell_out(*one, searched=bool(searches)) for one in everyone],
        "all_learners": False,
    }
    if plan.sweep is None:
        del resolved["sweep"]
    units = (*_units(entrants, seeds), *_units(searches, seeds))
    return Study(resolved, entrants, searches, units, absent | _by_name(unfit))


def _seeds(plan: Plan, purpose: Purpose, world: str, n: int) -> tuple[Seed, ...]:
    return tuple(Seed(plan.root_seed, purpose, world, index) for index in range(n))


def _wanted(plan: Plan) -> tuple[list[LearnerPlan], dict[str, str]]:
    """Learners that are to take part, and by name why others can't be loaded."""
    found = registry.learners() if plan.all_learners else {}
    reasons = {name: one.reason for name, one in found.items()}
    reasons |= {one.name: registry.why_not(one.name) for one in plan.learners if one.optional}
    absent = {name: reason for name, reason in reasons.items() if reason}
    named = [one for one in plan.learners if not (one.optional and one.name in absent)]
    return [*named, *_unnamed(plan, found)], absent


def _unnamed(plan: Plan, found: dict[str, registry.Found]) -> list[LearnerPlan]:
    """Learners that take part without being named: the controls, or all that can be loaded.

    Only what takes part is loaded: a study of forests need not wait for torch.
    """
    named = {one.name for one in plan.learners}
    usable = [name for name, f in found.items() if not f.reason] if plan.all_learners else CONTROLS
    return [LearnerPlan(name=name) for name in usable if name not in named]


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


def _points(plan: Plan, entrants: list[Entrant]) -> list[Entrant]:
    """Controls as they are, and every subject at each value of the sweep."""
    assert plan.sweep is not None
    if plan.levels != ["default"]:
        raise UsageError("sweep: a plan with a sweep has no other levels; leave `levels` out")
    controls = [entrant for entrant in entrants if entrant.learner.info.role != "subject"]
    return [*controls, *sweep(plan.sweep, tuple(entrants))]


def _by_name(unfit: dict[Entrant, str]) -> dict[str, str]:
    """Reasons by the learner's name, and in a sweep by the value that is too much for it."""
    return {
        f"{entrant.name} at {entrant.level}" if "=" in entrant.level else entrant.name: reason
        for entrant, reason in unfit.items()
    }


def _refuse_nobody(entrants: tuple[Entrant, ...], unfit: dict[Entrant, str]) -> None:
    if unfit and all(entrant.learner.info.role != "subject" for entrant in entrants):
        reasons = "; ".join(f"{name}: {reason}" for name, reason in _by_name(unfit).items())
        raise UsageError(f"no learner is left to study: {reasons}")


def _refuse_twins(entrants: list[Entrant]) -> None:
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


def _searches(plan: Plan, everyone: list[tuple[LearnerPlan, Entrant]]) -> Iterator[Search]:
    for level in ("tuned", "sought"):
        for one, entrant in everyone:
            if level not in plan.levels or entrant.learner.info.role != "subject":
                continue
            fixed_encoding = (*plan.encoding, *one.encoding) if plan.search.encodings else None
            seeds = _seeds(plan, "search", entrant.setting.source.name, plan.search.seeds)
            n_trials = one.trials or plan.search.trials
            yield Search(level, entrant, tuple(one.options), fixed_encoding, n_trials, seeds)


def _units(who: Sequence[Entrant | Search], seeds: tuple[Seed, ...]) -> Iterator[Unit]:
    """Seed by seed, so that a run that is cut short has something of every learner."""
    for start in range(len(seeds)):
        for one in who:
            block = COHORT_SEEDS if one.learner.info.cohort else 1
            if start % block == 0:
                yield Unit(one, seeds[start : start + block])


def _spell_out(one: LearnerPlan, entrant: Entrant, searched: bool) -> dict[str, Any]:
    """A learner's part of the resolved plan; where a search runs, what it may vary stays unsaid."""
    options = dict(one.options) if searched else _spelled_out(entrant.variants[0])
    encoding = dict(one.encoding) if searched else _spelled_out(entrant.setting.encoding)
    options.pop("rule", None)
    rules = [variant.active_rule for variant in entrant.variants]
    spelled = {"name": entrant.name, "rules": rules, "options": options, "encoding": encoding}
    return spelled if one.trials is None else {**spelled, "trials": one.trials}


def _spelled_out(instance: object) -> dict[str, Any]:
    # TOML has no null, and None is only ever a default.
    return {name: value for name, value in options_of(instance).items() if value is not None}
