"""The page on report formats names every file, column and key, and its examples run on a real report."""

import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from iml_general.judging.verdict import VERDICT_SCHEMA
from iml_general.protocol import GROUPS
from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.formats.json_export import schema
from iml_general.report.formats.write import FILES, FORMATS, write_report
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
        "protocol": dict.fromkeys(GROUPS, 8),
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
    assert [name for name in FILES if f"`{name}`" not in files] == []
    assert [name for name in FORMATS if f"`{name}`" not in files] == []


def test_every_column_is_explained_in_the_order_of_the_files() -> None:
    assert list(table("Scores")) == list(SCORE_SCHEMA)
    assert list(table("Verdicts")) == list(VERDICT_SCHEMA)


def test_page_and_json_schema_say_the_same_of_a_verdict() -> None:
    lines = schema()["properties"]["configurations"]["items"]["properties"]
    meant = {**lines, **lines["verdicts"]["items"]["properties"]}
    for name, meaning in table("Verdicts").items():
        assert meaning == meant[name]["description"].rstrip("."), name


def test_every_key_of_the_json_is_explained_as_in_its_schema() -> None:
    properties = schema()["properties"]
    assert table("JSON") == {name: one["description"].rstrip(".") for name, one in properties.items()}
    for name in properties["runs"]["items"]["properties"]:
        assert f"`{name}`" in PAGE.split("Each of `runs` has")[1], name


def test_verdicts_can_be_had_anew_from_the_scores(
    report: tuple[ComparisonReport, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, folder = report
    names = executed("Scores", folder, monkeypatch)
    assert_frame_equal(names["verdicts"], made.verdicts)
    assert_frame_equal(names["verdicts"], pl.read_parquet(folder / "verdicts.parquet"))


def test_gaps_can_be_read_from_the_json(
    report: tuple[ComparisonReport, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, folder = report
    gaps = executed("JSON", folder, monkeypatch)["gaps"]
    wanted = made.verdicts.filter(endpoint="iml_gap").select("learner", "rule", "level", "mean").rows()
    assert gaps == {(learner, rule, level): mean for learner, rule, level, mean in wanted}
    assert ("nearest-neighbors", "append", "default") in gaps
