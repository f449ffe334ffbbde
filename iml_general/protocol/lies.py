"""Lies: what a source says of an alias of stage 1 of which it does not tell the truth."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from iml_general.errors import UsageError
from iml_general.worlds.world import World

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
        (n_members, n_questions).

    Raises:
        UsageError: If lies are to be the opposite and a question has other than two answers.
    """
    is_true = generator.random(len(members)) < reliability
    said = world.answers[members]
    if lies == "another":
        said[~is_true] = world.answers[_others(members, is_true, generator)]
    else:
        if lies == "opposite":
            _refuse_no_opposite(world)
        said[~is_true] = shifted(said[~is_true], world.classes_per_question)
    return is_true, said


def shifted(answers: NDArray[np.int16], n_classes: NDArray[np.int16]) -> NDArray[np.int16]:
    """The answer after each, the first one after the last: of two answers, the opposite.

    Args:
        answers: Classes, shape (n_aliases, n_questions).
        n_classes: Number of classes of each question, shape (n_questions,).

    Returns:
        Classes of the same shape.
    """
    result: NDArray[np.int16] = (answers + np.int16(1)) % n_classes
    return result


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


def _refuse_no_opposite(world: World) -> None:
    for question, n_classes in zip(world.question_names, world.classes_per_question, strict=True):
        if n_classes != 2:
            raise UsageError(
                f"protocol: lies = 'opposite' needs questions of 2 answers, and {question!r} has {n_classes}:"
                " ask questions of two answers only (world.options), or write lies = 'shift'"
            )
