"""Claims about a study of the world: what the protocol makes of it, and what the controls show on it."""

from __future__ import annotations

import numpy as np

from iml_general.checks.result import CheckFailedError, require
from iml_general.checks.worlds.independence import LEAST_EXPECTED, LEVEL, grouped, p_value
from iml_general.checks.worlds.subject import WorldSubject
from iml_general.encoding import FORMS, Encoding
from iml_general.measuring.encoded import encode_episodes
from iml_general.measuring.measure import Setting, measure
from iml_general.plugins import registry
from iml_general.protocol import BUILT_IN, INFORMATIVE, SHUFFLED
from iml_general.protocol.sources import RELIABLE, TAUGHT_GROUPS, UNRELIABLE
from iml_general.study.plan.participants import CONTROLS
from iml_general.worlds.world import UNKNOWN

N_MEASURED = 2
LEAST_FALSE = 0.1
"""Share of what is said of the contradicted aliases that must be false: what the tags differ in."""
IDEAL, BLIND = 0.5, 0.05
"""Trust that the ideal observer must have at least, and the tag-blind learner at most."""


def lies_can_be_told(subject: WorldSubject) -> str:
    """In every draw another alias of a group has another answer to each question, so that lies are false."""
    false = []
    for drawn in subject.drawn:
        members = drawn.members(TAUGHT_GROUPS[UNRELIABLE])
        said, truth = drawn.said[members], drawn.world.answers[members]
        for name, answers in zip(drawn.world.question_names, truth.T, strict=True):
            different = len(np.unique(answers[answers != UNKNOWN]))
            seen = f"all {len(members)} aliases of a group have the same answer to {name!r}, or none"
            require(different > 1, seen, "aliases of one draw that differ in every question")
        is_false = (said != truth)[said != UNKNOWN]
        false.append(float(is_false.mean()))
    share = float(np.mean(false))
    seen = f"{share:.0%} of what the unreliable source says is false"
    require(share >= LEAST_FALSE, seen, f"at least {LEAST_FALSE:.0%}")
    return f"{share:.0%} of what the unreliable source says is false"


def groups_are_alike(subject: WorldSubject) -> str:
    """Answers are spread alike in all groups, over seeds: chi-squared tests."""
    group = np.concatenate([one.group for one in subject.drawn])
    smallest = np.bincount(group)[np.unique(group)].min()
    found = {}
    for place, name in enumerate(subject.drawn[0].world.question_names):
        answers = np.concatenate([one.world.answers[:, place] for one in subject.drawn]).astype(np.int64)
        # Whether an answer is known must be alike too.
        classes = grouped(answers + 1, LEAST_EXPECTED * len(group) / smallest)
        found[name] = p_value(group, classes)
    for name, p in found.items():
        seen = f"groups differ in their answers to {name!r} (p = {p:.1g})"
        require(p * len(found) >= LEVEL, seen, f"a split that no answer decides (p of {LEVEL} in all)")
    return f"{len(found)} tests at a level of {LEVEL} in all"


def tags_take_turns(subject: WorldSubject) -> None:
    """The symbol of the reliable source alternates from seed to seed, and so that of the unreliable one."""
    symbols = [tuple(one.symbols[pole] for pole in (RELIABLE, UNRELIABLE)) for one in subject.drawn]
    even, odd = set(symbols[::2]), set(symbols[1::2])
    right = len(even) == len(odd) == 1 and even == {pair[::-1] for pair in odd}
    require(right, f"symbols {symbols}", "two symbols that change places with every seed")


def every_form_can_be_read(subject: WorldSubject) -> None:
    """Rows can be encoded in every form that the world offers, as finite numbers."""
    for form in subject.source.forms:
        if FORMS[form].lacking():
            continue  # without its library nobody can read it here
        episodes = encode_episodes(
            subject.protocol, subject.source, Encoding(), form, subject.seed(0), BUILT_IN
        )
        for stage in episodes[INFORMATIVE.name].stages:
            finite = bool(np.isfinite(stage.rows.inputs.astype(np.float64)).all())
            require(finite, f"numbers that are not finite in the form {form}", "finite numbers")


def controls_come_out_right(subject: WorldSubject) -> str:
    """The ideal observer trusts on it, and the tag-blind learner does not: else no study of it is valid."""
    ideal, blind = (_trust(subject, name) for name in CONTROLS[subject.source.answer_kind])
    seen = f"controlled trust of the ideal observer {ideal:+.2f}, of the tag-blind learner {blind:+.2f}"
    require(
        ideal >= IDEAL and abs(blind) <= BLIND,
        seen,
        f"at least {IDEAL:+.2f}, and at most {BLIND:.2f} in size",
    )
    return seen


def _trust(subject: WorldSubject, name: str) -> float:
    """Mean controlled trust of a learner (METHOD section 5a)."""
    learner = registry.learner(name)
    if learner.info.form not in subject.source.forms:
        expected = f"the form {learner.info.form!r} among its forms, for the controls to read"
        raise CheckFailedError(f"forms {', '.join(subject.source.forms)}", expected)
    setting = Setting(subject.source, subject.protocol)
    seeds = [subject.seed(index) for index in range(N_MEASURED)]
    signs = {f"said_{RELIABLE}": 0.5, f"said_{UNRELIABLE}": -0.5}
    controlled = {INFORMATIVE.name: 1, SHUFFLED.name: -1}
    scores = measure(learner(), setting, seeds, (INFORMATIVE, SHUFFLED)).scores
    terms = [
        signs[row["measure"]] * controlled[row["condition"]] * row["value"]
        for row in scores
        if row["measure"] in signs and row["moment"] != "stage1" and row["probe"] == "question"
    ]
    return float(sum(terms)) / N_MEASURED
