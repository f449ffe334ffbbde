"""Tags of stage-1 statements: those that tell who is reliable, and the same dealt out anew."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from iml_general.protocol.protocol import Protocol


def informative_tags(
    protocol: Protocol, group: NDArray[np.int64], tag_of: Mapping[str, int]
) -> NDArray[np.int64]:
    """Give every alias the tag of the source that speaks of it in stage 1.

    Args:
        protocol: Says which groups who speaks of.
        group: Index into the protocol's groups of every alias, shape (n_aliases,).
        tag_of: Place of each source's symbol among the symbols.

    Returns:
        Index into the symbols, 0 where nobody speaks, int64 of shape (n_aliases,).
    """
    tags = np.zeros(len(group), dtype=np.int64)
    for source in protocol.taught:
        tags[group == protocol.groups.index(source.taught_group)] = tag_of[source.name]
    return tags


def shuffled_tags(
    told: NDArray[np.int64],
    is_true: NDArray[np.bool_],
    numbers: Mapping[int, int],
    generator: np.random.Generator,
) -> NDArray[np.int64]:
    """Permute tags over aliases, leaving no information in them.

    An unrestricted permutation leaves a little by chance (with 100 + 100 aliases the share of true
    statements under a tag has a standard deviation of 0.05). The permutation is therefore drawn
    among those under which all tags are true equally often, to within one alias for each but the last.

    Args:
        told: Aliases that are spoken of, ascending, shape (n_told,).
        is_true: Whether the statements about each are true, shape (n_told,).
        numbers: Number of aliases by tag; they sum to n_told.
        generator: The only source of randomness.

    Returns:
        The tag of each alias of `told`, shape (n_told,).
    """
    true = generator.permutation(told[is_true])
    false = generator.permutation(told[~is_true])
    tags = np.zeros(int(told.max(initial=-1)) + 1, dtype=np.int64)
    *first, last = numbers
    for tag in first:
        number, left = numbers[tag], len(true) + len(false)
        expected = number * len(true) / left
        n_true = int(expected + generator.random())  # rounds up with probability equal to the fraction
        n_true = min(max(n_true, number - len(false)), len(true))
        tags[true[:n_true]] = tag
        tags[false[: number - n_true]] = tag
        true, false = true[n_true:], false[number - n_true :]
    tags[np.concatenate([true, false])] = last
    return tags[told]
