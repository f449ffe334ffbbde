"""A learner whose calls are timed, and whose faults become one `LearnerError` with the facts in it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from iml_general.errors import ImlError, LearnerError
from iml_general.learner import (
    AffinityLearner,
    AnyLearner,
    CheckpointLearner,
    Cohort,
    Inputs,
    RepresentationLearner,
    Rows,
)
from iml_general.measuring.faults import fault_in
from iml_general.measuring.layout import by_columns
from iml_general.measuring.under_way import FitUnderWay

T = TypeVar("T")

WRITES = ": other learners are given the same rows, so they are read-only; copy what you change"
"""What is wrong with writing into rows, and what to do instead."""

Costs = dict[tuple[str, str], float]
"""Seconds by (rule, phase); the rule is empty where all variants of a learner share the cost."""


class GuardedLearner:
    """Calls a learner, one member at a time or as a cohort."""

    def __init__(self, learner: AnyLearner[Any], costs: Costs, under_way: FitUnderWay | None = None) -> None:
        """Guard a learner.

        Args:
            learner: The learner; as a cohort if its class is a `Cohort`.
            costs: Where the seconds of its calls are added up.
            under_way: What gives the states of stage 1, if the learner is a `CheckpointLearner`.
        """
        self._learner, self._costs, self._under_way = learner, costs, under_way
        self.rule = learner.active_rule

    def fit(self, batches: Sequence[Rows], seeds: Sequence[int], shared: bool = True) -> list[Any]:
        """Fit one state per batch; the cost is shared by all variants unless said otherwise."""
        learner, rule, under_way = self._learner, "" if shared else self.rule, self._under_way

        def alone() -> list[Any]:
            if isinstance(learner, Cohort):
                return learner.fit_cohort(batches, seeds)
            return [learner.fit(batch, seed) for batch, seed in zip(batches, seeds, strict=True)]

        if shared and under_way is not None and isinstance(learner, CheckpointLearner):
            return self._call(rule, "fit", lambda: under_way.states(learner, batches, seeds, alone))
        return self._call(rule, "fit", alone)

    def update(self, states: Sequence[Any], batches: Sequence[Rows], seeds: Sequence[int]) -> list[Any]:
        """Update each state with its batch."""
        return self._updated("update", states, batches, seeds)

    def try_out(self, states: Sequence[Any], batches: Sequence[Rows], seeds: Sequence[int]) -> list[Any]:
        """Update each state with its batch to see what that does; what it costs stands apart."""
        return self._updated("influence", states, batches, seeds)

    def offers(self, capability: type[Any]) -> bool:
        """Whether the learner's class derives from that of a capability."""
        return isinstance(self._learner, capability)

    def affinity(
        self, state: Any, statements: Inputs, questions: Inputs, answers: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Read affinities, and check that there is a finite number for each row."""
        learner = self._learner
        assert isinstance(learner, AffinityLearner)
        result = self._call("", "affinity", lambda: learner.affinity(state, statements, questions, answers))
        if not isinstance(result, np.ndarray) or result.shape != (len(answers),):
            given = getattr(result, "shape", type(result).__name__)
            raise LearnerError(f"{self._name}: affinity returned {given}, not an array of {len(answers)}")
        if not np.isfinite(result).all():
            raise LearnerError(f"{self._name}: affinity returned NaN or infinity")
        return result

    def layers(self, state: Any, inputs: Inputs) -> dict[str, NDArray[Any]]:
        """Read representations layer by layer, and check that there is a row of finite numbers for each."""
        learner = self._learner
        assert isinstance(learner, RepresentationLearner)
        result = dict(self._call("", "decoding", lambda: learner.layers(state, inputs)))
        for layer, features in result.items():
            if features.ndim != 2 or len(features) != len(inputs) or not np.isfinite(features).all():
                raise LearnerError(
                    f"{self._name}: layer {layer!r} is not {len(inputs)} rows of finite numbers"
                )
        return result

    def step_size(self, n_rows: int) -> float:
        """How large a step the learner's rule takes on so many rows."""
        learner = self._learner
        assert isinstance(learner, AffinityLearner)
        return 1.0 if self.rule == "retrain" else float(learner.step_size(n_rows))

    def predict(self, state: Any, inputs: Inputs, like: Rows, shared: bool) -> NDArray[np.floating[Any]]:
        """Predict, and check that what comes back is what answers rows like those that were learned."""
        rule = "" if shared else self.rule
        result = self._call(rule, "predict", lambda: self._learner.predict(state, inputs))
        if isinstance(result, np.ndarray):
            result = by_columns(result)  # it is checked, and then scored
        fault = fault_in(result, like, len(inputs))
        if fault:
            raise LearnerError(f"{self._name}: predict returned {fault}")
        return result

    def _updated(
        self, phase: str, states: Sequence[Any], batches: Sequence[Rows], seeds: Sequence[int]
    ) -> list[Any]:
        learner = self._learner
        if isinstance(learner, Cohort):
            return self._call(self.rule, phase, lambda: learner.update_cohort(states, batches, seeds))
        triples = list(zip(states, batches, seeds, strict=True))
        return self._call(self.rule, phase, lambda: [learner.update(*triple) for triple in triples])

    def _call(self, rule: str, phase: str, call: Callable[[], T]) -> T:
        start = time.perf_counter()
        try:
            return call()
        except (ImlError, KeyboardInterrupt):  # whoever measures from Python may press Ctrl-C
            raise
        except BaseException as error:  # sys.exit() in a learner ends a unit, not the program
            told = f"{self._name} raised in {phase}: {type(error).__name__}: {error}"
            if isinstance(error, ValueError) and "read-only" in str(error):
                told += WRITES
            raise LearnerError(told) from error
        finally:
            key = (rule, phase)
            self._costs[key] = self._costs.get(key, 0.0) + time.perf_counter() - start

    @property
    def _name(self) -> str:
        return f"learner {self._learner.info.name!r} ({self.rule})"
