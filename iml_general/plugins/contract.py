"""Whether a learner class is what its declaration says: all faults at once."""

from __future__ import annotations

from typing import Any

from iml_general.encoding.forms import FORMS
from iml_general.errors import UsageError
from iml_general.learner import (
    AffinityLearner,
    AnyLearner,
    CheckpointCohort,
    CheckpointLearner,
    Cohort,
    Learner,
    LearnerInfo,
    RepresentationLearner,
)
from iml_general.regressor import Regressor
from iml_general.rows import NEGATIVE, POSITIVE, REFERENCE, SUBJECT

ROLES = (SUBJECT, POSITIVE, NEGATIVE, REFERENCE)
"""The roles that a learner can have by itself."""

CONTRACTS = (Learner, Regressor)
"""What a learner derives from, by what it answers with."""

CAPABILITIES: dict[str, type[Any]] = {
    "cohort": Cohort,
    "affinity": AffinityLearner,
    "representation": RepresentationLearner,
    "checkpoints": CheckpointLearner,
}
"""What a learner can offer beyond learning: it does if its class derives from this one."""


def capabilities_of(cls: type[AnyLearner[Any]]) -> tuple[str, ...]:
    """Name what a learner offers beyond learning.

    Args:
        cls: A learner class.

    Returns:
        Names of `CAPABILITIES`, in that order.
    """
    return tuple(name for name, base in CAPABILITIES.items() if issubclass(cls, base))


def has_search_space(cls: type[AnyLearner[Any]]) -> bool:
    """Whether a learner can be searched: its author has written `suggest`."""
    return cls.suggest.__func__ is not AnyLearner.suggest.__func__  # type: ignore[attr-defined]


def check_contract(cls: type[AnyLearner[Any]]) -> None:
    """Check that a learner class keeps the contract and does what its `info` declares.

    Args:
        cls: A learner class.

    Raises:
        UsageError: Lists every way in which the class and its declaration disagree.
    """
    info = getattr(cls, "info", None)
    if not isinstance(info, LearnerInfo):
        raise UsageError(f"{cls.__qualname__} has no class attribute `info = LearnerInfo(...)`")
    faults = _field_faults(cls, info)
    for what, given, allowed in (("form", info.form, tuple(FORMS)), ("role", info.role, ROLES)):
        if given not in allowed:
            faults.append(f"declares the {what} {given!r}, which is not one of {', '.join(allowed)}")
    lacking = set(getattr(cls, "__abstractmethods__", ()))
    if cls.update is AnyLearner.update and info.rules != ("retrain",):
        lacking.add("update")
    if lacking:
        faults.append(f"lacks the methods {', '.join(sorted(lacking))}")
    if faults:
        where = f"{cls.__module__}:{cls.__qualname__}"
        raise UsageError(f"learner {info.name!r} ({where}): " + "; ".join(faults))


def _field_faults(cls: type[AnyLearner[Any]], info: LearnerInfo) -> list[str]:
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
    default = getattr(cls, "rule", None)
    if "rule" in names and default is not None and default not in info.rules:
        faults.append(f"has the rule {default!r} by default, and declares {', '.join(info.rules)} alone")
    if issubclass(cls, CheckpointLearner):
        faults += _length_faults(cls, names)
    return faults


def _length_faults(cls: type[CheckpointLearner[Any]], names: set[str]) -> list[str]:
    faults = []
    length = getattr(cls, "length_field", None)
    if length not in names:
        faults.append(f"names the length_field {length!r}, which it has not")
    if issubclass(cls, Cohort) and not issubclass(cls, CheckpointCohort):
        faults.append(
            "is a Cohort and a CheckpointLearner: derive from CheckpointCohort in place of the latter"
        )
    return faults
