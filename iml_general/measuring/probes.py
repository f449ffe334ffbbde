"""Probes of one seed, encoded, and the scores of a learner's answers to them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from iml_general.learner import Inputs, Probabilities
from iml_general.measuring.answer_key import HONEST, NONE, AnswerKey
from iml_general.measuring.layout import by_columns
from iml_general.measuring.measures import MEASURES, READ_OFF_ANSWERS, Measure
from iml_general.measuring.scores import Answers
from iml_general.protocol.episode import KINDS
from iml_general.worlds.world import World


def cells_of(frame: pl.DataFrame) -> tuple[NDArray[np.int64], tuple[tuple[str, str], ...]]:
    """Find which group and kind each probe belongs to.

    Args:
        frame: Probes as an episode has them.

    Returns:
        Index into the pairs that follow, shape (n_probes,), and the (group, kind) pairs that occur.
    """
    group = frame["group"].to_physical().to_numpy().astype(np.int64)
    kind = frame["kind"].to_physical().to_numpy().astype(np.int64)
    codes, cell = np.unique(group * len(KINDS) + kind, return_inverse=True)
    groups = frame.schema["group"].categories  # type: ignore[attr-defined]  # it is a polars Enum
    return cell, tuple((groups[code // len(KINDS)], KINDS[code % len(KINDS)]) for code in codes.tolist())


@dataclass(frozen=True, eq=False)
class Asked:
    """Those probes for which a measure is defined.

    Attributes:
        places: Their places among all probes, int64 of shape (n,); None if it is defined for all.
        key: What answers to them are held against.
        cell: Which cell each belongs to, shape (n,).
        counts: Of every cell that has any: its place among the cells, group, kind, and how many.
    """

    places: NDArray[np.int64] | None
    key: Any
    cell: NDArray[np.int64]
    counts: tuple[tuple[int, str, str, int], ...]


class Probes(ABC):
    """Probes, and what scoring the answers takes.

    Attributes:
        inputs: Shape (n_probes, n_columns).
        answers: What counts as the answer, shape (n_probes,): the true one or, of a statement, what was said.
        cell: Which (group, kind) each probe belongs to, index into `cells`, shape (n_probes,).
        cells: The (group, kind) pairs that occur.
        key: What is known of them that a learner's answers are held against; it has a method `at`.
    """

    inputs: Inputs
    answers: NDArray[Any]
    cell: NDArray[np.int64]
    cells: tuple[tuple[str, str], ...]
    key: Any

    def __post_init__(self) -> None:
        self.inputs.flags.writeable = False  # learners are handed these very rows

    @property
    @abstractmethod
    def of_nobody(self) -> NDArray[np.float64]:
        """What `score` would take from whoever knows nothing."""

    @abstractmethod
    def answered(self, given: NDArray[np.floating[Any]]) -> Any:
        """Hold a learner's answers against the key; what comes back has a method `at`."""

    @abstractmethod
    def measures(self, readings: Collection[str]) -> Mapping[str, Measure[Any, Any]]:
        """All measures by name, and those readings that are read off answers."""

    def score(
        self, given: NDArray[np.floating[Any]], readings: Collection[str] = (), **place: Any
    ) -> list[dict[str, Any]]:
        """Score a learner's answers.

        Args:
            given: What the learner's `predict` gave for `inputs`.
            readings: What the plan asks for beside the measures that every study has.
            place: What every row says before that: where the answers stand among all of a study.

        Returns:
            One dictionary per cell and measure: the place, then group, probe, measure, value and n.
        """
        rows, answers = [], self.answered(given)
        of_some: dict[Any, Any] = {None: answers}
        for name, measure in self.measures(readings).items():
            asked = self._asked(measure.defined)
            if not asked.counts:
                continue
            if measure.defined not in of_some:
                of_some[measure.defined] = answers.at(asked.places, asked.key)
            values = measure.of(of_some[measure.defined])
            sums = np.bincount(asked.cell, values, minlength=len(self.cells)).tolist()
            rows += [
                {**place, "group": group, "probe": kind, "measure": name, "value": sums[i] / n, "n": n}
                for i, group, kind, n in asked.counts
            ]
        return rows

    def _asked(self, defined: Callable[[Any], NDArray[np.bool_]] | None) -> Asked:
        """Where a measure is defined: the same for whatever is answered, so it is found once."""
        if defined not in self._known:
            places = None if defined is None else np.flatnonzero(defined(self.key))
            cell, key = (self.cell, self.key) if places is None else (self.cell[places], self.key.at(places))
            n = np.bincount(cell, minlength=len(self.cells)).tolist()
            counts = tuple((i, *self.cells[i], n[i]) for i in range(len(n)) if n[i])
            self._known[defined] = Asked(places, key, cell, counts)
        return self._known[defined]

    @cached_property
    def _known(self) -> dict[Callable[[Any], NDArray[np.bool_]] | None, Asked]:
        return {}


@dataclass(frozen=True, eq=False)
class ClassProbes(Probes):
    """Probes that are answered with classes.

    Attributes:
        inputs: Shape (n_probes, n_columns).
        answers: Classes, int64 of shape (n_probes,).
        cell: As `Probes` has it.
        cells: Likewise.
        key: What answers are held against.
    """

    inputs: Inputs
    answers: NDArray[np.int64]
    cell: NDArray[np.int64]
    cells: tuple[tuple[str, str], ...]
    key: AnswerKey

    @classmethod
    def encoded(
        cls, frame: pl.DataFrame, inputs: Inputs, world: World, tie_breaks: NDArray[np.float64]
    ) -> Self:
        """Put encoded probes beside what scoring them takes.

        Args:
            frame: Probes as an episode has them.
            inputs: The same, encoded, shape (n_probes, n_columns).
            world: Says how many classes each question has, and which answers are right.
            tie_breaks: As `iml_general.measuring.answer_key.AnswerKey` has it.

        Returns:
            The probes in the same order.
        """
        *said, inverse = (
            frame[name].cast(pl.Int64).fill_null(NONE).to_numpy()
            for name in ("said_reliable", "said_unreliable", "inverse")
        )
        answers = frame["answer"].to_numpy().astype(np.int64)
        key = AnswerKey(
            right=by_columns(_right(frame, world, answers)),
            n_classes=world.classes_per_question.astype(np.int64)[frame["question"].to_numpy()],
            said=np.stack(said),
            inverse=inverse,
            lie=_lies(frame),
            beside=_beside(frame),
            tie_breaks=by_columns(tie_breaks),
        )
        return cls(inputs, answers, *cells_of(frame), key)

    @property
    def of_nobody(self) -> NDArray[np.float64]:
        """All classes equally likely; see `Probes.of_nobody`."""
        shape = self.key.right.shape
        return np.full(shape, 1.0 / shape[1])

    def answered(self, given: Probabilities) -> Answers:
        """Read the answers off probabilities of shape (n_probes, n_answers); see `Probes.answered`."""
        return Answers.of(given, self.key)

    def measures(self, readings: Collection[str]) -> Mapping[str, Measure[Answers, AnswerKey]]:
        """Measures of classes; see `Probes.measures`."""
        asked_for = {name: measure for name, measure in READ_OFF_ANSWERS.items() if name in readings}
        return MEASURES | asked_for


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
