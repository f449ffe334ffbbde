"""From a checked plan to the learners, settings and units of work that it means."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from iml_general.encoding import Encoding
from iml_general.errors import UsageError, unknown
from iml_general.judging.decision import VerdictSettings
from iml_general.learner import Cohort
from iml_general.options import configure, options_of
from iml_general.plugins import registry
from iml_general.protocol import Condition, configure_protocol, protocol_options
from iml_general.rows import NEGATIVE, POSITIVE, SUBJECT
from iml_general.seeds import Purpose, Seed
from iml_general.study.plan import participants
from iml_general.study.plan.entrant import Entrant
from iml_general.study.plan.keys import LearnerPlan, Plan, SweepPlan
from iml_general.study.plan.sample import sample
from iml_general.study.plan.search import COMPETENCE, Search, objectives
from iml_general.study.plan.sweep import named, sweep

MOST_ALIASES = 1_000_000
"""Of one world: more of them are a slip of the hand, and would fill the memory before anything is said."""


@dataclass(frozen=True)
class Unit:
    """One unit of work: a configuration over a block of fresh seeds.

    Attributes:
        who: The configuration, or the search that finds it.
        seeds: The replicates.
    """

    who: Entrant | Search
    seeds: tuple[Seed, ...]


@dataclass(frozen=True)
class Study:
    """A plan with every name looked up and every option checked.

    Attributes:
        plan: The resolved plan, every default spelled out, as nested JSON values; itself a plan.
        conditions: What every learner goes through on every seed, the primary one first.
        entrants: Configurations that take part as they are, controls included.
        searches: Configurations to be found.
        units: All units of work on confirmation seeds, in the order in which they are carried out.
        absent: Why a learner doesn't take part, by name: not installed, broken, or the study too large.
    """

    plan: dict[str, Any]
    conditions: tuple[Condition, ...]
    entrants: tuple[Entrant, ...]
    searches: tuple[Search, ...]
    units: tuple[Unit, ...]
    absent: dict[str, str]

    @property
    def has_learners(self) -> bool:
        """Whether there is anybody else than the two controls that vouch for a study."""
        everyone: list[Entrant | Search] = [*self.entrants, *self.searches]
        return any(one.learner.info.role not in (POSITIVE, NEGATIVE) for one in everyone)

    @property
    def searched(self) -> tuple[Condition, Condition]:
        """The conditions that a search measures: the study's primary one and its control."""
        primary, *others = self.conditions
        return primary, next(condition for condition in others if condition.name == primary.control)


def resolve(plan: Plan, here: participants.Here = participants.NOBODY) -> Study:
    """Look up and check everything that a plan names.

    Args:
        plan: A checked plan.
        here: Learners that only this process has, by the names that the plan has for them: no other
            process can carry out such a study.

    Returns:
        The study.

    Raises:
        UsageError: For an unknown or broken learner, world, condition or effect, an option that is not
            allowed, or sizes that don't fit together.
    """
    where = f"world {plan.world.name!r}"
    source = configure(registry.world(plan.world.name), plan.world.options, where)
    protocol = configure_protocol(plan.protocol)
    if protocol.n_aliases > MOST_ALIASES:
        raise UsageError(
            f"protocol: the world would have {protocol.n_aliases:,} aliases, and {MOST_ALIASES:,} is the"
            " most: make the groups smaller"
        )
    encoding = configure(Encoding, plan.encoding, "encoding")
    verdict = configure(VerdictSettings, plan.verdict, "verdict")
    conditions = _conditions(plan)
    _refuse_other_levels(plan)
    factors = named(plan.sweep)
    effects = [effect.name for effect in registry.all_effects()]
    sought = objectives(plan.search.maximise, effects)
    for key in ("predictor", "outcome"):
        name = getattr(plan.prediction, key)
        if name not in effects:
            raise UsageError(f"prediction.{key}: {unknown('effect', name, effects)}")
    wanted, absent = participants.wanted(plan)
    everyone = [(one, participants.entrant(one, plan, source, protocol, here)) for one in wanted]
    participants.refuse_same([entrant for _, entrant in everyone])
    seeds = _seeds(plan, "confirm", source.name, plan.seeds)
    unfit = participants.unfit([entrant for _, entrant in everyone], seeds[0], conditions)
    if factors or plan.sample:
        points = _points(plan, factors, everyone)
        unfit = participants.unfit(points, seeds[0], conditions)
        entrants = tuple(entrant for entrant in points if entrant not in unfit)
    else:
        everyone = [(one, entrant) for one, entrant in everyone if entrant not in unfit]
        entrants = tuple(entrant for _, entrant in everyone)
    participants.refuse_nobody(entrants, unfit)
    searches = tuple(_searches(plan, everyone, sought))
    if not (factors or plan.sample):
        entrants = tuple(entrant for one, entrant in everyone if _takes_part_as_it_is(plan, one, entrant))
    varied = bool(searches or plan.sample)  # what may vary stays unsaid in the resolved plan
    resolved = {
        **plan.model_dump(),
        "world": {"name": plan.world.name, "options": _spelled_out(source)},
        "protocol": protocol_options(protocol),
        "encoding": dict(plan.encoding) if varied else _spelled_out(encoding),
        "verdict": _spelled_out(verdict),
        "learners": [_spell_out(*one, varied) for one in everyone],
        "all_learners": False,
        "sweep": [factor.model_dump(exclude_defaults=True) for factor in factors],
    }
    units = (*_units(entrants, seeds), *_units(searches, seeds))
    reasons = {entrant.title: reason for entrant, reason in unfit.items()}
    return Study(resolved, conditions, entrants, searches, units, absent | reasons)


