"""The checks as cases of a pytest suite."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from iml_general.checks.case import Case, Plugin, cases_of
from iml_general.errors import UsageError, unknown

if TYPE_CHECKING:
    import pytest


def parametrize(
    plugins: Sequence[Plugin],
    expected_failures: Mapping[str, str] | None = None,
) -> pytest.MarkDecorator:
    """Make a pytest test of every check of every learner or world, with readable ids.

    Args:
        plugins: Learners and worlds as `run_checks` takes them.
        expected_failures: Reasons by id, such as ``{"mine: same seed, same answers": "why"}``.

    Returns:
        A mark for a test function with the argument ``check``, which it has to call.

    Raises:
        UsageError: If one can't be checked, an id is not known, or nothing would be checked.
    """
    import pytest

    reasons = dict(expected_failures or {})
    cases: list[Case] = []
    for plugin in plugins:
        its_ids = {case.id for case in cases_of(plugin)}
        cases += cases_of(plugin, {key: why for key, why in reasons.items() if key in its_ids})
    ids = [case.id for case in cases]
    for key in reasons:
        if key not in ids:
            raise UsageError(unknown("check", key, ids))
    if all(case.skipped for case in cases):
        raise UsageError("nothing is due any check, so nothing would be checked; name a learner or a world")
    return pytest.mark.parametrize("check", [pytest.param(_Test(case), id=case.id) for case in cases])


@dataclass(frozen=True, eq=False)
class _Test:
    """A case that tells pytest what became of it."""

    case: Case

    def __call__(self) -> None:
        """Run the case.

        Raises:
            AssertionError: If it failed.
        """
        import pytest

        __tracebackhide__ = True
        result = self.case.run()
        if result.outcome == "skip":
            pytest.skip(result.reason)
        if result.outcome == "expected failure":
            pytest.xfail(f"{result.reason} ({result.seen})")
        if result.outcome == "fail":
            raise AssertionError(result.message)
