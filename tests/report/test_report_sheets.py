from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import polars as pl

from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.shown.costs import cost_sheet
from iml_general.report.shown.effect_sheet import effect_sheet
from iml_general.report.shown.sheets import evidence_sheet, group_sheet, verdict_sheet
from iml_general.report.text import rounding
from iml_general.study.storage.record import COST_SCHEMA

Make = Callable[..., Any]


def costs(*rows: tuple[str, str, str, float, int], reused: bool = False) -> pl.DataFrame:
    return pl.DataFrame([(*row, reused) for row in rows], schema=COST_SCHEMA, orient="row")


def test_units_of_work_add_up_to_seconds_per_seed() -> None:
    sheet = cost_sheet(
        costs(("mlp", "", "fit", 8.0, 8), ("mlp", "", "fit", 2.0, 2), ("mlp", "continue", "update", 5.0, 10))
    )
    assert sheet.rows == (("mlp", "continue", "1.00", "0.500", "none", "not measured"),)


def test_what_an_earlier_run_spent_is_told_apart() -> None:
    before = costs(("mlp", "", "fit", 6.0, 2), ("sgd", "", "fit", 1.0, 2), reused=True)
    sheet = cost_sheet(pl.concat([costs(("mlp", "", "fit", 2.0, 2), ("bayes", "", "fit", 1.0, 2)), before]))
    assert sheet.columns[-1] == "not spent in this run"
    assert [(row[0], row[-1]) for row in sheet.rows] == [("bayes", "0%"), ("mlp", "75%"), ("sgd", "100%")]


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
    sheets = [verdict_sheet(report, report.pairs), evidence_sheet(report), group_sheet(report)]
    for sheet in [*sheets, effect_sheet(report), cost_sheet(report.records[0].costs)]:
        assert sheet.rows
        assert all(len(row) == len(sheet.columns) and all(row) for row in sheet.rows)


def test_the_verdict_table_has_the_finding_every_endpoint_and_what_stands_on_another_scale(
    report: ComparisonReport,
) -> None:
    sheet = verdict_sheet(report, report.pairs)
    assert sheet.columns == (
        *("learner, rule", "finding", "trust", "IML gap", "statement weight"),
        *("flags", "share of ideal", "seeds"),
    )
    gp = dict(zip(sheet.columns, next(r for r in sheet.rows if r[0].startswith("gaussian")), strict=True))
    assert gp["finding"] == "△ gap only"
    assert gp["trust"].startswith("● absent ")
    assert gp["IML gap"].startswith("▲ present +0.3")


def test_the_group_table_shows_mean_em_of_the_score_rows(report: ComparisonReport) -> None:
    sheet = group_sheet(report)
    row = next(row for row in sheet.rows if row[0] == "mlp continue")
    cell = row[sheet.columns.index("new unreliable (stage 2)")]
    wanted = {"learner": "mlp", "condition": "informative", "moment": "stage2", "probe": "question"}
    scores = report.records[0].scores.filter(group="new_unreliable", measure="em", **wanted)
    assert cell == f"{scores['value'].mean():.2f}"


def test_groups_are_shown_where_they_were_taught_and_chance_everywhere(report: ComparisonReport) -> None:
    assert group_sheet(report).columns[1:] == (
        *("corroborated (stage 1)", "contradicted (stage 1)", "undefined (stage 1)", "unseen (stage 1)"),
        *("new reliable (stage 2)", "new unreliable (stage 2)", "new neutral (stage 2)"),
        *("new conflict (stage 2)", "unseen (stage 2)"),
    )


def test_every_effect_stands_under_every_condition_and_controlled(report: ComparisonReport) -> None:
    sheet = effect_sheet(report)
    assert sheet.columns == ("learner, rule", "effect", "informative", "shuffled", "no stage 1", "controlled")
    assert len(sheet.rows) == len(report.pairs) * len(report.effects_table)
    cells = {row[1]: row[2:] for row in sheet.rows if row[0] == "mlp continue"}
    assert list(cells) == [effect.words for effect in report.effects_table]
    seeds = report.effects.filter(learner="mlp", effect="disbelief", condition="informative")
    row = report.estimates.filter(learner="mlp", effect="disbelief", condition="informative").row(
        0, named=True
    )
    digits = rounding.digits_of(row["low"], row["high"])
    assert cells["disbelief"][0].startswith(rounding.signed(float(seeds["value"].to_numpy().mean()), digits))
    mean = float(seeds["controlled"].to_numpy().mean())
    digits = rounding.digits_of(row["controlled_low"], row["controlled_high"])
    assert cells["disbelief"][3].startswith(rounding.signed(mean, digits) + " [")


def test_an_effect_that_no_run_could_show_is_left_out(report: ComparisonReport) -> None:
    assert "inversion" not in {effect.name for effect in report.effects_table}
    (run,) = report.records
    told = run.scores.filter(measure="em", group="new_unreliable")
    inverted = told.with_columns(measure=pl.lit("inverted"))
    shown = ComparisonReport.from_run(replace(run, scores=pl.concat([run.scores, inverted])))
    assert "inversion" in {effect.name for effect in shown.effects_table}
    assert len(shown.effects_table) == len(report.effects_table) + 1


def test_what_has_no_value_is_undefined_and_what_was_not_run_not_measured(
    record: Make, synthetic: Any
) -> None:
    run = record([synthetic("a", "grow", "f", memory=0.25)], 3)
    later = run.scores.filter((pl.col("learner") != "a") | (pl.col("condition") != "no_stage1"))
    sheet = effect_sheet(ComparisonReport.from_run(replace(run, scores=later)))
    cells = {row[:2]: row[2:] for row in sheet.rows}
    # Nothing was memorised, so there is no share of it that could carry over; the twin is not learned alone.
    assert cells["chance retrain", "internalisation, reliable"][0] == "undefined"
    assert cells["tag-blind refit", "trust"][2] == "undefined"
    assert cells["a grow", "trust"][2] == "not measured"
