"""A report of runs of several worlds puts them side by side: as a figure, and in numbers."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.formats.html import render_html
from iml_general.report.formats.latex import COLUMNS, render_latex
from iml_general.report.formats.markdown import render_markdown
from iml_general.report.shown.figures import figures
from iml_general.report.shown.world_figure import TITLE, world_figure, world_sheet
from iml_general.study.storage.record import RunRecord

Make = Callable[..., RunRecord]


@pytest.fixture(scope="module")
def run_of(record: Make) -> Make:
    def make(world: str, subjects: list[Any], name: str = "small", **changes: Any) -> RunRecord:
        run = record(subjects, 4, name, **changes)
        scores = run.scores.with_columns(world=pl.lit(world))
        return replace(run, scores=scores, plan=run.plan | {"world": {"name": world, "options": {}}})

    return make


@pytest.fixture(scope="module")
def two(run_of: Make, synthetic: Any) -> ComparisonReport:
    forest = synthetic("forest", "refit", "forests", preference=0.4, spread=0.01)
    picture = synthetic("convnet", "continue", "networks", preference=0.8, spread=0.01)
    other = synthetic("forest", "refit", "forests", preference=0.0, spread=0.004)
    return ComparisonReport.from_runs([run_of("statements", [forest]), run_of("digits", [other, picture])])


def test_every_cell_has_finding_and_estimate(two: ComparisonReport) -> None:
    sheet = world_sheet(two)
    assert sheet is not None
    assert sheet.columns == ("learner, rule", "statements", "digits")
    cells = {row[0]: row[1:] for row in sheet.rows}
    assert re.match(r"▲ trusts \+0\.3\d+ \[", cells["forest refit"][0])
    assert cells["forest refit"][1].startswith("● no trust")
    assert cells["convnet continue"][0] == "not measured"
    assert cells["convnet continue"][1].startswith("▲ trusts +0.7")
    assert cells["ideal-observer retrain (positive control)"][0].startswith("▲ trusts +0.9")


def test_the_figure_has_a_tile_for_each_and_tells_a_pointer_the_same(two: ComparisonReport) -> None:
    figure = world_figure(two)
    assert figure is not None
    assert figure.name in [one.name for one in figures(two)]
    (panel,) = figure.panels
    notes = re.findall(r"<title>(.*?)</title>", panel.svg)
    # Three controls and a forest in both worlds, a convnet in one.
    assert len(notes) == 9
    assert sum("convnet continue" in note for note in notes) == 1
    means = [f"{pair.primary.mean:+.2f}".replace("0.", ".") for pair in two.pairs if pair.is_subject]
    assert all(f">{mean}<" in panel.svg or f">{mean[1:]}<" in panel.svg for mean in means)


def test_the_tables_have_the_numbers_in_every_format(two: ComparisonReport) -> None:
    markdown = render_markdown(two).split(f"## {TITLE}")[1].split("##")[0]
    assert re.search(r"\| convnet continue \| not measured \| ▲ trusts \+0\.7", markdown)
    latex = render_latex(two).split("in every world")[1].split("end{tabular}")[0]
    assert re.search(r"convnet continue & \\raggedright not measured & \\raggedright trusts \$\+0\.7", latex)
    page = render_html(two)
    assert f">{TITLE} in numbers" in page


def test_one_world_has_no_such_figure(run_of: Make, synthetic: Any) -> None:
    runs = [run_of("statements", [synthetic(name, "refit", "forests")], name) for name in ("a", "b")]
    report = ComparisonReport.from_runs(runs)
    assert world_figure(report) is None
    assert TITLE not in render_markdown(report)


def test_sweeps_in_two_worlds_have_figures_of_their_own_only(swept: Make, synthetic: Any) -> None:
    forest = synthetic("forest", "refit", "forests")
    run, other = (swept([forest], [0.5, 1.0], n_seeds=3, name=name) for name in ("a", "b"))
    other = replace(other, scores=other.scores.with_columns(world=pl.lit("sets")))
    assert ComparisonReport.from_runs([run, other]).worlds is None


def test_two_studies_of_one_world_are_columns_of_their_own(run_of: Make, synthetic: Any) -> None:
    subjects = [synthetic("forest", "refit", "forests")]
    names = ("digits", "digits-fresh")
    runs = [run_of("sets", subjects), *(run_of("digits", subjects, name) for name in names)]
    report = ComparisonReport.from_runs(runs)
    assert report.worlds is not None
    assert report.worlds.columns == ("sets", "digits", "digits-fresh")


def test_of_two_levels_the_plainer_one_is_shown_and_the_other_counted(run_of: Make, synthetic: Any) -> None:
    forest = synthetic("forest", "refit", "forests", preference=0.1)
    sought = replace(forest, default="sought", preference=0.9, configuration="ff")
    runs = [run_of(world, [sought, forest]) for world in ("statements", "sets")]
    figure = world_figure(ComparisonReport.from_runs(runs))
    assert figure is not None
    assert "2 others are in the table of findings" in figure.caption
    assert not re.search(r"forest refit[^:]*: ▲ trusts \+0\.[789]", figure.panels[0].svg)


def test_many_worlds_are_split_into_tables_that_fit_a_page(run_of: Make, synthetic: Any) -> None:
    subjects = [synthetic("forest", "refit", "forests")]
    report = ComparisonReport.from_runs([run_of(f"world{i}", subjects) for i in range(COLUMNS + 1)])
    tables = render_latex(report).split("in every world")[1:]
    assert ["world0" in one.split("end{tabular}")[0] for one in tables] == [True, False]
    assert [f"world{COLUMNS}" in one.split("end{tabular}")[0] for one in tables] == [False, True]
