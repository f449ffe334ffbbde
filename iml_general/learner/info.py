"""What a learner says of itself: its name, its form of input and its update rules."""

from __future__ import annotations

import re
from dataclasses import dataclass

from iml_general.errors import UsageError

RULES: dict[str, str] = {
    "grow": "add parts fitted to stage 2",
    "refit": "keep every tree's structure, update leaf values from stage 2",
    "continue": "go on with gradient steps or partial fits",
    "append": "add rows to memory",
    "retrain": "fit anew on stage 1 and stage 2 together",
}
"""The update rules: what stage 2 may do to a fitted learner."""


@dataclass(frozen=True)
class LearnerInfo:
    """What a learner is. The framework decides by this and by the class, never by names.

    Attributes:
        name: Name on the command line and in every row: lower-case words joined by hyphens.
        family: Readable family, by which reports group learners, such as ``"tree ensembles"``.
        summary: One line for ``iml learners``.
        form: The form of input that it takes; see `Schema`.
        rules: The update rules it knows, the most telling first. A learner whose rules include
            more than one has a field ``rule``.
        role: ``"subject"`` for what a study makes claims about; the controls have another, which
            `iml_general.rows` names.
        update_fields: Fields that only `update` reads. Variants that differ in nothing else share
            one stage-1 state.
        libraries: Distributions whose versions matter for its results, such as ``("lightgbm",)``.
        max_rows: The most rows that it can learn from, both stages together; None if any number. A
            study that has more goes without it, and its report says why.
    """

    name: str
    family: str
    summary: str
    form: str
    rules: tuple[str, ...]
    role: str = "subject"
    update_fields: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()
    max_rows: int | None = None

    def __post_init__(self) -> None:
        faults = []
        if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", self.name):
            faults.append(f"name {self.name!r} is not lower-case words joined by hyphens")
        if not self.rules:
            faults.append("rules is empty; name at least one")
        faults += [f"rule {rule!r} is not one of {list(RULES)}" for rule in self.rules if rule not in RULES]
        if len(set(self.rules)) < len(self.rules):
            faults.append(f"rules {self.rules} names a rule twice")
        if not self.family or not self.summary:
            faults.append("family and summary must say something")
        if self.max_rows is not None and self.max_rows < 1:
            faults.append(f"max_rows {self.max_rows} is less than 1; leave it out if there is no limit")
        if faults:
            raise UsageError(f"LearnerInfo of {self.name!r}: " + "; ".join(faults))
