"""The positive controls: whoever believes what they believe must show the effect."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Self

from iml_general.learner import Batch, Inputs, Learner, LearnerInfo, Probabilities
from iml_general.regressor import NumberBatch, Regressor, Values
from iml_general.rows import POSITIVE
from learners.controls.beliefs import Beliefs
from learners.controls.number_beliefs import NumberBeliefs

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
        role=POSITIVE,
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


@dataclass(frozen=True)
class IdealObserverOfNumbers(Regressor[NumberBeliefs]):
    """Infers each tag's reliability and answers with the posterior mean."""

    info: ClassVar[LearnerInfo] = replace(
        IdealObserver.info,
        name="ideal-observer-of-numbers",
        summary="infers each tag's reliability and answers with the posterior mean: must show the effect",
    )

    @classmethod
    def suggest(cls, trial: optuna.Trial) -> Self:
        """Give the only configuration there is."""
        del trial
        return cls()

    def fit(self, batch: NumberBatch, seed: int) -> NumberBeliefs:
        """Form beliefs; nothing is random."""
        del seed
        return NumberBeliefs.of(batch)

    def update(self, state: NumberBeliefs, batch: NumberBatch, seed: int) -> NumberBeliefs:
        """Form beliefs anew from the rows of both stages."""
        del seed
        return NumberBeliefs.of(state.rows + batch)

    def predict(self, state: NumberBeliefs, inputs: Inputs) -> Values:
        """Answer from memory, or else with the posterior mean."""
        return state.answer(inputs)
