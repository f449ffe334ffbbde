"""A sample is reported as a law: what was read before the update, against what was found after it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jsonschema
import polars as pl
import pytest

from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.formats.html import render_html
from iml_general.report.formats.json_export import render_json, schema
from iml_general.report.formats.latex import render_latex
from iml_general.report.formats.markdown import render_markdown
from iml_general.report.shown.answer import answer
from iml_general.report.shown.figures import figures
from iml_general.report.shown.laws import law_sheet, slope_sheet
from iml_general.rows import SAMPLED, SCORE_SCHEMA
from iml_general.study.storage.record import RunRecord

Make = Callable[..., Any]
N = 8


def sampled(record: Make, synthetic: Any, slopes: dict[str, float], written: dict[str, float]) -> RunRecord:
    """A run with `N` configurations of each learner: influence is `slope` times the trust that comes."""
    pairs = [
        synthetic(
            *(learner, "refit", "trees"),
            preference=0.1 * (i + 1),
            role=SAMPLED,
            default="chosen",
            point=json.dumps({"draw": i}),
            configuration=f"{learner}{i}",
            spread=0.01,
        )
        for learner in slopes
        for i in range(N)
    ]
    run: RunRecord = record(pairs, 6)
    influence = [
        {
            **{name: getattr(pair, name) for name in ("learner", "family", "role", "rule", "point")},
            **{"configuration": pair.configuration, "level": pair.default, "study": "quick"},
            **{"world": "statements", "schema_version": 2, "condition": condition, "seed": seed},
            **{"moment": "stage1", "group": f"new_{source}", "probe": "own_question", "n": 50},
            **{"measure": "influence", "value": 1.0 + told * pair.preference * slopes[pair.learner]},
        }
        for pair in pairs
        for seed in range(6)
        for source in ("reliable", "unreliable")
        for condition in ("informative", "shuffled")
        for told in [(source == "reliable") * (condition == "informative")]
    ]
    prediction = {"predictor": "influence_gap", "outcome": "trust", "slopes": written}
    return replace(
        run,
        plan=run.plan | {"sample": N, "prediction": prediction},
        scores=pl.concat([run.scores, pl.DataFrame(influence, schema=SCORE_SCHEMA)]),
    )


@pytest.fixture(scope="module")
def report(record: Make, synthetic: Any) -> ComparisonReport:
    slopes = {"a": 1.0, "b": 2.0}
    return ComparisonReport.from_run(sampled(record, synthetic, slopes, {"a, refit": 1.0, "b, refit": 0.5}))


def test_nothing_is_claimed_of_a_sampled_configuration(report: ComparisonReport) -> None:
    assert {pair.learner for pair in report.pairs} == {"ideal-observer", "tag-blind", "chance"}
    assert report.findings.filter(role=SAMPLED).height == 2 * N  # they are in the data all the same


def test_the_law_that_was_written_down_comes_first(report: ComparisonReport) -> None:
    assert [(law.predictor, law.outcome) for law in report.laws] == [
        ("influence_gap", "trust"),
        ("influence_gap", "statement_weight"),
    ]
    first = report.laws[0]
    assert first.slopes["a, refit"].value == pytest.approx(1.0, abs=0.05)
    assert first.slopes["b, refit"].value == pytest.approx(0.5, abs=0.05)
    assert first.explained(first.written_down) > 0.98


def test_the_answer_says_how_well_it_predicts_what_it_was_not_fitted_to(report: ComparisonReport) -> None:
    said = answer(report)
    assert said.startswith(f"Read before the update, the influence gap predicts the trust of {N} config")
    numbers = re.findall(r"(-?\d\.\d\d) by", said)
    assert len(numbers) == 3
    assert float(numbers[1]) > 0.98
    assert float(numbers[0]) < 0.95


def test_affinity_is_held_against_influence(record: Make, synthetic: Any) -> None:
    """What makes them agree in rank here: the one is the cube of the other."""
    run = sampled(record, synthetic, {"a": 1.0, "b": 1.0}, {})
    influence = run.scores.filter(measure="influence")
    affinity = influence.with_columns(measure=pl.lit("affinity"), value=(pl.col("value") - 1) ** 3)
    found = ComparisonReport.from_run(replace(run, scores=pl.concat([run.scores, affinity])))
    agreeing = [one for one in found.laws if one.outcome == "influence_gap"]
    assert [one.predictor for one in agreeing] == ["affinity_gap"]
    assert agreeing[0].rank_correlation == pytest.approx(1.0)
    assert found.laws[-1] is agreeing[0]


def test_tables_have_a_row_for_each_law_and_each_slope(report: ComparisonReport) -> None:
    rows = law_sheet(report).rows
    assert [row[:3] for row in rows] == [
        ("influence gap", "trust", "16"),
        ("influence gap", "statement weight", "16"),
    ]
    assert rows[1][6] == "none"
    slopes = slope_sheet(report.laws[0]).rows
    assert [row[0] for row in slopes] == ["a, refit", "b, refit"]
    assert [row[3] for row in slopes] == ["+1", "+0.5"]


def test_every_format_has_the_law(report: ComparisonReport) -> None:
    cells = law_sheet(report).rows[0]
    page, markdown, latex = render_html(report), render_markdown(report), render_latex(report)
    for text in (page, markdown, latex):
        assert cells[4] in text
        assert cells[5] in text
    content = json.loads(render_json(report))
    jsonschema.validate(content, schema())
    first = content["laws"][0]
    assert f"{first['explained']['common']:.2f}" == cells[4]
    assert [one["learner_rule"] for one in first["slopes"]] == ["a, refit", "b, refit"]
    assert sum(one["role"] == SAMPLED for one in content["configurations"]) == 2 * N


def test_the_first_figure_has_a_mark_for_each_configuration(report: ComparisonReport) -> None:
    figure = figures(report)[0]
    assert figure.name == "law"
    assert [panel.name for panel in figure.panels] == [
        "law-influence-gap-trust",
        "law-influence-gap-statement-weight",
    ]
    assert figure.panels[0].svg.count("<title>") == 2 * N


def test_without_a_sample_there_is_no_law(record: Make, synthetic: Any) -> None:
    found = ComparisonReport.from_run(record([synthetic("a", "refit", "trees", preference=0.4)], 6))
    assert found.laws == ()
    assert all(figure.name != "law" for figure in figures(found))
    assert json.loads(render_json(found))["laws"] == []


def test_a_sample_of_one_learner_has_no_common_slope_and_no_law(record: Make, synthetic: Any) -> None:
    found = ComparisonReport.from_run(sampled(record, synthetic, {"a": 1.0}, {}))
    assert found.laws == ()
