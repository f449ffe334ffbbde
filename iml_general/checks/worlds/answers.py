"""Claims about questions and answers: they are what they say, and tell nothing before they are learned."""

from __future__ import annotations

import math

import numpy as np

from iml_general.checks.result import require
from iml_general.checks.worlds.independence import LEAST_EXPECTED, LEVEL, grouped, p_value, p_value_within
from iml_general.checks.worlds.subject import WorldSubject
from iml_general.learner import CLASSES
from iml_general.worlds.columns import LARGEST_SHARE
from iml_general.worlds.world import UNKNOWN, World

MOST_GROUPS = 24  # of answers when neighbours are compared: the test takes the sixth power of it
STRETCHES = 4  # of the order of aliases, each split into even and odd places
FEWEST_KNOWN = 2  # stage 1 holds one answer back, and teaches another


def are_classes(subject: WorldSubject) -> None:
    """Answers are classes of their questions, int16, and of every alias at least two are known."""
    for world in subject.draws[:5]:
        seen = f"answers of type {world.answers.dtype}"
        require(world.answers.dtype == np.int16, seen, "answers of type int16")
        low, high = world.answers.min(axis=0), world.answers.max(axis=0)
        for name, n, least, most in zip(
            world.question_names, world.classes_per_question, low, high, strict=True
        ):
            seen = f"answers to {name!r} from {least} to {most}, of which it names {n}"
            require(
                n >= 2 and least >= UNKNOWN and most < n, seen, "classes 0 .. n - 1, n of 2 or more, or -1"
            )
        fewest = int(world.known.sum(axis=1).min())
        expected = f"{FEWEST_KNOWN} or more: one is held back, and one is taught"
        require(fewest >= FEWEST_KNOWN, f"an alias of which {fewest} answers are known", expected)
        _require_right(world)
        _require_implied(world)
        _require_entities(world)
        _require_numbers(subject, world)


def _require_numbers(subject: WorldSubject, world: World) -> None:
    if subject.source.answer_kind == CLASSES:
        require(world.numbers is None, "numbers", "no numbers: its answer_kind is classes")
        return
    shape = (world.n_questions, world.n_answers)
    seen = "no numbers" if world.numbers is None else f"numbers of shape {world.numbers.shape}"
    require(world.numbers is not None and world.numbers.shape == shape, seen, f"numbers of shape {shape}")
    finite = bool(np.isfinite(np.asarray(world.numbers)).all())
    require(finite, "numbers that are not finite", "a finite number for every answer")


def _require_right(world: World) -> None:
    if world.right is None:
        return
    shape = (world.n_aliases, world.n_questions, world.n_answers)
    require(world.right.shape == shape, f"right of shape {world.right.shape}", f"right of shape {shape}")
    stated = world.right[(*np.nonzero(world.known), world.answers[world.known])]
    require(bool(stated.all()), "answers that are not among the right ones", "one of those that are right")
    allowed = np.arange(world.n_answers) < world.classes_per_question[:, None]
    wrong = allowed & ~world.right
    every = "a question to which every answer is right"
    require(bool(wrong.any(axis=2).all()), every, "a wrong answer to every question, for lies to tell")


def _require_implied(world: World) -> None:
    if world.implied is None:
        return
    n_named = len(world.answer_names[0])
    shape = (n_named, world.n_questions)
    require(
        world.implied.shape == shape, f"implied of shape {world.implied.shape}", f"implied of shape {shape}"
    )
    names = np.array_equal(world.implied[:, 0], np.arange(n_named))
    require(names, "a first column of implied that is not 0 .. n - 1", "each answer to imply itself")
    follows = np.array_equal(world.with_what_follows(world.answers), world.answers)
    require(follows, "answers that don't follow from the first as implied says", "all of them to follow")
    alike = n_named - len(np.unique(world.implied[:, 1:], axis=0))
    require(
        not alike,
        f"{alike} answers that imply what another does",
        "two sources that disagree to be told apart",
    )


def _require_entities(world: World) -> None:
    seen = "entities, and nothing implied by them"
    require(not world.entities or world.implied is not None, seen, "implied, from which facts are taught")


def every_class_occurs(subject: WorldSubject) -> None:
    """Every class that a question names is some alias's answer in one of many draws."""
    for name, names, answers in subject.by_question():
        absent = sorted(set(range(len(names))) - set(np.unique(answers).tolist()))
        seen = f"no alias of {answers.size:,} has {[names[place] for place in absent]} for {name!r}"
        require(not absent, seen, "no class that never occurs")


def can_be_missed(subject: WorldSubject) -> str:
    """No question has one answer nearly always: who knows nothing of an alias must be able to err."""
    shares = {}
    for name, names, answers in subject.by_question():
        counts = np.bincount(answers[answers != UNKNOWN], minlength=len(names))
        shares[name] = float(counts.max() / max(counts.sum(), 1))
        seen = f"{names[counts.argmax()]!r} answers {name!r} for {shares[name]:.0%} of the aliases"
        require(shares[name] <= LARGEST_SHARE, seen, f"no answer for more than {LARGEST_SHARE:.0%}")
    least, most = min(shares, key=shares.__getitem__), max(shares, key=shares.__getitem__)
    if shares[least] == shares[most]:
        return f"guessing the commonest answer is right in {shares[most]:.0%}"
    return (
        f"guessing the commonest answer is right in {shares[least]:.0%} ({least!r}) to"
        f" {shares[most]:.0%} ({most!r})"
    )


def names_are_distinct(subject: WorldSubject) -> None:
    """Aliases and entities, questions and the answers to one question are told apart by their names."""
    world = subject.draws[0]
    named = {"aliases": world.names_of_all, "questions": world.question_names}
    named |= {
        f"answers to {name!r}": of for name, of in zip(world.question_names, world.answer_names, strict=True)
    }
    for what, names in named.items():
        twice = sorted(name for name in set(names) if names.count(name) > 1)
        require(
            not twice, f"{len(twice)} names that several {what} share, such as {twice[:1]}", "a name for each"
        )
        require(all(name.strip() for name in names), f"{what} without a name", "a name for each")


def order_tells_nothing(subject: WorldSubject) -> str:
    """Neither an alias's place nor its neighbour tells an answer: chi-squared tests over many draws."""
    n = subject.n_aliases
    place = STRETCHES * np.arange(n) // n * 2 + np.arange(n) % 2
    found = {}
    for name, _, answers in subject.by_question():
        given = answers + 1  # whether an answer is known must tell nothing either
        places = np.broadcast_to(place, given.shape)
        of_place = grouped(given, LEAST_EXPECTED * (int(place.max()) + 1))
        found["the place of an alias", name] = p_value(places.ravel(), of_place.ravel())
        pairs = given[:, : n // 2 * 2].reshape(len(given), -1, 2)
        groups = grouped(pairs, max(math.sqrt(LEAST_EXPECTED * pairs[..., 0].size), pairs.size / MOST_GROUPS))
        found["the alias before it", name] = p_value_within(groups[..., 0], groups[..., 1])
    for (what, name), p in found.items():
        seen = f"{what} tells something of {name!r} (p = {p:.1g})"
        require(p * len(found) >= LEVEL, seen, f"aliases in random order (a level of {LEVEL} in all)")
    return f"{len(found)} tests at a level of {LEVEL} in all"
