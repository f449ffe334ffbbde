"""What the reliable and the unreliable source say where they disagree."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from iml_general.worlds.world import UNKNOWN, World


def draw_conflict(
    world: World, members: NDArray[np.int64], generator: np.random.Generator
) -> NDArray[np.int16]:
    """Draw what the two say of each alias of new_conflict: one the truth, the other never.

    Which of them says the truth is balanced over aliases, so truth tells nothing of the tag; a
    false answer follows its question's marginal, so it is as plausible as a true one. Where answers follow
    from what is said, the false one leads to another answer to some question that is asked.

    Args:
        world: What is true.
        members: The aliases of new_conflict, shape (n_members,).
        generator: The only source of randomness.

    Returns:
        What the reliable and the unreliable source say, int16 of shape (2, n_aliases, n_questions); only
        rows of `members` are meant. Where no answer is known neither says anything: `UNKNOWN`.
    """
    false = false_answers(world, members, generator)
    reliable_is_true = np.zeros((world.n_aliases, 1), dtype=bool)
    reliable_is_true[members, 0] = generator.permutation(np.arange(len(members)) % 2 == 0)
    by_reliable = np.where(reliable_is_true, world.answers, false)
    return np.stack([by_reliable, np.where(reliable_is_true, false, world.answers)])


def false_answers(
    world: World, members: NDArray[np.int64], generator: np.random.Generator
) -> NDArray[np.int16]:
    """Draw a false answer to every question about some aliases, by the question's marginal.

    Args:
        world: What is true.
        members: The aliases, shape (n_members,).
        generator: The only source of randomness.

    Returns:
        False answers of `members`, and the true ones of all others, int16 of shape (n_aliases, n_questions).
    """
    false = world.answers.copy()
    for question in np.flatnonzero(world.stated):
        n_classes = world.classes_per_question[question]
        answers = world.answers[:, question]
        asked = members[answers[members] != UNKNOWN]
        weights = np.bincount(answers[answers != UNKNOWN], minlength=n_classes).astype(float)
        others = np.tile(np.maximum(weights, 1e-12), (len(asked), 1))
        others[world.right_answers(asked, np.full_like(asked, question))[:, :n_classes]] = 0.0
        cumulative = np.cumsum(others, axis=1)
        drawn = generator.random(len(asked)) * cumulative[:, -1]
        false[asked, question] = (cumulative <= drawn[:, None]).sum(axis=1)
    return world.with_what_follows(false)