def _conditions(plan: Plan) -> tuple[Condition, ...]:
    """The plan's conditions, each beside the one that it is compared with, and the primary one first."""
    conditions = tuple(registry.condition(name) for name in plan.conditions)
    names = [condition.name for condition in conditions]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(f"conditions: {name!r} is there twice: remove one")
    for condition in conditions:
        if condition.control and condition.control not in names:
            raise UsageError(
                f"conditions: {condition.name!r} is compared with {condition.control!r}, which is not among"
                f" them ({', '.join(names)}): add it, or leave {condition.name!r} out"
            )
    primary = next((condition for condition in conditions if condition.control), None)
    if primary is None:
        raise UsageError(
            f"conditions: none of them ({', '.join(names)}) is compared with another, so nothing could be"
            ' said of a learner: add "informative" and "shuffled"'
        )
    return (primary, *(condition for condition in conditions if condition is not primary))


def _seeds(plan: Plan, purpose: Purpose, world: str, n: int) -> tuple[Seed, ...]:
    return tuple(Seed(plan.root_seed, purpose, world, index) for index in range(n))


def _points(
    plan: Plan, factors: Sequence[SweepPlan], everyone: Sequence[tuple[LearnerPlan, Entrant]]
) -> list[Entrant]:
    """Controls as they are, and every subject at each point of the sweep or of the sample."""
    what = "sample" if plan.sample else "sweep"
    if plan.levels != ["default"]:
        raise UsageError(f"{what}: a plan with a {what} has no other levels; leave `levels` out")
    if factors and plan.sample:
        raise UsageError("sample: a plan has a sample or a sweep, not both; leave either out")
    controls = [entrant for _, entrant in everyone if entrant.learner.info.role != SUBJECT]
    if factors:
        return [*controls, *sweep(factors, [entrant for _, entrant in everyone])]
    subjects = [one for one in everyone if one[1].learner.info.role == SUBJECT]
    spaces = [_search(plan, *one, "sampled", ()) for one in subjects]
    return [*controls, *(entrant for space in spaces for entrant in sample(space, plan.sample))]


def _refuse_other_levels(plan: Plan) -> None:
    for one in plan.learners:
        for level in one.levels:
            if level not in plan.levels:
                raise UsageError(
                    f"learner {one.name!r}: levels: {level!r} is not among the plan's own"
                    f" ({', '.join(plan.levels)}): add it to `levels` there, or leave it out here"
                )


def _levels(plan: Plan, one: LearnerPlan) -> list[str]:
    return [level for level in plan.levels if not one.levels or level in one.levels]


def _takes_part_as_it_is(plan: Plan, one: LearnerPlan, entrant: Entrant) -> bool:
    """Whether it is measured with the plan's options; controls vouch for whatever level is claimed."""
    return "default" in _levels(plan, one) or entrant.learner.info.role != SUBJECT


def _searches(
    plan: Plan, everyone: Sequence[tuple[LearnerPlan, Entrant]], sought: tuple[str, ...]
) -> Iterator[Search]:
    for level, maximised in (("tuned", (COMPETENCE,)), ("sought", sought)):
        for one, entrant in everyone:
            if level not in _levels(plan, one) or entrant.learner.info.role != SUBJECT:
                continue
            yield _search(plan, one, entrant, level, maximised)


def _search(plan: Plan, one: LearnerPlan, entrant: Entrant, level: str, maximised: tuple[str, ...]) -> Search:
    varies = plan.search.encodings and entrant.setting.source.coded
    fixed_encoding = (*plan.encoding, *one.encoding) if varies else None
    seeds = _seeds(plan, "search", entrant.setting.source.name, plan.search.seeds)
    n_trials = one.trials or plan.search.trials
    return Search(level, entrant, tuple(one.options), fixed_encoding, n_trials, seeds, maximised)


def _units(who: Sequence[Entrant | Search], seeds: tuple[Seed, ...]) -> Iterator[Unit]:
    """Seed by seed, so that a run that is cut short has something of every learner."""
    for start in range(len(seeds)):
        for one in who:
            learner = (one if isinstance(one, Entrant) else one.start).variants[0]
            block = learner.seeds_at_once if isinstance(learner, Cohort) else 1
            if start % block == 0:
                yield Unit(one, seeds[start : start + block])


def _spell_out(one: LearnerPlan, entrant: Entrant, varied: bool) -> dict[str, Any]:
    """A learner's part of the resolved plan; what may vary stays unsaid."""
    options = dict(one.options) if varied else _spelled_out(entrant.variants[0])
    encoding = dict(one.encoding) if varied else _spelled_out(entrant.setting.encoding)
    options.pop("rule", None)
    rules = [variant.active_rule for variant in entrant.variants]
    spelled = {"name": entrant.name, "rules": rules, "options": options, "encoding": encoding}
    given = {"trials": one.trials, "levels": one.levels}  # what is left out follows the plan
    return {**spelled, **{name: value for name, value in given.items() if value}}


def _spelled_out(instance: object) -> dict[str, Any]:
    # TOML has no null, and None is only ever a default.
    return {name: value for name, value in options_of(instance).items() if value is not None}
