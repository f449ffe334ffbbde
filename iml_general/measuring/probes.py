"""Probes of one seed, encoded, and the scores of a learner's answers to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from iml_general.learner import Inputs, Probabilities
from iml_general.measuring.measures import MEASURES
from iml_general.measuring.scores import NONE, Answers
from iml_general.protocol.episode import KINDS
from iml_general.worlds.world import World


@dataclass(frozen=True, eq=False)
class Probes:
    """Probes, and what scoring the answers takes.

    Attributes:
        inputs: Shape (n_probes, n_columns).
        answers: True answers, int64 of shape (n_probes,).
        n_classes: Answer classes of each probe's question, shape (n_probes,).
        cell: Which (group, kind) each probe belongs to, index into `cells`, shape (n_probes,).
        cells: The (group, kind) pairs that occur.
        said: As `iml_general.measuring.scores.Answers` has it, int64 of shape (2, n_probes).
        inverse: Likewise, int64 of shape (n_probes,).
        tie_breaks: Random numbers of shape (n_probes, n_answers), shared by all conditions.
    """

    inputs: Inputs
    answers: NDArray[np.int64]
    n_classes: NDArray[np.int64]
    cell: NDArray[np.int64]
    cells: tuple[tuple[str, str], ...]
    said: NDArray[np.int64]
    inverse: NDArray[np.int64]
    tie_breaks: NDArray[np.float64]

    def __post_init__(self) -> None:
        self.inputs.flags.writeable = False  # learners are handed these very rows

    @classmethod
    def encoded(
        cls, frame: pl.DataFrame, inputs: Inputs, world: World, tie_breaks: NDArray[np.float64]
    ) -> Probes:
        """Put encoded probes beside what scoring them takes.

        Args:
            frame: Probes as an episode has them.
            inputs: The same, encoded, shape (n_probes, n_columns).
            world: Says how many classes each question has.
            tie_breaks: As above.

        Returns:
            The probes in the same order.
        """
        group = frame["group"].to_physical().to_numpy().astype(np.int64)
        kind = frame["kind"].to_physical().to_numpy().astype(np.int64)
        codes, cell = np.unique(group * len(KINDS) + kind, return_inverse=True)
        groups = frame.schema["group"].categories  # type: ignore[attr-defined]  # it is a polars Enum
        *said, inverse = (
            frame[name].cast(pl.Int64).fill_null(NONE).to_numpy()
            for name in ("said_reliable", "said_unreliable", "inverse")
        )
        return cls(
            inputs=inputs,
            answers=frame["answer"].to_numpy().astype(np.int64),
            n_classes=world.classes_per_question.astype(np.int64)[frame["question"].to_numpy()],
            cell=cell,
            cells=tuple((groups[code // len(KINDS)], KINDS[code % len(KINDS)]) for code in codes.tolist()),
            said=np.stack(said),
            inverse=inverse,
            tie_breaks=tie_breaks,
        )

    def score(self, probabilities: Probabilities) -> list[dict[str, Any]]:
        """Score a learner's answers.

        Args:
            probabilities: Shape (n_probes, n_answers).

        Returns:
            One dictionary per cell and measure: group, probe, measure, value and n.
        """
        answers = Answers.of(
            probabilities, self.answers, self.said, self.inverse, self.n_classes, self.tie_breaks
        )
        n = np.bincount(self.cell, minlength=len(self.cells))
        rows = []
        for name, measure in MEASURES.items():
            defined = np.bincount(self.cell, measure.defined(answers), minlength=len(self.cells)) == n
            if not defined.any():
                continue
            sums = np.bincount(self.cell, measure.of(answers), minlength=len(self.cells))
            means = (sums / n).tolist()
            for i, (group, kind) in enumerate(self.cells):
                if defined[i]:
                    cell = {"group": group, "probe": kind, "measure": name}
                    rows.append({**cell, "value": means[i], "n": int(n[i])})
        return rows
