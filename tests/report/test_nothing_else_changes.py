"""An effect, a condition, a source and a sweep's factor are data: every format shows what is new."""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from rich.console import Console

from iml_general.judging.effect import Effect, score
from iml_general.plugins import registry
from iml_general.protocol import Condition
from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.formats.terminal import print_verdicts
from iml_general.report.formats.write import write_report

Make = Callable[..., Any]

TEXTS = ("report.html", "report.md", "report.tex")
TOY = Effect(
    name="toy_lift",
    words="toy lift",
    definition="EM on what the neutral source said minus EM on unseen aliases.",
    formula=score("em", "new_neutral") - score("em", "unseen"),
    endpoint=True,
)
BESIDE = replace(TOY, name="toy_scale", words="toy scale", endpoint=False, unit="hectares")
QUIET = replace(TOY, name="toy_quiet", words="toy quiet", endpoint=False)
BETRAYAL = Condition(
    name="betrayal",
    words="half-way betrayal",
    summary="The reliable source begins to lie half-way.",
    control="shuffled",
    stages=lambda drawn: (drawn.stage1, drawn.stage2),
)


def everything(report: ComparisonReport, folder: Path) -> dict[str, str]:
    """What every file and the terminal show, by name; of a page the text, of the figures what they draw."""
    written = write_report(report, folder)
    shown = {
        path.name: path.read_text("utf-8")
        for path in written
        if path.suffix in {".html", ".md", ".tex", ".csv", ".json"}
    }
    shown["report.html"] = html.unescape(re.sub(r"<[^>]+>", " ", shown["report.html"]))
    shown["report.tex"] = shown["report.tex"].replace(r"\allowbreak{}", "")
    shown["figures"] = "\n".join(
        f"{path.stem} {html.unescape(path.read_text('utf-8'))}" for path in written if path.suffix == ".svg"
    )
    stream = io.StringIO()
    print_verdicts(report, Console(file=stream, width=240))
    return {**shown, "terminal": stream.getvalue()}


@pytest.fixture
def subjects(synthetic: Any) -> list[Any]:
    return [synthetic("mlp", "continue", "networks", 0.6, 0.3, 0.5), synthetic("stump", "grow", "trees", 0.6)]


