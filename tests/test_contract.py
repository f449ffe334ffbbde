"""A learner's declaration is checked as a whole: every fault in one error."""

from dataclasses import dataclass
from typing import Any, ClassVar

import pytest

from iml_general.contract import check_contract
from iml_general.errors import UsageError
from iml_general.learner import CohortLearner, Learner, LearnerInfo

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
        ({"form": "pictures"}, "form 'pictures' is not vectors, tokens or codes"),
        ({"rules": ()}, "rules is empty"),
        ({"rules": ("append", "forget")}, "rule 'forget' is not one of"),
        ({"rules": ("append", "append")}, "names a rule twice"),
        ({"summary": ""}, "must say something"),
    ],
)
def test_a_capability_record_checks_itself(change: dict[str, Any], fault: str) -> None:
    with pytest.raises(UsageError, match="LearnerInfo of") as caught:
        LearnerInfo(**{**FACTS, **change})
    assert fault in str(caught.value)


def test_all_faults_of_a_record_come_in_one_error() -> None:
    with pytest.raises(UsageError) as caught:
        LearnerInfo(**{**FACTS, "name": "X", "rules": (), "form": "x"})
    assert str(caught.value).count(";") >= 2


def test_a_class_must_be_what_it_declares() -> None:
    @dataclass(frozen=True)
    class Liar(Learner[int]):
        info: ClassVar[LearnerInfo] = LearnerInfo(
            **{**FACTS, "rules": ("append", "retrain"), "cohort": True, "update_fields": ("decay",)}
        )

    with pytest.raises(UsageError) as caught:
        check_contract(Liar)
    for fault in (
        "has no field `rule`",
        "names the update field 'decay', which it has not",
        "declares cohort=True but is not a CohortLearner",
        "lacks the methods fit, predict, suggest, update",
    ):
        assert fault in str(caught.value)


def test_an_undeclared_capability_is_a_fault_too() -> None:
    @dataclass(frozen=True)
    class Modest(CohortLearner[int]):
        info: ClassVar[LearnerInfo] = LearnerInfo(**FACTS)

    with pytest.raises(UsageError, match="declares cohort=False but is a CohortLearner"):
        check_contract(Modest)


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
