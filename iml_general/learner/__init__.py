"""The learner contract: all that the author of a learner has to read.

This is the contract of learners that answer with one of several classes; those that answer with a number keep
the one in `iml_general.regressor`, beside it.

A learner is a frozen dataclass. Its fields are the hyperparameters, its ``info`` says what it can
do, and its methods take a state in and give a state out. The framework calls::

    state = learner.fit(stage_1, seed)              # learn from tagged statements and questions
    state_2 = learner.update(state, stage_2, seed)  # learn new statements, leaving `state` as it was
    p = learner.predict(state_2, inputs)            # probabilities of the answers

The update rule is an ordinary field called ``rule``; the rule ``retrain`` (fit anew on both stages)
is carried out by the framework, so a learner never sees it in `update`.

Arrays that a learner is given are read-only: other learners get the same ones. Copy what you need to change.

Besides fitting and predicting, a learner may train many seeds at once, be looked into, or be stopped on the
way of a fit: the classes of `iml_general.learner.capabilities` and `iml_general.learner.checkpoints` say how.
Import everything from ``iml_general.learner``.
"""

from iml_general.learner.base import CLASSES, NUMBERS, AnyLearner, Learner, Probabilities
from iml_general.learner.batch import Batch, Inputs, Rows, Schema
from iml_general.learner.capabilities import (
    COHORT_SEEDS,
    LAST_LAYER,
    AffinityLearner,
    Cohort,
    CohortLearner,
    RepresentationLearner,
)
from iml_general.learner.checkpoints import CheckpointCohort, CheckpointLearner
from iml_general.learner.info import RULES, LearnerInfo

__all__ = [
    "CLASSES",
    "COHORT_SEEDS",
    "LAST_LAYER",
    "NUMBERS",
    "RULES",
    "AffinityLearner",
    "AnyLearner",
    "Batch",
    "CheckpointCohort",
    "CheckpointLearner",
    "Cohort",
    "CohortLearner",
    "Inputs",
    "Learner",
    "LearnerInfo",
    "Probabilities",
    "RepresentationLearner",
    "Rows",
    "Schema",
]
