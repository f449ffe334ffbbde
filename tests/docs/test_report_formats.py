"""The page on report formats names every file, column and key, and its examples run on a real report."""

import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from iml_general.judging.findings import FINDING_SCHEMA
from iml_general.judging.verdicts import VERDICT_SCHEMA
from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.formats.json_export import schema
from iml_general.report.formats.write import FORMATS, PAPER, TABLES, TEXTS, write_report
from iml_general.rows import SCORE_SCHEMA
from iml_general.study import engine
from iml_general.study.plan.keys import check_plan
from iml_general.study.plan.resolve import resolve
from iml_general.study.storage.place import Place

PAGE = (Path(__file__).parents[2] / "docs" / "report-formats.md").read_text()
BLOCKS = dict(zip(("Scores", "JSON"), re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL), strict=True))


def table(section: str) -> dict[str, str]:
    """First and second column of a section's table."""
    text = PAGE.split(f"## {section}\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| (.*) \|$", text, re.MULTILINE)
    return dict(rows)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> tuple[ComparisonReport, Path]:
    folder = tmp_path_factory.mktemp("run")
    plan = {
        "name": "docs",
        "seeds": 2,
        "protocol": {
            "sources": {
                "reliable": {"stage1": 8, "stage2": 8},
                "unreliable": {"stage1": 8, "stage2": 8},
                "neutral": {"stage2": 8},
            },
            **dict.fromkeys(("undefined", "new_conflict", "unseen"), 8),
        },
        "learners": [{"name": "nearest-neighbors"}],
    }
    record = engine.run(resolve(check_plan(plan, "docs")), Place.of(folder, None), "test", lambda *_: None)
    made = ComparisonReport.from_run(record)
    write_report(made, folder, ("json", "parquet"))
    return made, folder


def executed(section: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.chdir(folder)
    names: dict[str, Any] = {}
    exec(BLOCKS[section], names)
    return names


def test_every_file_and_format_is_named() -> None:
    files = PAGE.split("\n## ")[0]
    tables = (f"{name}.{kind}" for name in TABLES for kind in ("csv", "parquet"))
    wanted = [*TEXTS, *PAPER, *tables, *FORMATS]
    assert [name for name in wanted if f"`{name}`" not in files] == []


def test_every_column_is_explained_in_the_order_of_the_files(
    report: tuple[ComparisonReport, Path],
) -> None:
    made, _ = report
    measures = made.scores["measure"].unique().to_list()
    assert list(table("Scores"))[: len(SCORE_SCHEMA)] == list(SCORE_SCHEMA)
    assert sorted(list(table("Scores"))[len(SCORE_SCHEMA) :]) == sorted(measures)
    assert list(table("Effects")) == made.effects.columns
    assert list(table("Verdicts")) == list(VERDICT_SCHEMA)
    assert list(table("Findings")) == list(FINDING_SCHEMA)


@pytest.mark.parametrize("section", ["Verdicts", "Findings"])
def test_page_and_json_schema_say_the_same_of_a_verdict_and_a_finding(section: str) -> None:
    lines = schema()["properties"]["configurations"]["items"]["properties"]
    meant = {**lines, **lines[section.lower()]["items"]["properties"]}
    for name, meaning in table(section).items():
        if name != "point":  # JSON text there, an object here
            assert meaning == meant[name]["description"].rstrip("."), name


def test_every_key_of_the_json_is_explained_as_in_its_schema() -> None:
    properties = schema()["properties"]
    assert table("JSON") == {name: one["description"].rstrip(".") for name, one in properties.items()}
    for name in properties["runs"]["items"]["properties"]:
        assert f"`{name}`" in PAGE.split("Each of `runs` has")[1], name


def test_effects_verdicts_and_findings_can_be_had_anew_from_the_scores(
    report: tuple[ComparisonReport, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, folder = report
    names = executed("Scores", folder, monkeypatch)
    for name in ("effects", "verdicts", "findings"):
        assert_frame_equal(names[name], getattr(made, name))
        assert_frame_equal(names[name], pl.read_parquet(folder / f"{name}.parquet"))


def test_findings_can_be_read_from_the_json(
    report: tuple[ComparisonReport, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, folder = report
    found = executed("JSON", folder, monkeypatch)["found"]
    wanted = made.findings.select("learner", "rule", "level", "finding").rows()
    assert found == {(learner, rule, level): finding for learner, rule, level, finding in wanted}
    assert ("nearest-neighbors", "append", "default") in found
