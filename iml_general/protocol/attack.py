"""An attack: sources that lie in stage 2 about some of what they say, whatever trust they earned before."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from iml_general.errors import UsageError
from iml_general.protocol.conflict import false_answers
from iml_general.worlds.world import World


def draw_lies(
    world: World, members: NDArray[np.int64], share: float, generator: np.random.Generator
) -> tuple[NDArray[np.bool_], NDArray[np.int16]]:
    """Draw what an attacker says of new aliases: of each the same number of lies, the rest is true.

    So the honest answers about an alias may give a lie away, in a world where answers go together. A lie
    follows its question's marginal: it is as plausible as the truth.

    Args:
        world: What is true.
        members: The aliases, shape (n_members,).
        share: Share of the questions that are lied about, of each alias.
        generator: The only source of randomness.

    Returns:
        What is lied about, bool of shape (n_aliases, n_questions), nothing outside `members`; and what is
        said, int16 of the same shape, the truth where it is no lie.

    Raises:
        UsageError: If the share makes no whole question, or answers follow from a single one.
    """
    if share and world.implied is not None:
        raise UsageError(
            f"protocol: attack_share = {share}, but statements of this world answer"
            f" {world.question_names[0]!r} alone, so there is no share of what is said of an alias to lie"
            " about; leave it at 0"
        )
    n_lies = round(share * world.n_questions)
    if share and not n_lies:
        raise UsageError(
            f"protocol: attack_share = {share} of {world.n_questions} questions is not one lie; "
            f"write at least {1 / world.n_questions:.2g}"
        )
    known = world.known[members]
    # What nobody knows comes last, so that lies are about what is known as long as there is enough of it.
    ranks = (generator.random(known.shape) + ~known).argsort(axis=1).argsort(axis=1)
    lied = np.zeros(world.answers.shape, dtype=bool)
    lied[members] = (ranks < n_lies) & known
    return lied, np.where(lied, false_answers(world, members, generator), world.answers)
