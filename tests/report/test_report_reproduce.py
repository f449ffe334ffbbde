"""The command of a line measures its learner again, alone, wherever and however the run was carried out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.formats.page_lines import tables_of
from iml_general.report.shown.reproduce import command_for
from iml_general.study.storage.record import RunRecord

Make = Callable[..., Any]


def command(run: RunRecord, began: str, learner: str) -> str:
    run = replace(run, provenance=run.provenance | {"command": began})
    pairs = ComparisonReport.from_run(run).pairs
    return command_for(next(pair for pair in pairs if pair.learner == learner), run)


@pytest.fixture(scope="module")
def run(record: Make, synthetic: Any) -> RunRecord:
    found: RunRecord = record([synthetic("a", "refit", "f"), synthetic("b", "refit", "f")], 3)
    return found


@pytest.mark.parametrize(
    ("began", "wanted"),
    [
        ("iml run quick", "iml run quick --learner a --out runs/a --cache off"),
        (
            "iml run 'my plan.toml' --seeds 3",
            "iml run 'my plan.toml' --seeds 3 --learner a --out runs/a --cache off",
        ),
        (
            "iml run quick --learner b --learner=a --out x --set protocol.unseen=50 --workers 4",
            "iml run quick --set protocol.unseen=50 --learner a --out runs/a --cache off",
        ),
        (
            "iml run quick --storage postgresql+psycopg://me:secret@host/db --trials 3",
            "iml run quick --trials 3 --learner a --out runs/a --cache off",
        ),
        ("iml_general.measure", ""),
        ("", ""),
        ("iml run 'quick", ""),
        ("iml run quick; rm -rf x", "iml run 'quick;' rm -rf x --learner a --out runs/a --cache off"),
    ],
)
def test_who_else_took_part_and_where_it_ran_is_left_out(run: RunRecord, began: str, wanted: str) -> None:
    assert command(run, began, "a") == wanted


def test_a_control_takes_part_in_every_run(run: RunRecord) -> None:
    assert command(run, "iml run quick", "ideal-observer") == ""


def test_a_learner_that_the_plan_has_by_another_name_has_none(run: RunRecord) -> None:
    named = replace(run, plan=run.plan | {"learners": [{"name": "./mine.py:A"}]})
    assert command(named, "iml run quick", "a") == ""


def test_rows_of_another_study_than_the_plan_names_have_none(run: RunRecord) -> None:
    foreign = replace(run, scores=run.scores.with_columns(study=pl.lit("other")))
    lines = [line for table in tables_of(ComparisonReport.from_run(foreign)) for line in table]
    assert lines
    assert {line.command for line in lines} == {""}
