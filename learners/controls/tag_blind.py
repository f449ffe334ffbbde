"""The negative controls: whoever never sees the tag can show no effect at all."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from iml_general.learner import AnyLearner, Inputs, Learner, LearnerInfo, Rows, Schema
from iml_general.options import PositiveInt
from iml_general.regressor import Regressor
from iml_general.rows import NEGATIVE
from learners.trees.forest import ExtraTrees
from learners.trees.forest_regressors import ExtraTreesRegressor
from learners.trees.forest_state import ForestState

if TYPE_CHECKING:
    import optuna


R = TypeVar("R", bound=Rows)


@dataclass(frozen=True, eq=False)
class BlindState:
    """A forest that was never shown some of the columns.

    Attributes:
        kept: Positions of the columns it was shown, int64 of shape (n_kept,).
        forest: The forest.
    """

    kept: NDArray[np.int64]
    forest: ForestState


class Blinded(AnyLearner[BlindState]):
    """A forest that never sees the tag, whatever it answers with.

    Conditions of one seed differ in stage-1 tags alone, so its states under ``informative`` and
    ``shuffled`` are one and the same: a controlled effect other than exactly 0 betrays the protocol.
    """

    @classmethod
    def suggest(cls, trial: optuna.Trial) -> Self:
        """Give the default: a control is not searched."""
        del trial
        return cls()

    @property
    @abstractmethod
    def trees(self) -> AnyLearner[ForestState]:
        """The forest that is not shown the tag."""

    def fit(self, batch: Any, seed: int) -> BlindState:
        """Grow a forest on all columns but the tag's."""
        n_columns, tags = len(batch.schema.columns), list(batch.schema.tag_columns)
        kept = np.setdiff1d(np.arange(n_columns), tags)
        return BlindState(kept, self.trees.fit(_without_tag(batch, kept), seed))

    def update(self, state: BlindState, batch: Any, seed: int) -> BlindState:
        """Refit the leaves on all columns but the tag's."""
        rows = _without_tag(batch, state.kept)
        return replace(state, forest=self.trees.update(state.forest, rows, seed))

    def predict(self, state: BlindState, inputs: Inputs) -> NDArray[np.floating[Any]]:
        """Answer alike whatever the tag."""
        return self.trees.predict(state.forest, inputs[:, state.kept])


@dataclass(frozen=True)
class TagBlind(Blinded, Learner[BlindState]):
    """Extra trees that never see the tag.

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

    @property
    def trees(self) -> ExtraTrees:
        """Extra trees that answer with classes."""
        return ExtraTrees(n_estimators=self.n_estimators, rule="refit")


@dataclass(frozen=True)
class TagBlindRegressor(Blinded, Regressor[BlindState]):
    """Extra trees that answer with numbers and never see the tag.

    Attributes:
        n_estimators: Number of trees.
    """

    info: ClassVar[LearnerInfo] = replace(TagBlind.info, name="tag-blind-regressor")

    n_estimators: PositiveInt = 50

    @property
    def trees(self) -> ExtraTreesRegressor:
        """Extra trees that answer with numbers."""
        return ExtraTreesRegressor(n_estimators=self.n_estimators, rule="refit")


def _without_tag(batch: R, kept: NDArray[np.int64]) -> R:
    columns = tuple(batch.schema.columns[i] for i in kept)
    schema = Schema(batch.schema.form, columns, batch.schema.n_values, tag_columns=())
    return replace(batch, inputs=batch.inputs[:, kept], schema=schema)  # type: ignore[type-var]
