from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import jsonschema
import polars as pl
import pytest

from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.formats.json_export import render_json, schema
from iml_general.rows import KEYS


@pytest.fixture(scope="module")
def content(report: ComparisonReport) -> dict[str, Any]:
    """The exported report, read back."""
    read: dict[str, Any] = json.loads(render_json(report))
    return read


def refuse(text: str) -> None:
    raise AssertionError(text)


def objects(part: Any) -> Iterator[dict[str, Any]]:
    """Every object within a schema."""
    if isinstance(part, dict):
        yield part
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from objects(inner)


def test_the_output_fulfils_the_schema_that_is_shipped(
    content: dict[str, Any], hostile: ComparisonReport
) -> None:
    validator = jsonschema.Draft202012Validator(schema())
    validator.check_schema(schema())
    validator.validate(content)
    validator.validate(json.loads(render_json(hostile)))


def test_the_schema_refuses_what_it_does_not_describe(content: dict[str, Any]) -> None:
    validator = jsonschema.Draft202012Validator(schema())
    first = content["configurations"][0]
    broken = [
        {**content, "more": 1},
        {name: value for name, value in content.items() if name != "faults"},
        {**content, "schema_version": 2},
        {**content, "configurations": [{**first, "effects": [{"seed": 0}]}]},
        {**content, "configurations": [{**first, "verdicts": [{**first["verdicts"][0], "mean": "0.3"}]}]},
    ]
    assert not any(validator.is_valid(one) for one in broken)


def test_every_field_of_the_schema_says_what_it_means() -> None:
    fields = [one for part in objects(schema()) for one in part.get("properties", {}).values()]
    assert len(fields) > 60
    assert all(len(one["description"]) > 10 for one in fields)


def test_every_verdict_effect_and_group_mean_is_there_to_the_last_digit(
    content: dict[str, Any], report: ComparisonReport
) -> None:
    tables = {"verdicts": report.verdicts, "effects": report.effects, "group_means": report.means}
    for name, frame in tables.items():
        rows = [
            {**{key: one[key] for key in KEYS}, **row}
            for one in content["configurations"]
            for row in one[name]
        ]
        read = pl.DataFrame(rows, schema=frame.schema)
        assert read.sort(pl.all()).equals(frame.sort(pl.all()))


def test_the_lines_stand_in_the_order_of_the_verdict_table(
    content: dict[str, Any], report: ComparisonReport
) -> None:
    keys = [tuple(one[key] for key in KEYS) for one in content["configurations"]]
    assert keys == [pair.key for pair in report.pairs]


def test_answer_plan_provenance_costs_failures_and_absence_are_there(hostile: ComparisonReport) -> None:
    content = json.loads(render_json(hostile))
    record = hostile.records[0]
    assert (content["answer"], content["faults"]) == (hostile.answer, list(hostile.faults))
    assert content["unfinished"] == "3 of 40 units of work done"
    (run,) = content["runs"]
    assert run["plan"] == record.plan
    assert run["provenance"] == record.provenance
    assert run["absent"] == record.absent
    assert run["failures"] == record.failures.to_dicts()
    assert run["costs"] == record.costs.to_dicts()
    assert run["importances"] == record.importances.to_dicts()


def test_texts_that_are_json_themselves_are_read(content: dict[str, Any]) -> None:
    (run,) = content["runs"]
    assert run["searches"][0]["factors"] == {"width": 64, "rate": None}
    assert run["configurations"][0]["encoding"] == {"alias": "bits"}


def test_numbers_that_are_not_finite_are_null(report: ComparisonReport) -> None:
    record = report.records[0]
    plan = record.plan | {"root_seed": float("nan"), "protocol": {"limits": [1.0, float("inf")]}}
    costs = record.costs.with_columns(seconds=pl.lit(float("-inf")))
    means = report.means.with_columns(em=pl.lit(float("nan")))
    broken = replace(report, records=(replace(record, plan=plan, costs=costs),), means=means)
    content = json.loads(render_json(broken), parse_constant=refuse)
    assert content["runs"][0]["plan"]["root_seed"] is None
    assert content["runs"][0]["plan"]["protocol"]["limits"] == [1.0, None]
    assert {row["seconds"] for row in content["runs"][0]["costs"]} == {None}
    assert {row["em"] for row in content["configurations"][0]["group_means"]} == {None}
    jsonschema.validate(content, schema())


def test_the_same_run_gives_the_same_text(report: ComparisonReport) -> None:
    assert render_json(ComparisonReport.from_runs(report.records)) == render_json(report)
