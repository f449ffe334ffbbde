"""Learners whose effect is known beforehand: they show whether a study can be believed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from iml_general.learner import Batch, Inputs, Learner, LearnerInfo, Probabilities, Schema
from iml_general.options import PositiveInt
from learners.anchors.ideal_observer import Beliefs
from learners.trees.forest import ExtraTrees
from learners.trees.forest_state import ForestState

if TYPE_CHECKING:
    import optuna


@dataclass(frozen=True)
class IdealObserver(Learner[Beliefs]):
    """Infers each tag's reliability and answers by Bayes' rule: the effect at its largest."""

    info: ClassVar[LearnerInfo] = LearnerInfo(
        name="ideal-observer",
        family="controls",
        summary="infers each tag's reliability and answers by Bayes' rule: must show the effect",
        form="codes",
        rules=("append",),
        role="positive control",
        libraries=("scipy",),
    )

    @classmethod
    def suggest(cls, trial: optuna.Trial) -> Self:
        """Give the only configuration there is."""
        del trial
        return cls()

    def fit(self, batch: Batch, seed: int) -> Beliefs:
        """Form beliefs; nothing is random."""
        del seed
        return Beliefs.of(batch)

    def update(self, state: Beliefs, batch: Batch, seed: int) -> Beliefs:
        """Form beliefs anew from the rows of both stages."""
        del seed
        return Beliefs.of(state.rows + batch)

    def predict(self, state: Beliefs, inputs: Inputs) -> Probabilities:
        """Answer from memory, or else by Bayes' rule."""
        return state.answer(inputs)


@dataclass(frozen=True, eq=False)
class BlindState:
    """A forest that was never shown some of the columns.

    Attributes:
        kept: Positions of the columns it was shown, int64 of shape (n_kept,).
        forest: The forest.
    """

    kept: NDArray[np.int64]
    forest: ForestState


@dataclass(frozen=True)
class TagBlind(Learner[BlindState]):
    """Extra trees that never see the tag.

    Conditions of one seed differ in stage-1 tags alone, so its states under ``informative`` and
    ``shuffled`` are one and the same: a controlled effect other than exactly 0 betrays the protocol.

    Attributes:
        n_estimators: Number of trees.
    """

    info: ClassVar[LearnerInfo] = LearnerInfo(
        name="tag-blind",
        family="controls",
        summary="extra trees that never see the tag: must show no effect at all",
        form="vectors",
        rules=("refit",),
        role="negative control",
        libraries=("scikit-learn",),
    )

    n_estimators: PositiveInt = 50

    @classmethod
    def suggest(cls, trial: optuna.Trial) -> Self:
        """Give the default: a control is not searched."""
        del trial
        return cls()

    def fit(self, batch: Batch, seed: int) -> BlindState:
        """Grow a forest on all columns but the tag's."""
        n_columns, tags = len(batch.schema.columns), list(batch.schema.tag_columns)
        kept = np.setdiff1d(np.arange(n_columns), tags)
        return BlindState(kept, self._trees.fit(_without_tag(batch, kept), seed))

    def update(self, state: BlindState, batch: Batch, seed: int) -> BlindState:
        """Refit the leaves on all columns but the tag's."""
        rows = _without_tag(batch, state.kept)
        return replace(state, forest=self._trees.update(state.forest, rows, seed))

    def predict(self, state: BlindState, inputs: Inputs) -> Probabilities:
        """Answer alike whatever the tag."""
        return self._trees.predict(state.forest, inputs[:, state.kept])

    @property
    def _trees(self) -> ExtraTrees:
        return ExtraTrees(n_estimators=self.n_estimators, rule="refit")


def _without_tag(batch: Batch, kept: NDArray[np.int64]) -> Batch:
    columns = tuple(batch.schema.columns[i] for i in kept)
    schema = Schema(batch.schema.form, columns, batch.schema.n_values, tag_columns=())
    return replace(batch, inputs=batch.inputs[:, kept], schema=schema)


@dataclass(frozen=True)
class Chance(Learner[int]):
    """Finds all answers equally likely; its state is their number."""

    info: ClassVar[LearnerInfo] = LearnerInfo(
        name="chance",
        family="controls",
        summary="finds all answers equally likely: what a score is worth",
        form="codes",
        rules=("append",),
        role="reference",
    )

    @classmethod
    def suggest(cls, trial: optuna.Trial) -> Self:
        """Give the only configuration there is."""
        del trial
        return cls()

    def fit(self, batch: Batch, seed: int) -> int:
        """Note the number of answers."""
        del seed
        return batch.n_answers

    def update(self, state: int, batch: Batch, seed: int) -> int:
        """Learn nothing."""
        del batch, seed
        return state

    def predict(self, state: int, inputs: Inputs) -> Probabilities:
        """Spread probability evenly."""
        return np.full((len(inputs), state), 1 / state)
