"""A learner's declaration is checked as a whole: every fault in one error."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pytest

from iml_general.errors import UsageError
from iml_general.learner import (
    AffinityLearner,
    Batch,
    CheckpointLearner,
    CohortLearner,
    Inputs,
    Learner,
    LearnerInfo,
    Probabilities,
    Schema,
)
from iml_general.plugins import registry
from iml_general.plugins.contract import capabilities_of, check_contract, has_search_space
from iml_general.regressor import NumberBatch, Regressor, Values
from learners.classical.bayes import NaiveBayes

FACTS: dict[str, Any] = {
    "name": "toy",
    "family": "toys",
    "summary": "A toy.",
    "form": "codes",
    "rules": ("append",),
}


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"name": "Toy Learner"}, "is not lower-case words joined by hyphens"),
        ({"rules": ()}, "rules is empty"),
        ({"rules": ("append", "forget")}, "rule 'forget' is not one of"),
        ({"rules": ("append", "append")}, "names a rule twice"),
        ({"summary": ""}, "must say something"),
        ({"max_rows": 0}, "max_rows 0 is less than 1; leave it out if there is no limit"),
    ],
)
def test_a_capability_record_checks_itself(change: dict[str, Any], fault: str) -> None:
    with pytest.raises(UsageError, match="LearnerInfo of") as caught:
        LearnerInfo(**{**FACTS, **change})
    assert fault in str(caught.value)


def test_all_faults_of_a_record_come_in_one_error() -> None:
    with pytest.raises(UsageError) as caught:
        LearnerInfo(**{**FACTS, "name": "X", "rules": (), "family": ""})
    assert str(caught.value).count(";") >= 2


def test_a_class_must_be_what_it_declares() -> None:
    @dataclass(frozen=True)
    class Liar(Learner[int]):
        info: ClassVar[LearnerInfo] = LearnerInfo(
            **{
                **FACTS,
                "rules": ("append", "retrain"),
                "form": "sounds",
                "role": "judge",
                "update_fields": ("decay",),
            }
        )

    with pytest.raises(UsageError) as caught:
        check_contract(Liar)
    for fault in (
        "has no field `rule`",
        "names the update field 'decay', which it has not",
        "declares the form 'sounds', which is not one of vectors, tokens, codes, pictures, text",
        "declares the role 'judge', which is not one of subject, positive control, ",
        "lacks the methods fit, predict, update",
    ):
        assert fault in str(caught.value)


def test_the_rule_of_a_new_learner_is_one_that_it_declares() -> None:
    @dataclass(frozen=True)
    class Narrowed(NaiveBayes):
        info: ClassVar[LearnerInfo] = replace(NaiveBayes.info, name="narrowed", rules=("retrain",))

    with pytest.raises(UsageError, match="has the rule 'continue' by default, and declares retrain alone"):
        check_contract(Narrowed)


def test_the_class_alone_tells_what_a_learner_offers() -> None:
    class Both(AffinityLearner[int], CohortLearner[int]):
        pass

    assert capabilities_of(Both) == ("cohort", "affinity")
    assert capabilities_of(Counts) == ()


def test_the_length_of_stage_1_is_a_field_and_a_cohort_has_checkpoints_of_its_own() -> None:
    @dataclass(frozen=True)
    class Lost(CheckpointLearner[int], CohortLearner[int]):
        info: ClassVar[LearnerInfo] = LearnerInfo(**{**FACTS, "rules": ("retrain",)})
        length_field: ClassVar[str] = "epochs"

    with pytest.raises(UsageError) as caught:
        check_contract(Lost)
    assert "names the length_field 'epochs', which it has not" in str(caught.value)
    assert "derive from CheckpointCohort in place of the latter" in str(caught.value)
    assert capabilities_of(Lost) == ("cohort", "checkpoints")


def test_regressors_keep_a_contract_of_their_own_and_nobody_derives_from_what_both_share() -> None:
    @dataclass(frozen=True)
    class Zero(Regressor[int]):
        info: ClassVar[LearnerInfo] = LearnerInfo(**{**FACTS, "rules": ("retrain",)})

        def fit(self, batch: NumberBatch, seed: int) -> int:
            return 0

        def predict(self, state: int, inputs: Inputs) -> Values:
            return np.zeros(len(inputs))

    check_contract(Zero)
    assert (Zero.answer_kind, Counts.answer_kind) == ("numbers", "classes")
    assert not issubclass(Zero, Learner)
    with pytest.raises(UsageError, match="is not a subclass of"):
        registry.learner("iml_general.learner:AnyLearner")


def test_a_class_without_info_or_not_frozen_is_refused() -> None:
    class Bare(Learner[int]):
        pass

    @dataclass
    class Mutable(Learner[int]):
        info: ClassVar[LearnerInfo] = LearnerInfo(**FACTS)

    with pytest.raises(UsageError, match="has no class attribute `info"):
        check_contract(Bare)
    with pytest.raises(UsageError, match="is not decorated with @dataclass"):
        check_contract(Mutable)


@dataclass(frozen=True)
class Counts(Learner[int]):
    """Counts rows; its class has no `update`."""

    info: ClassVar[LearnerInfo] = LearnerInfo(**{**FACTS, "rules": ("retrain",)})

    def fit(self, batch: Batch, seed: int) -> int:
        return len(batch)

    def predict(self, state: int, inputs: Inputs) -> Probabilities:
        return np.full((len(inputs), 2), 0.5)


def test_a_learner_that_only_retrains_needs_no_update_and_refuses_rows_in_one() -> None:
    check_contract(Counts)
    learner = Counts()
    rows = Batch(np.zeros((3, 1)), np.zeros(3, dtype=np.int64), 2, Schema("codes", ("tag",), (4,), (0,)))
    assert learner.update(7, Batch(rows.inputs[:0], rows.answers[:0], 2, rows.schema), 1) == 7
    with pytest.raises(NotImplementedError, match=r"can't learn more .* fit it on the rows of both stages"):
        learner.update(7, rows, 1)


def test_a_learner_without_a_search_space_says_so_to_whoever_searches() -> None:
    check_contract(Counts)
    assert not has_search_space(Counts)
    with pytest.raises(UsageError, match="has no search space: write its `suggest`"):
        Counts.suggest(None)

    @dataclass(frozen=True)
    class Searched(Counts):
        @classmethod
        def suggest(cls, trial: Any) -> "Searched":
            return cls()

    assert has_search_space(Searched)


def test_a_learner_with_another_rule_needs_one() -> None:
    @dataclass(frozen=True)
    class Forgot(Counts):
        info: ClassVar[LearnerInfo] = LearnerInfo(**{**FACTS, "rules": ("append",)})

    with pytest.raises(UsageError, match="lacks the methods update"):
        check_contract(Forgot)
