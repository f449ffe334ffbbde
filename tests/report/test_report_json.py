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
from iml_general.report.shown.answer import answer
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
        {**content, "schema_version": 1},
        {**content, "configurations": [{**first, "estimates": [{"effect": "trust"}]}]},
        {**content, "configurations": [{**first, "findings": [{**first["findings"][0], "finding": "IML"}]}]},
        {**content, "configurations": [{**first, "verdicts": [{**first["verdicts"][0], "mean": "0.3"}]}]},
    ]
    assert not any(validator.is_valid(one) for one in broken)


def test_every_field_of_the_schema_says_what_it_means() -> None:
    fields = [one for part in objects(schema()) for one in part.get("properties", {}).values()]
    assert len(fields) > 60
    assert all(len(one["description"]) > 10 for one in fields)


def rows_of(content: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """All objects of one list, with what says which configuration they belong to."""
    return [
        {**{key: one[key] for key in KEYS}, "point": json.dumps(one["point"] or ""), **row}
        for one in content["configurations"]
        for row in one[name]
    ]


def test_every_finding_verdict_estimate_and_group_mean_is_there_to_the_last_digit(
    content: dict[str, Any], report: ComparisonReport
) -> None:
    for name in ("findings", "verdicts", "estimates", "means"):
        frame: pl.DataFrame = getattr(report, name).with_columns(point=pl.lit('""'))
        read = pl.DataFrame(rows_of(content, name), schema=frame.schema)
        assert read.sort(pl.all()).equals(frame.sort(pl.all()))


def test_every_seed_of_every_effect_is_there_to_the_last_digit(
    content: dict[str, Any], report: ComparisonReport
) -> None:
    rows = [
        (*(one[name] for name in ("learner", "rule", "condition", "effect")), *seed)
        for one in rows_of(content, "estimates")
        for seed in zip(one["seeds"], one["values"], one["controlled"], strict=True)
    ]
    columns = ("learner", "rule", "condition", "effect", "seed", "value", "controlled")
    assert len(rows) == len(set(rows))
    assert set(rows) == set(report.effects.select(columns).iter_rows())


def test_every_effect_and_condition_is_explained(content: dict[str, Any], report: ComparisonReport) -> None:
    assert [one["name"] for one in content["effects"]] == [one.name for one in report.effects_table]
    assert [one["name"] for one in content["effects"] if one["endpoint"]] == ["trust", "iml_gap"]
    assert {one["name"]: one["control"] for one in content["conditions"]} == {
        "informative": "shuffled",
        "shuffled": "",
        "no_stage1": "",
    }


def test_configurations_stand_in_the_order_of_the_verdict_table(
    content: dict[str, Any], report: ComparisonReport
) -> None:
    named = [(one["learner"], one["rule"]) for one in content["configurations"]]
    assert named == [(pair.learner, pair.rule) for pair in report.pairs]


def test_answer_plan_provenance_costs_failures_and_absence_are_there(hostile: ComparisonReport) -> None:
    content = json.loads(render_json(hostile))
    record = hostile.records[0]
    assert (content["answer"], content["faults"]) == (answer(hostile), list(hostile.faults))
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
    plan = record.plan | {"root_seed": float("nan"), "limits": {"times": [1.0, float("inf")]}}
    costs = record.costs.with_columns(seconds=pl.lit(float("-inf")))
    means = report.means.with_columns(mean=pl.lit(float("nan")))
    broken = replace(report, records=(replace(record, plan=plan, costs=costs),), means=means)
    content = json.loads(render_json(broken), parse_constant=refuse)
    assert content["runs"][0]["plan"]["root_seed"] is None
    assert content["runs"][0]["plan"]["limits"]["times"] == [1.0, None]
    assert {row["seconds"] for row in content["runs"][0]["costs"]} == {None}
    assert {row["mean"] for row in content["configurations"][0]["means"]} == {None}
    jsonschema.validate(content, schema())


def test_the_same_run_gives_the_same_text(report: ComparisonReport) -> None:
    assert render_json(ComparisonReport.from_runs(report.records)) == render_json(report)