def test_a_new_endpoint_is_in_every_format(
    record: Make, subjects: list[Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    known = registry.all_effects()
    monkeypatch.setattr(registry, "all_effects", lambda: (*known, TOY))
    report = ComparisonReport.from_run(record(subjects, 4))
    end = report.pairs[0].end("toy_lift")
    assert end.mean is not None
    shown = everything(report, tmp_path)
    for name in (*TEXTS, "terminal", "figures"):
        assert "toy lift" in shown[name].casefold(), name
    for name in (*TEXTS, "terminal"):
        assert end.effect.replace("-", "\N{MINUS SIGN}") in shown[name].replace("-", "\N{MINUS SIGN}"), name
    for name in ("report.html", "report.md"):
        assert TOY.definition in shown[name]
    content = json.loads(shown["report.json"])
    assert [one["name"] for one in content["effects"] if one["endpoint"]] == ["trust", "iml_gap", "toy_lift"]
    verdicts = [one["verdicts"][2] for one in content["configurations"]]
    assert {one["endpoint"] for one in verdicts} == {"toy_lift"}
    assert end.mean in [one["mean"] for one in verdicts]
    for name in ("verdicts.csv", "effects.csv"):
        assert "toy_lift" in shown[name]


def test_a_new_effect_without_a_verdict_is_in_every_format(
    record: Make, subjects: list[Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    known = registry.all_effects()
    monkeypatch.setattr(registry, "all_effects", lambda: (*known, BESIDE, QUIET))
    shown = everything(ComparisonReport.from_run(record(subjects, 4)), tmp_path)
    for name in TEXTS:
        assert "toy quiet" in shown[name].casefold(), name
    for name in (*TEXTS, "terminal"):  # on a scale of its own it stands beside the endpoints
        assert "toy scale" in shown[name].casefold(), name
    for effect in (BESIDE, QUIET):
        assert effect.name in shown["effects.csv"]
        assert f'"effect":"{effect.name}"' in shown["report.json"]
        assert f"{effect.name}," not in shown["verdicts.csv"]


def test_a_new_condition_is_in_every_format(
    record: Make, subjects: list[Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found = registry.condition
    monkeypatch.setattr(registry, "condition", lambda name: BETRAYAL if name == "betrayal" else found(name))
    run = record(subjects, 4)
    also = run.scores.filter(condition="informative").with_columns(condition=pl.lit("betrayal"))
    plan = run.plan | {"conditions": [*run.plan["conditions"], "betrayal"]}
    report = ComparisonReport.from_run(replace(run, plan=plan, scores=pl.concat([run.scores, also])))
    names = [pair.name for pair in report.pairs if pair.is_subject]
    assert names == [
        "mlp continue half-way betrayal",
        "mlp continue informative",
        "stump grow half-way betrayal",
        "stump grow informative",
    ]
    shown = everything(report, tmp_path)
    for name in (*TEXTS, "terminal", "figures"):
        assert "half-way betrayal" in shown[name], name
    for name in (*TEXTS, "report.json"):
        assert BETRAYAL.summary in shown[name], name
    assert "(half-way betrayal; 4 seeds each)" in shown["report.md"]
    assert "controlled: half-way betrayal" in shown["report.md"]
    for name in ("scores.csv", "effects.csv", "verdicts.csv", "findings.csv"):
        assert ",betrayal," in shown[name]


def test_a_fifth_source_is_in_every_format_that_shows_groups(
    record: Make, subjects: list[Any], tmp_path: Path
) -> None:
    run = record(subjects, 4)
    likeness = {"contradicted": "told_by_rumour", "new_neutral": "new_rumour"}
    also = run.scores.filter(pl.col("group").is_in(list(likeness)))
    also = also.with_columns(pl.col("group").replace(likeness))
    protocol = run.plan["protocol"]
    sources = protocol["sources"] | {"rumour": {"reliability": 0.3, "stage1": 20, "stage2": 10}}
    plan = run.plan | {"protocol": protocol | {"sources": sources}}
    report = ComparisonReport.from_run(replace(run, plan=plan, scores=pl.concat([run.scores, also])))
    shown = everything(report, tmp_path)
    for name in ("report.html", "report.md"):
        assert "told by rumour (stage 1)" in shown[name], name
        assert "new rumour (stage 2)" in shown[name], name
        assert "true with probability 0.3" in shown[name], name
    assert "told by rumour 20" in shown["report.tex"]
    assert "rumour" in shown["figures"]
    for name in ("scores.csv", "report.json"):
        assert "told_by_rumour" in shown[name]


def test_a_sweep_over_two_factors_is_in_every_format(swept: Make, synthetic: Any, tmp_path: Path) -> None:
    subject = synthetic("mlp", "continue", "networks", 0.6, 0.1, 0.3)
    run = swept([subject], [0.5, 1], also={"unreliable.stage1": [50, 100]}, n_seeds=3)
    report = ComparisonReport.from_run(run)
    shown = everything(report, tmp_path)
    for name in ("report.html", "report.md", "terminal"):
        assert "reliable.reliability and unreliable.stage1, 0.5 to 1 (3 seeds each)" in shown[name], name
    for name in (*TEXTS, "figures"):
        assert "unreliable.stage1=50" in shown[name], name
    assert "reliable.reliability" in shown["figures"]
    point = {"reliable.reliability": 0.5, "unreliable.stage1": 100}
    content = json.loads(shown["report.json"])
    assert point in [one["point"] for one in content["configurations"]]
    for name in ("scores.csv", "effects.csv", "verdicts.csv", "findings.csv"):
        assert json.dumps(point).replace('"', '""') in shown[name], name
