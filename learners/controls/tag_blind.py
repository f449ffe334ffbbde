"""The negative control: whoever never sees the tag can show no effect at all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from iml_general.learner import Batch, Inputs, Learner, LearnerInfo, Probabilities, Schema
from iml_general.options import PositiveInt
from iml_general.rows import NEGATIVE
from learners.trees.forest import ExtraTrees
from learners.trees.forest_state import ForestState

if TYPE_CHECKING:
    import optuna


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
        role=NEGATIVE,
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
