"""A learner that has two configurations."""

from dataclasses import dataclass
from typing import ClassVar

from iml_general.learner import LearnerInfo
from learners.classical.bayes import NaiveBayes


@dataclass(frozen=True)
class Few(NaiveBayes):
    info: ClassVar = LearnerInfo(
        "few", "toys", "Naive Bayes, smoothed a little or much.", "vectors", ("continue", "retrain")
    )

    @classmethod
    def suggest(cls, trial):
        return cls(var_smoothing=trial.suggest_categorical("var_smoothing", [1e-9, 1e-3]))
