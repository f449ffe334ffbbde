"""What can go wrong, each with the exit code the command line gives it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class ImlError(Exception):
    """Any fault that is reported to the user as one line.

    The message names what was given, what is allowed and what to do next.
    """

    exit_code: int = 1


class UsageError(ImlError):
    """The request itself can't be carried out: a wrong name, option, plan or table."""

    exit_code = 2


class LearnerError(ImlError):
    """A learner raised, or returned something that is not a table of probabilities."""


class RunError(ImlError):
    """A run that was rightly asked for could not be carried out."""


class BudgetSpentError(ImlError):
    """The time that a run was given is over; as after Ctrl-C, the same command goes on with it."""

    exit_code = 130


def unknown(what: str, given: str, allowed: Iterable[str]) -> str:
    """Say that a name is not known, which names are, and which one was probably meant.

    Args:
        what: The kind of thing, such as ``"learner"``.
        given: The name as the user wrote it.
        allowed: All names that would have been right.

    Returns:
        One line for a `UsageError`.
    """
    names = sorted(allowed)
    close = difflib.get_close_matches(given, names, n=1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    return f"unknown {what} {given!r}{hint} (allowed: {', '.join(names) or 'none'})"
