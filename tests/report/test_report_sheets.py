from __future__ import annotations

from dataclasses import replace

import polars as pl

from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.shown.sheets import (
    CARRIED_EFFECTS,
    carried_sheet,
    cost_sheet,
    evidence_sheet,
    group_sheet,
    verdict_sheet,
)
from iml_general.study.storage.record import COST_SCHEMA


def costs(*rows: tuple[str, str, str, float, int]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=COST_SCHEMA, orient="row")


def test_units_of_work_add_up_to_seconds_per_seed() -> None:
    sheet = cost_sheet(
        costs(("mlp", "", "fit", 8.0, 8), ("mlp", "", "fit", 2.0, 2), ("mlp", "continue", "update", 5.0, 10))
    )
    assert sheet.rows == (("mlp", "continue", "1.00", "0.500", "none", "not measured"),)


def test_what_is_shared_by_several_rules_has_a_line_of_its_own() -> None:
    sheet = cost_sheet(
        costs(
            ("forest", "", "fit", 4.0, 2),
            ("forest", "refit", "update", 2.0, 2),
            ("forest", "grow", "update", 3.0, 2),
            ("forest", "", "framework", 1.0, 2),
        )
    )
    assert sheet.rows == (
        ("forest", "all, shared", "2.00", "none", "none", "10%"),
        ("forest", "grow", "none", "1.50", "none", "as above"),
        ("forest", "refit", "none", "1.00", "none", "as above"),
    )


def test_no_cell_of_any_table_is_empty(report: ComparisonReport) -> None:
    sheets = [verdict_sheet(report.pairs), evidence_sheet(report), group_sheet(report)]
    for sheet in [*sheets, cost_sheet(report.records[0].costs)]:
        assert sheet.rows
        assert all(len(row) == len(sheet.columns) and all(row) for row in sheet.rows)


def test_the_group_table_shows_mean_em_of_the_score_rows(report: ComparisonReport) -> None:
    sheet = group_sheet(report)
    row = next(row for row in sheet.rows if row[0] == "mlp continue")
    cell = row[sheet.columns.index("new unreliable (stage 2)")]
    wanted = {"learner": "mlp", "condition": "informative", "moment": "stage2", "probe": "question"}
    em = report.records[0].scores.filter(group="new_unreliable", **wanted)["em"].mean()
    assert cell == f"{em:.2f}"


def test_what_carried_over_is_the_mean_over_the_seeds_in_which_it_is_defined(
    report: ComparisonReport,
) -> None:
    sheet = carried_sheet(report)
    assert all(len(row) == len(sheet.columns) and all(row) for row in sheet.rows)
    cells = {row[0]: row[1:] for row in sheet.rows}
    effects = report.effects.filter(learner="mlp", rule="continue")
    for cell, effect in zip(cells["mlp continue"], CARRIED_EFFECTS, strict=True):
        assert cell == f"{effects.filter(effect=effect)['informative'].mean():+.2f}"
    # Chance memorises nothing, so there is no share of it that could carry over.
    assert cells["chance retrain"][0].startswith("undefined")
    some = report.effects.with_columns(
        informative=pl.when(pl.col("seed") > 2).then("informative")  # null in the first three of eight
    )
    fewer = carried_sheet(replace(report, effects=some))
    assert {row[0]: row[1:] for row in fewer.rows}["mlp continue"][0].endswith(" (5 of 8 seeds)")
