"""One seed's episodes, encoded once for all learners that read the same form."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache, partial
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from iml_general.encoding import Encoder, Encoding
from iml_general.learner import Rows
from iml_general.measuring.number_probes import NumberProbes
from iml_general.measuring.pairs import Pairs
from iml_general.measuring.probes import ClassProbes, Probes
from iml_general.measuring.told import Told
from iml_general.protocol import Condition, Episode, Protocol, Stage, episodes_of
from iml_general.seeds import Seed
from iml_general.worlds.world import WorldSource


@dataclass(frozen=True, eq=False)
class EncodedStage:
    """A stage in the form that a learner reads.

    Attributes:
        name: The stage's name.
        rows: Its rows.
        twin: Its twin's rows; None if it has none.
        is_all: As `iml_general.protocol.episode.Stage` has it.
    """

    name: str
    rows: Rows
    twin: Rows | None
    is_all: bool = False


@dataclass(frozen=True, eq=False)
class EncodedEpisode:
    """One episode in the form that a learner reads.

    Attributes:
        stages: In the order in which they are learned; conditions share them as their episodes do.
        probes: Shared by all conditions of the seed.
        twin_probes: The questions about new_conflict, as the twin has them; likewise.
        pairs: Gives statements and questions among the probes; likewise. Drawn when a reading first asks.
        told: Gives bare questions about the aliases of the first stage. Encoded when a reading asks.
    """

    stages: tuple[EncodedStage, ...]
    probes: Probes
    twin_probes: Probes
    pairs: Callable[[], Pairs]
    told: Callable[[], Told]


class EncodedEpisodes(Mapping[str, EncodedEpisode]):
    """The encoded episodes of one seed by condition, and checksums of all that learners get to see of them.

    Not a copy: of a large world the rows are most of what a process holds.
    """

    def __init__(self, episodes: Mapping[str, EncodedEpisode]) -> None:
        """Sum up the arrays.

        Args:
            episodes: The episodes.
        """
        self._episodes = dict(episodes)
        arrays = {id(array): array for one in episodes.values() for array in _handed_out(one)}
        self._sums = [(array, _checksum(array)) for array in arrays.values()]

    def __getitem__(self, condition: str) -> EncodedEpisode:
        """The episode of a condition."""
        return self._episodes[condition]

    def __iter__(self) -> Iterator[str]:
        """Names of the conditions."""
        return iter(self._episodes)

    def __len__(self) -> int:
        """Number of conditions."""
        return len(self._episodes)

    def are_unchanged(self) -> bool:
        """Whether all is as it was encoded: a library may write past the read-only flag.

        One change of random bits in four billion would go unseen, and none within 32 bits that follow each
        other.
        """
        return all(_checksum(array) == before for array, before in self._sums)


def _checksum(array: NDArray[Any]) -> int:
    return zlib.crc32(np.ascontiguousarray(array).data)


def _handed_out(episode: EncodedEpisode) -> Iterator[NDArray[Any]]:
    for stage in episode.stages:
        yield from (stage.rows.inputs, stage.rows.answers)
        if stage.twin is not None:  # its inputs are those of the rows
            yield stage.twin.answers
    yield from (episode.probes.inputs, episode.twin_probes.inputs)


@lru_cache(maxsize=32)
def encode_episodes(
    protocol: Protocol,
    source: WorldSource,
    encoding: Encoding,
    form: str,
    seed: Seed,
    conditions: Sequence[Condition],
) -> EncodedEpisodes:
    """Draw and encode the episodes of one seed.

    Args:
        protocol: Sources and group sizes.
        source: Draws the world.
        encoding: Kinds and widths of the codes.
        form: Name of the form of input.
        seed: The replicate.
        conditions: The conditions, as a tuple.

    Returns:
        One encoded episode per condition, by its name. Remembered, so treat it as read-only.

    Raises:
        UsageError: If the world or a code is too small for the protocol's groups.
    """
    episodes = episodes_of(protocol, source, seed, conditions)
    first = next(iter(episodes.values()))
    encoder = encoder_of(protocol, encoding, form, first)
    probes, twin_probes = _probes(first, encoder)
    pairs = cache(lambda: Pairs.among(first.probes, seed.generator("pairs")))
    stages: dict[int, EncodedStage] = {}
    for episode in episodes.values():
        for stage in episode.stages:
            if id(stage) not in stages:
                stages[id(stage)] = _encoded(stage, encoder)
    return EncodedEpisodes(
        {
            name: EncodedEpisode(
                tuple(stages[id(stage)] for stage in episode.stages),
                probes,
                twin_probes,
                pairs,
                partial(Told.of, episode.stages[0], encoder),
            )
            for name, episode in episodes.items()
        }
    )


def encoder_of(protocol: Protocol, encoding: Encoding, form: str, episode: Episode) -> Encoder:
    """Draw the codes of one seed.

    Args:
        protocol: As for `encode_episodes`.
        encoding: Likewise.
        form: Likewise.
        episode: Any of the seed's.

    Returns:
        What encodes all rows of the seed.

    Raises:
        UsageError: If a code is too small for the protocol's groups.
    """
    symbols = len(protocol.symbols)
    return Encoder(encoding, form, symbols, episode.world, episode.seed, protocol.in_context)


def _encoded(stage: Stage, encoder: Encoder) -> EncodedStage:
    rows = encoder.batch(stage.rows, stage.name)
    if stage.twin is None:
        return EncodedStage(stage.name, rows, None)
    answers = encoder.answers(stage.twin, stage.name)
    # A twin differs in answers alone.
    twin: Rows = replace(rows, answers=answers)  # type: ignore[type-var]  # batches are dataclasses
    return EncodedStage(stage.name, rows, twin, stage.is_all)


def _probes(episode: Episode, encoder: Encoder) -> tuple[Probes, Probes]:
    """The probes, and those of the twin, which have the same inputs."""
    frame, twin, world = episode.probes, episode.twin_probes, episode.world
    which = ["kind", "alias", "question"]
    probed = frame.with_row_index("place").select("place", *which)
    places = twin.select(which).join(probed, on=which, maintain_order="left")
    of_twin = places["place"].cast(pl.Int64).to_numpy()
    inputs = encoder.inputs(frame)
    if world.numbers is not None:
        return (
            NumberProbes.encoded(frame, inputs, world, world.numbers),
            NumberProbes.encoded(twin, inputs[of_twin], world, world.numbers),
        )
    # Tied answers to the twin are settled alike.
    tie_breaks = episode.seed.generator("ties").random((len(frame), world.n_answers))
    return (
        ClassProbes.encoded(frame, inputs, world, tie_breaks),
        ClassProbes.encoded(twin, inputs[of_twin], world, tie_breaks[of_twin]),
    )
