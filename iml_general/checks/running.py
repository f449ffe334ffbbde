"""Runs the checks that a learner or a world is due, one after another."""

from __future__ import annotations

from collections.abc import Callable, Mapping

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
        claims = sorted({case.check.claim for case in cases})
        raise UsageError(f"no check has {only!r} in its name; there are: {', '.join(claims)}")
    results = []
    for case in chosen:
        if watch:
            watch(case)
        results.append(case.run())
    return results
