"""Probes of one seed, encoded, and the scores of a learner's answers to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from iml_general.learner import Inputs, Probabilities
from iml_general.measuring.measures import MEASURES, Measure
from iml_general.measuring.scores import HONEST, NONE, Answers
from iml_general.protocol.episode import KINDS
from iml_general.worlds.world import World


@dataclass(frozen=True, eq=False)
class Probes:
    """Probes, and what scoring the answers takes.

    Attributes:
        inputs: Shape (n_probes, n_columns).
        answers: What counts as the answer, int64 of shape (n_probes,): the true one or, of a statement, what
            was said.
        right: Which answers are right, shape (n_probes, n_answers); several of a question that has several.
        n_classes: Answer classes of each probe's question, shape (n_probes,).
        cell: Which (group, kind) each probe belongs to, index into `cells`, shape (n_probes,).
        cells: The (group, kind) pairs that occur.
        said: As `iml_general.measuring.scores.Answers` has it, int64 of shape (2, n_probes).
        inverse: Likewise, int64 of shape (n_probes,).
        lie: Likewise.
        beside: Likewise.
        tie_breaks: Random numbers of shape (n_probes, n_answers), shared by all conditions.
    """

    inputs: Inputs
    answers: NDArray[np.int64]
    right: NDArray[np.bool_]
    n_classes: NDArray[np.int64]
    cell: NDArray[np.int64]
    cells: tuple[tuple[str, str], ...]
    said: NDArray[np.int64]
    inverse: NDArray[np.int64]
    lie: NDArray[np.int64]
    beside: NDArray[np.int64]
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
            world: Says how many classes each question has, and which answers are right.
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
        answers = frame["answer"].to_numpy().astype(np.int64)
        return cls(
            inputs=inputs,
            answers=answers,
            right=_right(frame, world, answers),
            n_classes=world.classes_per_question.astype(np.int64)[frame["question"].to_numpy()],
            cell=cell,
            cells=tuple((groups[code // len(KINDS)], KINDS[code % len(KINDS)]) for code in codes.tolist()),
            said=np.stack(said),
            inverse=inverse,
            lie=_lies(frame),
            beside=_beside(frame),
            tie_breaks=tie_breaks,
        )

    def score(
        self, probabilities: Probabilities, measures: Mapping[str, Measure] = MEASURES
    ) -> list[dict[str, Any]]:
        """Score a learner's answers.

        Args:
            probabilities: Shape (n_probes, n_answers).
            measures: What is read off them, by name.

        Returns:
            One dictionary per cell and measure: group, probe, measure, value and n.
        """
        answers = Answers.of(
            probabilities,
            self.right,
            self.said,
            self.inverse,
            self.lie,
            self.beside,
            self.n_classes,
            self.tie_breaks,
        )
        rows = []
        for name, measure in measures.items():
            defined = measure.defined(answers)
            n = np.bincount(self.cell[defined], minlength=len(self.cells))
            if not n.any():
                continue
            sums = np.bincount(
                self.cell[defined], measure.of(answers)[defined], minlength=len(self.cells)
            ).tolist()
            for i, (group, kind) in enumerate(self.cells):
                if n[i]:
                    cell = {"group": group, "probe": kind, "measure": name}
                    rows.append({**cell, "value": sums[i] / int(n[i]), "n": int(n[i])})
        return rows


def _lies(frame: pl.DataFrame) -> NDArray[np.int64]:
    """What an attacker says of each probe; it is honest where it lies about others of the group."""
    is_attacked = pl.col("lie").is_not_null().any().over("group", "kind")
    other = pl.when(is_attacked).then(HONEST).otherwise(NONE)
    return frame.select(pl.coalesce(pl.col("lie").cast(pl.Int64), other))["lie"].to_numpy()


def _beside(frame: pl.DataFrame) -> NDArray[np.int64]:
    """What the statement beside each probe says."""
    if "beside" not in frame.columns:
        return np.full(len(frame), NONE)
    return frame["beside"].cast(pl.Int64).fill_null(NONE).to_numpy()


def _right(frame: pl.DataFrame, world: World, answers: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which answers are right: of a question all that are true, of a statement what was said."""
    right: NDArray[np.bool_] = answers[:, None] == np.arange(world.n_answers)
    asked = (frame["kind"] == "question").to_numpy()
    alias, question = (frame[name].to_numpy().astype(np.int64)[asked] for name in ("alias", "question"))
    right[asked] = world.right_answers(alias, question)
    return right
