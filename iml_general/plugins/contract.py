"""Whether a learner class is what its declaration says: all faults at once."""

from __future__ import annotations

from typing import Any

from iml_general.errors import UsageError
from iml_general.learner import (
    AffinityLearner,
    CohortLearner,
    Learner,
    LearnerInfo,
    RepresentationLearner,
)

CAPABILITIES: dict[str, type[Any]] = {
    "cohort": CohortLearner,
    "affinity": AffinityLearner,
    "representation": RepresentationLearner,
}


def check_contract(cls: type[Learner[Any]]) -> None:
    """Check that a learner class keeps the contract and does what its `info` declares.

    Args:
        cls: A learner class.

    Raises:
        UsageError: Lists every way in which the class and its declaration disagree.
    """
    info = getattr(cls, "info", None)
    if not isinstance(info, LearnerInfo):
        raise UsageError(f"{cls.__qualname__} has no class attribute `info = LearnerInfo(...)`")
    faults = [*_field_faults(cls, info), *_capability_faults(cls, info)]
    lacking = set(getattr(cls, "__abstractmethods__", ()))
    if cls.update is Learner.update and info.rules != ("retrain",):
        lacking.add("update")
    if lacking:
        faults.append(f"lacks the methods {', '.join(sorted(lacking))}")
    if faults:
        where = f"{cls.__module__}:{cls.__qualname__}"
        raise UsageError(f"learner {info.name!r} ({where}): " + "; ".join(faults))


def _field_faults(cls: type[Learner[Any]], info: LearnerInfo) -> list[str]:
    if "__dataclass_fields__" not in cls.__dict__ or not cls.__dict__["__dataclass_params__"].frozen:
        return ["is not decorated with @dataclass(frozen=True)"]
    names: set[str] = set(cls.__dict__["__dataclass_fields__"])
    faults = [
        f"names the update field {name!r}, which it has not"
        for name in info.update_fields
        if name not in names
    ]
    if len(info.rules) > 1 and "rule" not in names:
        faults.append(f"declares the rules {', '.join(info.rules)} but has no field `rule`")
    return faults


def _capability_faults(cls: type[Learner[Any]], info: LearnerInfo) -> list[str]:
    faults = []
    for flag, base in CAPABILITIES.items():
        declared, there = getattr(info, flag), issubclass(cls, base)
        if declared != there:
            faults.append(f"declares {flag}={declared} but is {'' if there else 'not '}a {base.__name__}")
    return faults
