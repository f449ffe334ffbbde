"""What became of one check, and what a check raises if its claim does not hold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

Outcome = Literal["pass", "fail", "skip", "expected failure"]


@dataclass(frozen=True)
class CheckResult:
    """What became of one check.

    Attributes:
        id: The learner's name, its update rule where the claim is about one, and the claim, such as
            ``"lightgbm-refit: state is not mutated by update"``.
        outcome: Any failure but an expected one means that the learner does not conform.
        seen: What was found, if the claim does not hold.
        expected: What should have been found.
        again: A command, or for a configuration a call, that runs this check alone.
        reason: Why the check was skipped or was expected to fail.
    """

    id: str
    outcome: Outcome
    seen: str = ""
    expected: str = ""
    again: str = ""
    reason: str = ""

    @property
    def message(self) -> str:
        """The whole result in words, for a failure."""
        return f"{self.id}\n  seen: {self.seen}\n  expected: {self.expected}\n  again: {self.again}"


class CheckFailedError(Exception):
    """A claim that does not hold: what was seen, and what was expected."""

    def __init__(self, seen: str, expected: str) -> None:
        super().__init__(f"{seen}; expected: {expected}")
        self.seen, self.expected = seen, expected


class CheckSkippedError(Exception):
    """A claim that can't be looked into here, with the reason."""


def conforms(results: Iterable[CheckResult]) -> bool:
    """Whether a learner passed: nothing failed, and not everything was skipped.

    Args:
        results: All results of one learner.

    Returns:
        False also if there are no results, or only skipped ones: a suite that looked at nothing has
        shown nothing.
    """
    outcomes = [result.outcome for result in results]
    return "fail" not in outcomes and not all(outcome == "skip" for outcome in outcomes)


def require(holds: bool, seen: str, expected: str) -> None:
    """Raise unless a claim holds.

    Args:
        holds: Whether it does.
        seen: What was seen.
        expected: What was expected.

    Raises:
        CheckFailedError: If it does not.
    """
    if not holds:
        raise CheckFailedError(seen, expected)


def require_same(found: Any, wanted: Any, what: str, expected: str, rounding: float = 0.0) -> None:
    """Raise unless two arrays hold the same numbers.

    Args:
        found: An array.
        wanted: What it is compared with.
        what: What the arrays are, such as ``"probabilities"``.
        expected: The claim.
        rounding: Largest difference that counts as the same.

    Raises:
        CheckFailedError: Says how many rows differ and by how much.
    """
    found, wanted = np.asarray(found), np.asarray(wanted)
    require(found.shape == wanted.shape, f"{what} of shapes {found.shape} and {wanted.shape}", expected)
    difference = np.abs(found.astype(np.float64) - wanted.astype(np.float64))
    differs = ~(difference <= rounding) & ~(np.isnan(found) & np.isnan(wanted))
    if differs.any():
        n_rows = int(differs.reshape(len(differs), -1).any(axis=1).sum())
        seen = f"{what} differ in {n_rows} of {len(found)} rows, by up to {np.nanmax(difference):.3g}"
        raise CheckFailedError(seen, expected)
