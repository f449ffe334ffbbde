"""Claims about drawing: a world follows from the options, the number of aliases and the generator alone."""

from __future__ import annotations

import random
from dataclasses import fields
from typing import Any

import numpy as np

from iml_general.checks.result import CheckFailedError, require
from iml_general.checks.worlds.subject import WorldSubject
from iml_general.errors import UsageError
from iml_general.options import configure, options_of
from iml_general.worlds.pictures import Pictures
from iml_general.worlds.world import World

MANY = 1_000
SAME = "the same options, number of aliases and generator give the same world"


def options_survive_json(subject: WorldSubject) -> None:
    """Options written to a plan and read back make an equal world."""
    source = subject.source
    expected = "configure(type(world), options_of(world)) equals the world"
    try:
        options = options_of(source)
        again = configure(type(source), options, f"world {source.name!r}")
    except (UsageError, TypeError) as error:
        raise CheckFailedError(f"{error} for {source}", expected) from error
    require(again == source, f"{again} from {options}", expected)


def same_seed_same_world(subject: WorldSubject) -> None:
    """Two draws from generators that are alike are alike in everything."""
    first, second = (subject.draw(subject.n_aliases) for _ in range(2))
    _require_same(first, second, SAME)


def other_seed_other_world(subject: WorldSubject) -> None:
    """Draws from other generators are other worlds: seeds are a study's independent units."""
    first, *others = subject.draws
    alike = sum(np.array_equal(first.answers, other.answers) for other in others)
    seen = f"{alike} of {len(others)} further draws have the answers of the first"
    require(alike < len(others) / 2, seen, "all that is random is drawn from the generator that is given")


def exactly_as_many(subject: WorldSubject) -> None:
    """As many aliases as were asked for: answers, names and all else that has a row for each."""
    n = subject.n_aliases
    for wanted in (n, n - 1, n // 2):
        world = subject.draw(wanted)
        shape = (wanted, world.n_questions)
        seen = f"answers of shape {world.answers.shape} and {world.n_aliases} names for {wanted} aliases"
        require(
            world.answers.shape == shape and world.n_aliases == wanted, seen, f"{shape}, and as many names"
        )


def many_or_room(subject: WorldSubject) -> str:
    """1,000 aliases can be drawn, or `room` says how many, and more are refused in one line."""
    room = subject.source.room()
    if room is None or room.n_aliases >= MANY:
        require(subject.draw(MANY).n_aliases == MANY, f"fewer than {MANY:,} aliases", f"{MANY:,} aliases")
    if room is None:
        return "as many aliases as anybody needs"
    n = room.n_aliases
    require(subject.draw(n).n_aliases == n, f"not the {n} aliases that room() says", f"{n} aliases")
    expected = f"a UsageError of one line for {n + 1} aliases, as room() says {n}"
    try:
        subject.draw(n + 1)
    except UsageError as error:
        require("\n" not in str(error), f"several lines: {error}", expected)
    else:
        raise CheckFailedError(f"{n + 1} aliases", expected)
    return f"room for {n:,} aliases"


def drawn_anew(subject: WorldSubject) -> None:
    """What is done to a world that was drawn changes none that is drawn later."""
    world = subject.draw(subject.n_aliases)
    before = world.answers.copy()
    if world.answers.flags.writeable:
        world.answers[:] = 0
    again = subject.draw(subject.n_aliases)
    seen = "answers of a second draw were changed through the first"
    require(np.array_equal(again.answers, before), seen, "hand out a copy of what is kept")


def same_questions(subject: WorldSubject) -> None:
    """Every draw asks the same questions, with the same answers to choose from."""
    first, *others = subject.draws
    for other in others:
        for name in ("question_names", "answer_names"):
            seen = f"{name} of one draw {getattr(first, name)!r:.80}, of another {getattr(other, name)!r:.80}"
            require(getattr(first, name) == getattr(other, name), seen, "questions that no draw changes")


def global_randomness_left_alone(subject: WorldSubject) -> None:
    """Random numbers come from the generator, not from those that all code shares."""
    before = (random.getstate(), repr(np.random.get_state()))  # noqa: NPY002  (the shared one is meant)
    subject.draw(subject.n_aliases)
    after = (random.getstate(), repr(np.random.get_state()))  # noqa: NPY002
    for name, was, now in zip(("random", "numpy.random"), before, after, strict=True):
        seen = f"draw moved on the generator that all users of {name} share"
        require(was == now, seen, "all randomness is drawn from the generator that is given")


def _require_same(first: World, second: World, expected: str) -> None:
    for field in fields(World):
        one, other = (_shown(getattr(world, field.name), world) for world in (first, second))
        same = np.array_equal(one, other) if isinstance(one, np.ndarray) else one == other
        require(bool(same), f"other {field.name}", expected)


def _shown(value: Any, world: World) -> Any:
    """Pictures are what they show."""
    aliases = np.arange(world.n_aliases)
    return value.show(aliases, "stage1") if isinstance(value, Pictures) else value
