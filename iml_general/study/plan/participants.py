"""Who takes part in a study, by its plan: learners that can be loaded and that it is not too large for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from iml_general.encoding import Encoding
from iml_general.errors import UsageError
from iml_general.learner import CLASSES, NUMBERS, AnyLearner
from iml_general.measuring.encoded import encoder_of
from iml_general.measuring.faults import answers_otherwise
from iml_general.measuring.measure import Setting
from iml_general.options import configure, options_of
from iml_general.plugins import registry
from iml_general.protocol import Condition, Protocol, episodes_of
from iml_general.rows import SUBJECT
from iml_general.seeds import Seed
from iml_general.study.plan.entrant import Entrant
from iml_general.study.plan.keys import LearnerPlan, Plan
from iml_general.worlds.world import WorldSource

CONTROLS = {
    CLASSES: ("ideal-observer", "tag-blind"),
    NUMBERS: ("ideal-observer-of-numbers", "tag-blind-regressor"),
}
"""By what is answered with, who takes part in every study: one is invalid without their findings."""

Here = Mapping[str, type[AnyLearner[Any]]]
"""Learners that only this process has, by the names that a plan has for them."""

NOBODY: Here = {}


def wanted(plan: Plan) -> tuple[list[LearnerPlan], dict[str, str]]:
    """Find out who is to take part.

    Args:
        plan: A checked plan.

    Returns:
        The learners: those that the plan names, and the controls or all that can be loaded and answer with
        what the world asks for. And why others can't be loaded, by name.

    Raises:
        UsageError: If an optional learner is neither registered nor a path.
    """
    found = registry.learners() if plan.all_learners else {}
    reasons = {name: one.reason for name, one in found.items()}
    reasons |= {one.name: registry.why_not(one.name) for one in plan.learners if one.optional}
    absent = {name: reason for name, reason in reasons.items() if reason}
    named = [one for one in plan.learners if not (one.optional and one.name in absent)]
    # Only what takes part is loaded: a study of forests need not wait for torch.
    kind = registry.world(plan.world.name).answer_kind
    fitting = (name for name, f in found.items() if not f.reason and f.value.answer_kind == kind)
    usable = tuple(fitting) if plan.all_learners else CONTROLS[kind]
    known = {one.name for one in plan.learners}
    return [*named, *(LearnerPlan(name=name) for name in usable if name not in known)], absent


def entrant(
    one: LearnerPlan, plan: Plan, source: WorldSource, protocol: Protocol, here: Here = NOBODY
) -> Entrant:
    """Look one learner up and check all that the plan says of it.

    Args:
        one: What the plan says of it.
        plan: The plan, for the study's encoding.
        source: Draws the worlds.
        protocol: The study's protocol.
        here: Learners that only this process has.

    Returns:
        The learner as it takes part at level ``default``, or ``chosen`` if it has options of its own.

    Raises:
        UsageError: If there is no such learner, rule or option.
    """
    cls = here.get(one.name) or registry.learner(one.name)
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
    return Entrant(one.name, level, variants, Setting(source, protocol, encoding))


def refuse_same(entrants: Iterable[Entrant]) -> None:
    """Refuse a learner that takes part twice in the same way: its rows could not be told apart.

    Raises:
        UsageError: If there is one.
    """
    seen: set[str] = set()
    for one in entrants:
        for variant in one.variants:
            configuration = one.configuration(variant)
            if configuration in seen:
                raise UsageError(
                    f"the plan has learner {one.name!r} with rule {variant.active_rule!r} and the same"
                    " options twice: remove one"
                )
            seen.add(configuration)


def unfit(entrants: Iterable[Entrant], seed: Seed, conditions: Sequence[Condition]) -> dict[Entrant, str]:
    """Find who can't learn from what the study has: a world or a code that is too small shows here.

    Args:
        entrants: Configurations that would take part.
        seed: One replicate, which stands for all.
        conditions: The study's conditions.

    Returns:
        The reason, by the entrants that it keeps out. Controls stay, however many rows there are:
        without them a study is invalid.

    Raises:
        UsageError: If a world or a code is too small for the protocol's groups, or a control can't read it.
    """
    reasons = {}
    for one in entrants:
        otherwise = answers_otherwise(one.learner, one.setting.source)
        if otherwise:  # controls too: the world has its own
            reasons[one] = otherwise
            continue
        is_subject = one.learner.info.role == SUBJECT
        form, forms = one.learner.info.form, one.setting.source.forms
        if form not in forms:
            world = one.setting.source.name
            reason = f"it reads {form}, and world {world!r} offers {', '.join(forms)} only"
            if not is_subject:
                raise UsageError(f"learner {one.name!r} has to take part: {reason}; choose another world")
            reasons[one] = reason
            continue
        limit, n_rows = one.learner.info.max_rows, _n_rows(one.setting, form, seed, tuple(conditions))
        if is_subject and limit is not None and n_rows > limit:
            reasons[one] = (
                f"it can learn from {limit:,} rows at most (its info.max_rows),"
                f" and all stages have {n_rows:,}; have fewer aliases or questions"
            )
    return reasons


def refuse_nobody(entrants: Iterable[Entrant], reasons: dict[Entrant, str]) -> None:
    """Refuse a study that has lost all its subjects.

    Raises:
        UsageError: If there is none among the entrants; says why each is missing.
    """
    if reasons and all(one.learner.info.role != SUBJECT for one in entrants):
        titles: dict[str, list[str]] = {}
        for one, reason in reasons.items():
            titles.setdefault(reason, []).append(one.title)
        texts = "; ".join(f"{', '.join(names)}: {reason}" for reason, names in titles.items())
        raise UsageError(
            f"no learner is left to study: {texts}; choose other learners or another world"
            " (`iml learners` and `iml worlds` list them)"
        )


@lru_cache(maxsize=64)
def _n_rows(at: Setting, form: str, seed: Seed, conditions: tuple[Condition, ...]) -> int:
    """Rows of all stages together, in the condition that has most of them.

    Drawn, but not encoded: every process checks the plan, and of a large world the rows are gigabytes.
    """
    episodes = episodes_of(at.protocol, at.source, seed, conditions)
    encoder = encoder_of(at.protocol, at.encoding, form, next(iter(episodes.values())))
    most = max(sum(len(stage.rows) for stage in episode.stages) for episode in episodes.values())
    return encoder.per_row * most
