"""How far each source's word is believed is drawn over its reliability, beside the ideal observer's slope."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.formats.markdown import render_markdown
from iml_general.report.shown.belief_figure import TITLE, belief_figure, belief_sheet
from iml_general.report.shown.figures import figures
from iml_general.report.shown.source_figure import mean_text
from iml_general.rows import SCORE_SCHEMA
from iml_general.study.storage.record import RunRecord

Make = Callable[..., Any]
SOURCES = {
    name: {"reliability": reliability, "stage1": 60, "stage2": 30}
    for name, reliability in (("reliable", 1.0), ("half", 0.5), ("unreliable", 0.0))
}
IDEAL = {"reliable": 1.0, "half": 0.625, "unreliable": 0.25}
BELIEFS = {
    "ideal-observer": IDEAL,
    "a": {name: 0.5 + 0.4 * belief for name, belief in IDEAL.items()},  # grades them 0.4 times as far apart
    "b": dict.fromkeys(IDEAL, 0.9),
}


def believed(run: RunRecord) -> RunRecord:
    """The same run with what each learner believes, and under the control what it believes of all alike."""
    who = ["study", "world", "learner", "family", "role", "rule", "level", "point", "configuration"]
    rows = [
        {
            **row,
            **{"schema_version": 2, "condition": condition, "moment": "stage2", "group": f"new_{source}"},
            **{"seed": seed, "probe": "question", "measure": "belief", "n": 180},
            "value": (belief if condition == "informative" else 0.7) + 0.01 * (-1) ** seed,
        }
        for row in run.scores.select(who).unique(maintain_order=True).iter_rows(named=True)
        for condition in ("informative", "shuffled")
        for seed in range(6)
        for source, belief in BELIEFS.get(row["learner"], {}).items()
    ]
    plan = run.plan | {"protocol": run.plan["protocol"] | {"sources": SOURCES}}
    more = pl.DataFrame(rows, schema=SCORE_SCHEMA)
    return replace(run, scores=pl.concat([run.scores, more]), plan=plan)


@pytest.fixture(scope="module")
def run(record: Make, synthetic: Any) -> RunRecord:
    made: RunRecord = record(
        [synthetic("a", "refit", "trees", preference=0.4), synthetic("b", "append", "memory")], 6
    )
    return made


def test_beliefs_stand_source_by_source_with_their_slope_over_the_ideal_observers(run: RunRecord) -> None:
    report = ComparisonReport.from_run(believed(run))
    sheet = belief_sheet(report)
    assert sheet is not None
    assert sheet.columns == (
        "learner, rule",
        "unreliable (0)",
        "half (0.5)",
        "reliable (1)",
        "slope",
        "slope, shuffled",
    )
    cells = {row[0]: [float(cell.split(" ")[0]) for cell in row[1:]] for row in sheet.rows}
    assert cells["a refit"] == [0.6, 0.75, 0.9, 0.4, 0.0]
    assert cells["b append"] == [0.9, 0.9, 0.9, 0.0, 0.0]
    assert cells["ideal-observer retrain"][3:] == [1.0, 0.0]


def test_the_figure_has_a_line_for_each_learner_and_stands_in_every_format(run: RunRecord) -> None:
    report = ComparisonReport.from_run(believed(run))
    figure = belief_figure(report)
    assert figure is not None
    assert "beliefs" in [one.name for one in figures(report)]
    (panel,) = figure.panels
    assert "ideal-observer retrain, b append and a refit" in panel.alt
    assert "a refit: belief in its word 0.75" in panel.svg
    assert "| a refit | 0.60" in render_markdown(report).split(f"## {TITLE}")[1].split("##")[0]


def test_what_rounds_to_nothing_has_no_sign() -> None:
    assert mean_text(-0.004, 0.011) == "0.00 \N{PLUS-MINUS SIGN} 0.01"
    assert mean_text(-0.006, None) == "-0.01"


def test_without_belief_or_with_two_sources_there_is_no_figure(run: RunRecord) -> None:
    assert belief_figure(ComparisonReport.from_run(run)) is None
    two = replace(believed(run), plan=run.plan)
    assert belief_figure(ComparisonReport.from_run(two)) is None
