"""What the figures show: endpoints, conditions, groups, sources, searches and costs, whatever there is."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from itertools import pairwise
from typing import Any

import polars as pl
import pytest

from iml_general.judging.effect import Effect, score
from iml_general.judging.effects import EFFECTS
from iml_general.judging.judge import judge
from iml_general.protocol.condition import Condition
from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.shown.figure import Figure
from iml_general.report.shown.figures import figures
from iml_general.report.shown.frame import DRAWN_AT_MOST
from iml_general.study.storage.record import SEARCH_SCHEMA

RULES = ("continue", "grow", "refit", "retrain")


def texts(svg: bytes) -> list[str]:
    return [
        one.text or "" for one in ET.fromstring(svg.decode("utf-8")).iter("{http://www.w3.org/2000/svg}text")
    ]


def test_a_dot_stands_for_every_seed_of_every_mean(report: ComparisonReport) -> None:
    drawn = {panel.name: panel.svg for figure in figures(report) for panel in figure.panels}
    marks = re.findall(r'<path[^>]*stroke-linecap="round"[^>]*>', drawn["controlled-iml-gap"])
    dots = [mark.count("L") for mark in marks]
    different = report.effects.filter(effect="iml_gap").drop_nulls("controlled")
    assert different.height == 8 * 8
    assert 0.8 * different.height <= sum(dots) <= different.height
    assert all('stroke-linecap="round"' in svg for name, svg in drawn.items() if name != "price")


def test_the_first_figure_has_a_panel_per_endpoint_trust_first(report: ComparisonReport) -> None:
    first = figures(report)[0]
    assert [panel.name for panel in first.panels] == ["controlled-trust", "controlled-iml-gap"]
    assert first.title == "Controlled trust, learner by learner"


def test_lines_stand_at_the_same_height_in_every_chart_the_largest_trust_on_top(
    report: ComparisonReport,
) -> None:
    expected = ["mlp continue", "random-forest refit"]
    for figure in figures(report):
        for panel in (one for one in figure.panels if one.name != "price"):
            names = [text for text in texts(panel.svg.encode()) if text.endswith(RULES)]
            assert names[:2] == expected
            assert names[-3:] == ["ideal-observer retrain", "tag-blind refit", "chance retrain"]


def test_shapes_are_findings_and_colours_are_families(report: ComparisonReport) -> None:
    figure = figures(report)[0]
    shapes = {meaning: shape for _, shape, meaning in figure.legend}
    assert list(shapes)[:4] == ["trusts", "gap only", "no trust", "not internalised"]
    families = [pair.heading for pair in report.pairs]
    assert list(shapes)[4:] == list(dict.fromkeys(families))
    assert len({shapes[family].colour for family in families}) == 5
    assert len({(shapes[word].path, shapes[word].filled) for word in list(shapes)[:4]}) == 4
    marked = re.findall(r'<path[^>]*stroke="(#\w+)"[^>]*stroke-width="1.6"', figure.panels[0].svg)
    assert set(marked) == {shapes[family].colour for family in families}


def test_a_condition_beside_the_built_in_ones_has_a_mark_a_line_and_its_control(
    report: ComparisonReport,
) -> None:
    toy = replace(report.conditions[0], name="toy", words="toy condition")
    scores = report.records[0].scores
    again = scores.filter(condition="informative").with_columns(condition=pl.lit("toy"))
    both = judged(report, pl.concat([scores, again]), (*report.conditions, toy))
    drawn = {figure.name: figure for figure in figures(both)}
    conditions = drawn["conditions"]
    assert [meaning for *_, meaning in conditions.legend] == [
        *("informative", "shuffled", "no stage 1", "toy condition"),
    ]
    assert len({(shape.path, shape.filled) for _, shape, _ in conditions.legend}) == 4
    assert "toy condition against shuffled" in conditions.caption
    notes = re.findall("<title>(.*?)</title>", conditions.panels[0].svg)
    (line,) = [note for note in notes if note.startswith("mlp continue toy condition:")]
    assert "toy condition +0." in line
    assert "shuffled" in line
    assert ", informative" not in line
    assert "mlp continue toy condition" in texts(drawn["effects"].panels[0].svg.encode())


def test_a_fifth_source_has_marks_of_its_own_in_both_stages(report: ComparisonReport) -> None:
    scores = report.records[0].scores
    taught = scores.filter(group="corroborated").with_columns(group=pl.lit("told_by_fifth"))
    new = scores.filter(group="new_reliable").with_columns(group=pl.lit("new_fifth"))
    source = {"reliability": 0.5, "stage1": 10, "stage2": 10}
    protocol = {"sources": {"fifth": source}}
    run = replace(
        report.records[0],
        scores=pl.concat([scores, taught, new]),
        plan=report.records[0].plan | {"protocol": protocol},
    )
    figure = next(one for one in figures(ComparisonReport.from_run(run)) if one.name == "groups")
    meanings = {meaning: shape for _, shape, meaning in figure.legend}
    assert {"corroborated, new reliable", "contradicted, new unreliable", "told by fifth, new fifth"} <= set(
        meanings
    )
    looks = [(shape.path, shape.colour) for shape in meanings.values()]
    assert len(set(looks)) == len(looks)
    assert "told by fifth 0." in figure.panels[0].svg
    assert "new fifth 0." in figure.panels[1].svg


def test_an_effect_that_is_added_gets_a_chart(report: ComparisonReport) -> None:
    toy = Effect("toy", "toy effect", "A toy.", score("em", "new_neutral"))
    endpoint = replace(toy, name="toy_end", words="toy endpoint", endpoint=True)
    more = judged(report, report.scores, report.conditions, (*report.effects_table, toy, endpoint))
    drawn = {figure.name: [panel.name for panel in figure.panels] for figure in figures(more)}
    assert "controlled-toy" in drawn["other-effects"]
    assert drawn["effects"][-1] == "controlled-toy-end"
    assert drawn["conditions"][-1] == "conditions-toy-end"


def test_a_learner_that_measured_nothing_leaves_an_empty_line(report: ComparisonReport) -> None:
    without = report.records[0].scores.filter(pl.col("group") != "new_conflict")
    bare = figures(ComparisonReport.from_run(replace(report.records[0], scores=without)))[0].panels[0]
    assert bare.name == "controlled-trust"
    assert "mlp continue" in texts(bare.svg.encode())
    assert "nothing was measured" in bare.alt


def test_of_very_many_lines_the_largest_effects_are_drawn_and_the_caption_says_so(
    record: Callable[..., Any], synthetic: Any
) -> None:
    many = [synthetic(f"weak-{i:03}", "grow", "f") for i in range(DRAWN_AT_MOST + 5)]
    trusts = [("strong", 0.5), ("against", -0.5)]
    strong = [synthetic(name, "grow", "f", 0.6, preference=trust) for name, trust in trusts]
    report = ComparisonReport.from_run(record([*many, *strong], 2))
    for figure in (one for one in figures(report) if one.name != "price"):
        assert "Of 57 lines only the 50 with the largest primary effects" in figure.caption
        for panel in figure.panels:
            names = [text for text in texts(panel.svg.encode()) if text.endswith(RULES)]
            assert len(names) == DRAWN_AT_MOST + 3
            assert {"strong grow", "against grow", "ideal-observer retrain"} <= set(names)


def test_a_chart_of_few_lines_leaves_none_out(report: ComparisonReport) -> None:
    assert not any("lines only" in figure.caption for figure in figures(report))


def judged(
    report: ComparisonReport,
    scores: pl.DataFrame,
    conditions: Sequence[Condition],
    effects: Sequence[Effect] = EFFECTS,
) -> ComparisonReport:
    """The report of other scores, as if conditions and effects were registered."""
    controls = {one.name: one.control for one in conditions if one.control}
    judgement = judge(scores, report.settings, controls, effects)
    return replace(
        report,
        conditions=tuple(conditions),
        effects_table=tuple(effects),
        **{field.name: getattr(judgement, field.name) for field in fields(judgement)},
    )


def drawn(report: ComparisonReport) -> dict[str, Figure]:
    return {figure.name: figure for figure in figures(report)}


@pytest.mark.parametrize(
    ("trials", "price"),
    [
        ([(0.9, 0.1), (0.8, 0.5), (0.7, 0.4)], "mlp: yes, +0.40 for 0.10 of competence"),
        ([(0.9, 0.1), (0.89, 0.5), (0.7, 0.4)], "mlp: hardly, +0.40 for 0.01 of competence"),
        ([(0.9, 0.6), (0.8, 0.5), (0.7, 0.4)], "mlp: no, one configuration has most of both"),
    ],
)
def test_a_search_for_both_draws_its_front_in_steps_and_says_what_trust_costs(
    report: ComparisonReport, trials: list[tuple[float, float]], price: str
) -> None:
    front = [not any(c >= one[0] and v >= one[1] and (c, v) != one for c, v in trials) for one in trials]
    row = report.records[0].searches.row(0, named=True) | {"level": "sought", "found": False}
    rows = [
        row | {"trial": i, "competence": c, "value": v, "front": on, "maximised": "competence,trust"}
        for i, ((c, v), on) in enumerate(zip(trials, front, strict=True))
    ]
    searches = pl.DataFrame(rows, schema=SEARCH_SCHEMA)
    figure = drawn(ComparisonReport.from_run(replace(report.records[0], searches=searches)))["search"]
    assert price in figure.caption
    assert figure.legend[-1][2].startswith("Pareto front")
    assert "over competence, 3 configurations of mlp" in figure.panels[0].alt
    svg = figure.panels[0].svg
    (steps,) = re.findall(r'<path d="(M[^"]*)" stroke="#6b7280" stroke-width="1.4"', svg)
    places = [tuple(map(float, place.split(","))) for place in re.split("[ML]", steps.removesuffix("Z"))[1:]]
    assert len(places) == max(1, 2 * sum(front) - 1)
    assert all(a[0] == b[0] or a[1] == b[1] for a, b in pairwise(places))
    assert "controlled trust" in texts(svg.encode())


def test_a_search_for_one_of_them_has_no_front(report: ComparisonReport) -> None:
    one = report.records[0].searches.with_columns(level=pl.lit("sought"), maximised=pl.lit("trust"))
    figure = drawn(ComparisonReport.from_run(replace(report.records[0], searches=one)))["search"]
    assert "bought" not in figure.caption
    assert len(figure.legend) == 3


def test_a_sweep_over_two_factors_has_a_curve_for_every_value_of_the_second(
    swept: Any, synthetic: Any
) -> None:
    run = swept([synthetic("a", "grow", "f", 0.6, 0.1, 0.2)], [1, 2], also={"width": [8, 16]}, n_seeds=3)
    figure, effects, *_ = figures(ComparisonReport.from_run(run))
    assert (figure.name, figure.is_detail) == ("sweep", False)
    assert "Names of lines end in the value of width." in figure.caption
    assert (effects.name, effects.is_detail) == ("effects", True)
    assert {"a grow =1 =8", "a grow =2 =16"} <= set(texts(effects.panels[0].svg.encode()))
    assert [panel.name for panel in figure.panels] == ["sweep-trust", "sweep-iml-gap"]
    for panel in figure.panels:
        shown = texts(panel.svg.encode())
        assert {"a grow =8", "a grow =16", "1", "2", "reliable.reliability"} <= set(shown)
    assert "a grow width=8 at reliable.reliability=1: trust" in figure.panels[0].svg
    assert "±0.05 for trust and ±0.02 for IML gap" in figure.caption


def test_what_a_learner_takes_is_drawn_against_what_it_shows(report: ComparisonReport) -> None:
    figure = drawn(report)["price"]
    notes = re.findall("<title>(.*?)</title>", figure.panels[0].svg)
    assert len(notes) == sum(pair.is_subject for pair in report.pairs)
    assert [
        note
        for note in notes
        if re.fullmatch(r"mlp continue: trusts; trust \+0\.\d+ \[.*\]; [0-9.]+ s", note)
    ]
    free = replace(report.records[0], costs=report.records[0].costs.clear())
    assert "price" not in drawn(ComparisonReport.from_run(free))
