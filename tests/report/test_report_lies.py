"""A report says how lies were made, wherever it says how reliable sources were."""

from dataclasses import replace

import pytest

from iml_general.protocol.lies import LIES, Lies
from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.shown.glossary import notation
from iml_general.report.shown.methods import methods


@pytest.mark.parametrize("lies", ["opposite", "shift"])
def test_lies_that_can_be_inverted_are_described(report: ComparisonReport, lies: Lies) -> None:
    (run,) = report.records
    plan = {**run.plan, "protocol": {**run.plan.get("protocol", {}), "lies": lies}}
    told = ComparisonReport.from_run(replace(run, plan=plan))
    assert f"Where they were not, they were {LIES[lies]}." in " ".join(methods(told))
    (contradicted,) = (text for name, _, text in notation(told) if name == "contradicted")
    assert f"else {LIES[lies]}" in contradicted


def test_the_usual_lies_are_those_of_another_alias(report: ComparisonReport) -> None:
    (contradicted,) = (text for name, _, text in notation(report) if name == "contradicted")
    assert "else true of another alias" in contradicted
