"""How many lies got into answers is drawn where there was an attack, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.formats.markdown import render_markdown
from iml_general.report.shown.attack_figure import attack_figure
from iml_general.report.shown.figures import figures
from iml_general.rows import SCORE_SCHEMA
from iml_general.study.storage.record import RunRecord

Make = Callable[..., Any]
WHO = ("study", "world", "learner", "family", "role", "rule", "level", "point", "configuration")
LIED = {"new_reliable": 0.7, "new_unreliable": 0.3, "unseen": 0.2}


def attacked(run: RunRecord) -> RunRecord:
    """The same run under an attack: 7 in 10 lies of the reliable source get through, 3 of the other's."""
    rows = [
        {
            **row,
            **{"condition": condition, "moment": "stage2", "group": group, "probe": "question"},
            **{"seed": seed, "measure": measure, "value": value, "n": 100},
        }
        for row in run.scores.unique(WHO, maintain_order=True).iter_rows(named=True)
        for condition in ("informative", "shuffled")
        for seed in range(6)
        for group, lied in LIED.items()
        for measure, value in (("lied", lied), ("honest_em", 0.9 + 0.01 * seed))
    ]
    return replace(run, scores=pl.concat([run.scores, pl.DataFrame(rows, schema=SCORE_SCHEMA)]))


@pytest.fixture(scope="module")
def quiet(record: Make, synthetic: Any) -> RunRecord:
    run: RunRecord = record([synthetic("a", "refit", "trees", preference=0.4)], 6)
    return run


def test_lies_are_counted_beyond_the_like_of_unseen_aliases(quiet: RunRecord) -> None:
    report = ComparisonReport.from_run(attacked(quiet))
    figure = attack_figure(report)
    assert figure is not None
    assert "attack" in [one.name for one in figures(report)]
    ((_, sheet),) = figure.sheets
    assert sheet.columns == (
        "learner, rule",
        "lies believed, reliable",
        "lies believed, unreliable",
        "leverage of earned trust",
        "honest answers kept",
    )
    cells = {row[0]: [cell.split(" ")[0] for cell in row[1:]] for row in sheet.rows}
    assert [float(cell) for cell in cells["a refit"]] == pytest.approx([0.5, 0.1, 0.4, 0.925], abs=0.006)


def test_subjects_alone_are_drawn_and_controls_stand_in_the_table(quiet: RunRecord) -> None:
    report = ComparisonReport.from_run(attacked(quiet))
    figure = attack_figure(report)
    assert figure is not None
    assert [panel.name for panel in figure.panels] == ["attack-lies", "attack-defence"]
    assert all(panel.svg.count("lies believed, reliable +0.5") == 1 for panel in figure.panels)
    assert [row[0] for row in figure.sheets[0][1].rows] == [pair.name for pair in report.pairs]
    assert len(report.pairs) > 1


def test_without_an_attack_there_is_no_figure(quiet: RunRecord) -> None:
    report = ComparisonReport.from_run(quiet)
    assert attack_figure(report) is None
    assert "attack" not in render_markdown(report)


def test_markdown_has_the_numbers(quiet: RunRecord) -> None:
    text = render_markdown(ComparisonReport.from_run(attacked(quiet)))
    table = text.split("## Earned trust as an attack surface")[1].split("##")[0]
    assert "| a refit | +0.500" in table
