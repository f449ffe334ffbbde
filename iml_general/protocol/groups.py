"""Group sizes, graded reliability, and the random split of aliases into groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Ge
from numpy.typing import NDArray

from iml_general.options import Count, PositiveInt, Share
from iml_general.protocol.episode import GROUPS

AtLeastTwo = Annotated[int, Ge(2)]  # a derangement of one alias does not exist


@dataclass(frozen=True)
class Protocol:
    """Options of the protocol; the sizes are numbers of aliases.

    Defaults are the world of METHOD section 8, with 50 aliases in each group that it leaves open.

    Attributes:
        corroborated: Stage-1 aliases whose statements carry the reliable tag.
        contradicted: Stage-1 aliases whose statements carry the unreliable tag.
        undefined: Stage-1 aliases without statements.
        new_reliable: Stage-2 aliases spoken of under the reliable tag.
        new_unreliable: Stage-2 aliases spoken of under the unreliable tag.
        new_neutral: Stage-2 aliases spoken of under a tag never seen in stage 1.
        new_conflict: Stage-2 aliases of which both tags speak and disagree.
        unseen: Aliases that are never trained on.
        alpha_reliable: Probability that a corroborated alias's statements are true.
        alpha_unreliable: Probability that a contradicted alias's statements are true.
    """

    corroborated: AtLeastTwo = 100
    contradicted: AtLeastTwo = 100
    undefined: Count = 40
    new_reliable: PositiveInt = 50
    new_unreliable: PositiveInt = 50
    new_neutral: Count = 50
    new_conflict: PositiveInt = 50
    unseen: PositiveInt = 30
    alpha_reliable: Share = 1.0
    alpha_unreliable: Share = 0.0

    @property
    def n_aliases(self) -> int:
        """Number of aliases in all groups together."""
        return sum(self.sizes)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Group sizes in the order of `GROUPS`."""
        return tuple(int(getattr(self, group)) for group in GROUPS)

    def split(self, generator: np.random.Generator) -> NDArray[np.int64]:
        """Assign every alias to one group at random.

        Args:
            generator: The only source of randomness.

        Returns:
            Index into `GROUPS` of every alias, shape (n_aliases,).
        """
        return generator.permutation(np.repeat(np.arange(len(GROUPS)), self.sizes))


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
