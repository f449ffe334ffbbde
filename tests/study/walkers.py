"""A learner that takes one step after the other and notes each, loaded as users' files are."""

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np

from iml_general.learner import Batch, CheckpointLearner, Inputs, Learner, LearnerInfo, Probabilities
from iml_general.options import Count, PositiveInt


@dataclass(frozen=True)
class Walker(Learner[Any], CheckpointLearner[Any]):
    """Its state is a table of how often what was said, in which older steps fade.

    Attributes:
        steps: The length of stage 1.
        notes: A folder in which every step, and every beginning, is a line of the file ``steps``.
        raises_at: Its predict raises at this length.
        stumbles_at: Its fit raises at this step.
        dies_at: Its process dies once in predict at this length.
    """

    info: ClassVar[LearnerInfo] = LearnerInfo(
        "walker", "toys", "For tests.", "codes", ("continue", "retrain"), update_fields=("pace",)
    )
    length_field: ClassVar[str] = "steps"

    rule: Literal["continue", "retrain"] = "continue"
    steps: PositiveInt = 1
    pace: PositiveInt = 1
    notes: str = ""
    raises_at: Count = 0
    stumbles_at: Count = 0
    dies_at: Count = 0

    def fit(self, batch: Batch, seed: int) -> Any:
        (state,) = self.fit_path(batch, seed, [self.steps])
        return state

    def fit_path(self, batch: Batch, seed: int, lengths: Sequence[int]) -> Iterator[Any]:
        state = np.zeros((*batch.schema.n_values[1:], batch.n_answers))
        generator = np.random.default_rng(seed)
        self._note("begins")
        for step in range(1, max(lengths) + 1):
            if step == self.stumbles_at:
                raise RuntimeError(f"stumbles at {step}")
            self._note("step")
            state = self._stepped(state * generator.random(), batch)
            if step in lengths:
                yield state

    def update(self, state: Any, batch: Batch, seed: int) -> Any:
        for _ in range(self.pace if len(batch) else 0):
            state = self._stepped(state * 0.9, batch)
        return state

    def predict(self, state: Any, inputs: Inputs) -> Probabilities:
        if self.steps == self.raises_at:
            raise RuntimeError(f"can't answer after {self.steps}")
        if self.steps == self.dies_at:
            with suppress(FileExistsError):
                (Path(self.notes) / "died").touch(exist_ok=False)
                os._exit(3)
        p = state[inputs[:, 1], inputs[:, 2]] + 0.1
        return np.asarray(p / p.sum(axis=1, keepdims=True))

    def _stepped(self, state: Any, batch: Batch) -> Any:
        state = state.copy()
        np.add.at(state, (batch.inputs[:, 1], batch.inputs[:, 2], batch.answers), 1)
        return state

    def _note(self, what: str) -> None:
        if self.notes:
            with (Path(self.notes) / "steps").open("a") as file:
                file.write(f"{what}\n")
