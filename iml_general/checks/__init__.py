"""Conformance checks for learners and worlds, for their authors.

Every check makes one claim. Those of a learner are chosen by what its class offers and its ``info``
declares. From a shell, ``iml check NAME``; in a test suite::

    from iml_general.checks import parametrize

    @parametrize([MyLearner])
    def test_my_learner_conforms(check):
        check()
"""

from iml_general.checks.case import Case, cases_of
from iml_general.checks.pytest_cases import parametrize
from iml_general.checks.result import CheckResult, conforms
from iml_general.checks.running import run_checks

__all__ = ["Case", "CheckResult", "cases_of", "conforms", "parametrize", "run_checks"]
