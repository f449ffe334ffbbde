"""One seed's episodes, encoded once for all learners that read the same form."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from iml_general.encoding import Encoder, Encoding
from iml_general.learner import Batch, Form, Inputs, Probabilities
from iml_general.measuring.scores import score_probes
from iml_general.protocol import Episode, Protocol, draw_episodes
from iml_general.protocol.episode import GROUPS, KINDS
from iml_general.seeds import Seed
from iml_general.worlds.world import WorldSource


@dataclass(frozen=True, eq=False)
class Probes:
    """The probes of one seed, encoded, and what scoring them takes.

    Attributes:
        inputs: Shape (n_probes, n_columns).
        answers: True answers, int64 of shape (n_probes,).
        n_classes: Answer classes of each probe's question, shape (n_probes,).
        cell: Which (group, kind) each probe belongs to, index into `cells`, shape (n_probes,).
        cells: The (group, kind) pairs that occur.
        said: What the reliable and the unreliable tag said, -1 where they did not both speak,
            int64 of shape (2, n_probes).
        tie_breaks: Random numbers of shape (n_probes, n_answers), shared by all conditions.
    """

    inputs: Inputs
    answers: NDArray[np.int64]
    n_classes: NDArray[np.int64]
    cell: NDArray[np.int64]
    cells: tuple[tuple[str, str], ...]
    said: NDArray[np.int64]
    tie_breaks: NDArray[np.float64]

    def score(self, probabilities: Probabilities) -> list[dict[str, Any]]:
        """Score a learner's answers.

        Args:
            probabilities: Shape (n_probes, n_answers).

        Returns:
            One dictionary per cell, with the score columns of `iml_general.rows.SCORE_SCHEMA`
            that depend on the answers.
        """
        scores = score_probes(probabilities, self.answers, self.n_classes, self.tie_breaks)
        n = np.bincount(self.cell, minlength=len(self.cells))

        def mean(values: NDArray[Any]) -> NDArray[np.float64]:
            return np.bincount(self.cell, weights=values, minlength=len(self.cells)) / n

        columns = {
            "em": mean(scores.correct),
            "log_probability": mean(scores.log_probability),
            "brier": mean(scores.brier),
        }
        agrees = [mean(scores.chosen == said) for said in self.said]
        disputed = mean(self.said[0] >= 0) == 1
        return [
            {
                "group": group,
                "probe": kind,
                "n": int(n[i]),
                **{name: float(values[i]) for name, values in columns.items()},
                "said_reliable": float(agrees[0][i]) if disputed[i] else None,
                "said_unreliable": float(agrees[1][i]) if disputed[i] else None,
            }
            for i, (group, kind) in enumerate(self.cells)
        ]


@dataclass(frozen=True, eq=False)
class EncodedEpisode:
    """One episode in the form that a learner reads.

    Attributes:
        stage1: Training rows of stage 1; none under ``no_stage1``.
        stage2: Training rows of stage 2.
        probes: Shared by all conditions of the seed.
    """

    stage1: Batch
    stage2: Batch
    probes: Probes


@lru_cache(maxsize=32)
def encode_episodes(
    protocol: Protocol, source: WorldSource, encoding: Encoding, form: Form, seed: Seed
) -> dict[str, EncodedEpisode]:
    """Draw and encode the episodes of one seed.

    Args:
        protocol: Group sizes and reliabilities.
        source: Draws the world.
        encoding: Kinds and widths of the codes.
        form: The form of input.
        seed: The replicate.

    Returns:
        One encoded episode per condition, by its name. Remembered, so treat it as read-only.

    Raises:
        UsageError: If the world or a code is too small for the protocol's groups.
    """
    episodes = draw_episodes(protocol, source, seed)
    any_episode = next(iter(episodes.values()))
    encoder = Encoder(encoding, any_episode.world, seed)
    stage2 = encoder.batch(any_episode.stage2, form)
    probes = _encode_probes(any_episode, encoder, form)
    return {
        condition: EncodedEpisode(encoder.batch(episode.stage1, form), stage2, probes)
        for condition, episode in episodes.items()
    }


def _encode_probes(episode: Episode, encoder: Encoder, form: Form) -> Probes:
    frame, world = episode.probes, episode.world
    group = frame["group"].to_physical().to_numpy().astype(np.int64)
    kind = frame["kind"].to_physical().to_numpy().astype(np.int64)
    codes, cell = np.unique(group * len(KINDS) + kind, return_inverse=True)
    names = ("said_reliable", "said_unreliable")
    return Probes(
        inputs=encoder.inputs(frame, form),
        answers=frame["answer"].to_numpy().astype(np.int64),
        n_classes=world.classes_per_question.astype(np.int64)[frame["question"].to_numpy()],
        cell=cell,
        cells=tuple((GROUPS[code // len(KINDS)], KINDS[code % len(KINDS)]) for code in codes),
        said=np.stack([frame[name].cast(pl.Int64).fill_null(-1).to_numpy() for name in names]),
        tie_breaks=episode.seed.generator("ties").random((len(frame), world.n_answers)),
    )
