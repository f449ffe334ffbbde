"""Lies: what a source says of an alias of stage 1 of which it does not tell the truth."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from iml_general.errors import UsageError
from iml_general.worlds.world import UNKNOWN, World

Lies = Literal["another", "opposite", "shift"]

LIES: dict[Lies, str] = {
    "another": "true of another alias",
    "opposite": "the opposite of the truth",
    "shift": "the answer after the true one",
}
"""What lies are, in words. Whoever hears the first kind learns nothing; the others tell the truth to whoever
inverts them."""


def are_invertible(lies: Lies) -> bool:
    """Whether the truth follows from a lie."""
    return lies != "another"


def draw_statements(
    world: World, members: NDArray[np.int64], reliability: float, lies: Lies, generator: np.random.Generator
) -> tuple[NDArray[np.bool_], NDArray[np.int16]]:
    """Draw what a source says of the aliases that it speaks of in stage 1.

    Args:
        world: What is true.
        members: The aliases, ascending, shape (n_members,).
        reliability: Probability that all it says of an alias is true.
        lies: What it says otherwise.
        generator: The only source of randomness.

    Returns:
        Of which aliases it tells the truth, shape (n_members,), and what it says of each, int16 of shape
        (n_members, n_questions). It says nothing, `UNKNOWN`, where the alias has no answer.

    Raises:
        UsageError: If lies are to be the opposite and a question has other than two answers, or they are to
            follow from the truth where answers follow from one another, or are numbers.
    """
    is_true = generator.random(len(members)) < reliability
    said = world.answers[members]
    if lies == "another":
        others = _others(members, is_true, generator)
        said[~is_true] = _true_of_others(world, members, members[~is_true], others)
    else:
        _refuse_implied(world, lies)
        if lies == "opposite":
            _refuse_no_opposite(world)
        if world.numbers is not None:
            raise UsageError(
                f"protocol: lies = {lies!r}, but the answers are numbers, and the one after a number is"
                " nearly the same; write lies = 'another'"
            )
        said[~is_true] = shifted(said[~is_true], world.classes_per_question)
    return is_true, said


def shifted(answers: NDArray[np.int16], n_classes: NDArray[np.int16]) -> NDArray[np.int16]:
    """The answer after each, the first one after the last: of two answers, the opposite.

    Args:
        answers: Classes, shape (n_aliases, n_questions).
        n_classes: Number of classes of each question, shape (n_questions,).

    Returns:
        Classes of the same shape; what is unknown stays so.
    """
    after: NDArray[np.int16] = (answers + np.int16(1)) % n_classes
    return np.where(answers == UNKNOWN, answers, after)


def inverted(said: NDArray[np.int16], n_classes: NDArray[np.int16]) -> NDArray[np.int16]:
    """What is true if that is a lie: the answer before each, the last one before the first.

    Args:
        said: Classes, shape (n_aliases, n_questions).
        n_classes: Number of classes of each question, shape (n_questions,).

    Returns:
        Classes of the same shape.
    """
    result: NDArray[np.int16] = (said - np.int16(1)) % n_classes
    return result


def derangement(n: int, generator: np.random.Generator) -> NDArray[np.int64]:
    """Draw a permutation without a fixed point, uniformly.

    Args:
        n: Number of items, at least 2.
        generator: The only source of randomness.

    Returns:
        A permutation p of 0 .. n - 1 with p[i] != i, shape (n,).
    """
    while True:  # accepted with probability about 1/e (1/2 for n = 2), whatever n is
        permutation = generator.permutation(n)
        if not np.any(permutation == np.arange(n)):
            return permutation


def _others(
    members: NDArray[np.int64], is_true: NDArray[np.bool_], generator: np.random.Generator
) -> NDArray[np.int64]:
    """For each alias that is lied about, the one of whose answers is told: another that is lied about."""
    false = members[~is_true]
    if len(false) == 1:
        # Nobody to trade answers with: the lone false alias borrows those of a true one.
        return np.array([generator.choice(members[is_true])])
    return false[derangement(len(false), generator)] if len(false) else false


def _true_of_others(
    world: World, members: NDArray[np.int64], told: NDArray[np.int64], others: NDArray[np.int64]
) -> NDArray[np.int16]:
    """What is true of the others, and of yet others where they have no answer but the alias itself has one.

    Args:
        world: What is true.
        members: The aliases that the source speaks of, ascending.
        told: Those that are lied about, ascending, shape (n_told,).
        others: Of whom the truth is told instead of each, shape (n_told,).

    Returns:
        What is said of each, int16 of shape (n_told, n_questions).
    """
    said: NDArray[np.int16] = world.answers[others]
    said[~world.known[told]] = UNKNOWN
    for question in np.flatnonzero((world.known[told] & ~world.known[others]).any(axis=0)):
        knows = world.known[:, question]
        said[:, question] = UNKNOWN
        for alias, other in _relayed(told, others, members, knows).items():
            said[np.searchsorted(told, alias), question] = world.answers[other, question]
    return said


def _relayed(
    told: NDArray[np.int64], others: NDArray[np.int64], members: NDArray[np.int64], knows: NDArray[np.bool_]
) -> dict[int, int]:
    """Of whom the truth is told about a question that not all aliases have an answer to.

    Whoever has none hands it on to the one of whom would have been told instead of itself. Among those that
    have one this is a permutation again, so the marginal of the answers is what it was; an alias that it
    leaves in its place changes places with the next.

    Args:
        told: As in `_true_of_others`.
        others: As in `_true_of_others`.
        members: As in `_true_of_others`.
        knows: Whether each alias of the world has an answer, shape (n_aliases,).

    Returns:
        Another alias that has an answer for each of `told` that has one; none where nobody else of `members`
        has.
    """
    following = dict(zip(told.tolist(), others.tolist(), strict=True))
    asked = told[knows[told]].tolist()
    found = {}
    for alias in asked:
        other = following[alias]
        while other in following and not knows[other]:
            other = following[other]
        found[alias] = other
    for alias, following_one in zip(asked, [*asked[1:], *asked[:1]], strict=True):
        if found[alias] == alias:
            found[alias], found[following_one] = found[following_one], found[alias]
    if len(asked) == 1 and (found[asked[0]] == asked[0] or not knows[found[asked[0]]]):
        # Nobody to trade answers with: it borrows that of an alias of which the truth is told.
        others_with_one = members[knows[members] & (members != asked[0])].tolist()
        return {asked[0]: others_with_one[0]} if others_with_one else {}
    return found


def _refuse_implied(world: World, lies: Lies) -> None:
    if world.implied is not None:
        raise UsageError(
            f"protocol: lies = {lies!r}, but in this world answers follow from the one to"
            f" {world.question_names[0]!r}, and what follows from an inverted lie was not worked out; write"
            " lies = 'another'"
        )


def _refuse_no_opposite(world: World) -> None:
    for question, n_classes in zip(world.question_names, world.classes_per_question, strict=True):
        if n_classes != 2:
            raise UsageError(
                f"protocol: lies = 'opposite' needs questions of 2 answers, and {question!r} has {n_classes}:"
                " ask questions of two answers only (world.options), or write lies = 'shift'"
            )
