"""Runs the checks that a learner or a world is due, one after another."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence

from iml_general.checks.case import Case, Plugin, cases_of
from iml_general.checks.result import CheckResult
from iml_general.errors import UsageError


def run_checks(
    plugin: Plugin,
    expected_failures: Mapping[str, str] | None = None,
    only: str = "",
    watch: Callable[[Case], None] | None = None,
) -> list[CheckResult]:
    """Check that a learner or a world conforms to the contract.

    Args:
        plugin: Either: a registered name, ``module:Class``, ``./file.py:Class``, a class or one
            configuration.
        expected_failures: Reasons by id, for checks that its author expects to fail; one
            that passes after all is a failure.
        only: Run only checks whose id has this text in it.
        watch: If given, called with every case before it runs.

    Returns:
        One result per check, skipped ones too. `conforms` says what they come to.

    Raises:
        UsageError: If it can't be found or breaks its contract, or a text fits no check.
    """
    cases = cases_of(plugin, expected_failures)
    chosen = [case for case in cases if only in case.id]
    if not chosen:
        raise UsageError(_none_has(only, sorted({case.check.claim for case in cases})))
    results = []
    for case in chosen:
        if watch:
            watch(case)
        results.append(case.run())
    return results


def _none_has(text: str, claims: Sequence[str]) -> str:
    """Say in a line that a text fits no check; all their names would fill a screen."""
    words = {word for claim in claims for word in claim.split()}
    meant = difflib.get_close_matches(text, sorted(words), n=1)
    shown = [claim for claim in claims if not meant or meant[0] in claim.split()][:2]
    some = f"there are {len(claims)}, such as {', '.join(map(repr, shown))}"
    return f"no check has {text!r} in its name; {some}; leave it out to run all"
