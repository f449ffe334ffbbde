"""A learner that fails, and reads nothing."""

from dataclasses import dataclass
from typing import ClassVar

from iml_general.learner import LearnerInfo
from learners.classical.bayes import NaiveBayes


@dataclass(frozen=True)
class Fails(NaiveBayes):
    info: ClassVar = LearnerInfo("fails", "toys", "Raises.", "vectors", ("continue", "retrain"))

    def fit(self, batch, seed):
        raise RuntimeError("on purpose")
