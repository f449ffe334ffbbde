"""What `write_report` leaves behind, and that all files tell the same numbers."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import polars as pl
import pytest
from markdown_it import MarkdownIt

from iml_general.errors import UsageError
from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.findings.pairs import KEY
from iml_general.report.formats import write
from iml_general.report.formats.json_export import schema
from iml_general.report.formats.write import write_report
from iml_general.report.shown.plans import plan_toml
from iml_general.report.text import rounding

TEXTS = [name for name in write.FORMATS if name != "figures"]
HOSTILE = (
    *("<script>alert(1)</script>", "a$b$", "R&D & <b>", "snake_case_", "50%", 'it\'s "quoted"', "x" * 300),
    *("two\nlines\r\nmore", "\\input{x}", "../../etc", "#1 ~^{}", "=1+1", "\u202e\x1b[31m", "```\n| a |"),
)
COLUMNS = (*KEY, "endpoint", "verdict", "mean", "low", "high")
READERS = {
    "verdicts.csv": lambda path: pl.read_csv(path, schema_overrides={"point": pl.String}).with_columns(
        pl.col("point").fill_null("")
    ),
    "verdicts.parquet": pl.read_parquet,
}


@pytest.fixture(scope="module")
def written(report: ComparisonReport, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The files of one report, by name, in a folder that did not exist."""
    folder = tmp_path_factory.mktemp("run") / "deep" / "report"
    return {str(path.relative_to(folder)): path for path in write_report(report, folder)}


def test_all_formats_are_written_and_nothing_else(written: dict[str, Path]) -> None:
    assert sorted(name for name in written if not name.startswith("figures/")) == [
        *("effects.csv", "effects.parquet", "findings.csv", "findings.parquet"),
        *("paper.bib", "paper.md", "paper.tex"),
        *("report.html", "report.json", "report.md", "report.tex"),
        *("scores.csv", "scores.parquet", "verdicts.csv", "verdicts.parquet"),
    ]
    assert any(name.startswith("figures/") for name in written)
    found = [path for path in written["report.md"].parent.rglob("*") if path.is_file()]
    assert sorted(found) == sorted(written.values())


def exact(written: dict[str, Path]) -> dict[str, list[tuple[Any, ...]]]:
    """Every verdict with its numbers, as each file for programs tells it."""
    frames = {name: read(written[name]) for name, read in READERS.items()}
    content = json.loads(written["report.json"].read_text("utf-8"))
    nested = [
        {**one, "point": json.dumps(one["point"]) if one["point"] else "", **verdict}
        for one in content["configurations"]
        for verdict in one["verdicts"]
    ]
    frames["report.json"] = pl.DataFrame([{name: row[name] for name in COLUMNS} for row in nested])
    return {name: sorted(frame.select(COLUMNS).rows()) for name, frame in frames.items()}


@pytest.fixture(scope="module")
def levels(record: Callable[..., Any], synthetic: Any) -> ComparisonReport:
    """The report of a run in which a learner was measured at three levels."""
    subjects = [
        synthetic("mlp", "continue", "networks", 0.6, gap, 0.5, default=level, configuration=level)
        for level, gap in (("default", 0.05), ("tuned", 0.1), ("sought", 0.3))
    ]
    return ComparisonReport.from_run(record(subjects))


@pytest.mark.parametrize(("kind", "n_rows"), [("report", 16), ("sweep_report", 24), ("levels", 12)])
def test_every_format_tells_the_same_effects(
    kind: str, n_rows: int, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Files for programs to the last digit, files for people as `rounding` says."""
    told: ComparisonReport = request.getfixturevalue(kind)
    written = {path.name: path for path in write_report(told, tmp_path, TEXTS)}
    rows = exact(written)["verdicts.parquet"]
    assert len(rows) == n_rows
    assert all(found == rows for found in exact(written).values())
    scores = pl.read_csv(written["scores.csv"], schema=told.scores.schema)
    names = {pair.key: pair.name for pair in told.pairs}
    page = table_rows(written["report.html"].read_text("utf-8"))
    note = written["report.md"].read_text("utf-8").replace("\\", "").splitlines()
    latex = written["report.tex"].read_text("utf-8").replace("$", "").replace("\\_", "_")
    for *key, endpoint, verdict, mean, low, high in rows:
        if endpoint == "iml_gap":
            assert gap_by_hand(scores, key) == pytest.approx(mean)
        else:
            assert trust_by_hand(scores, key) == pytest.approx(mean)
        name = names[tuple(key)]
        digits = rounding.digits_of(low, high)
        effect, interval = rounding.signed(mean, digits), rounding.interval(low, high, digits)
        assert f"{verdict} {effect} {interval}" in page[name]
        lines = [text for text in note if text.startswith((f"| {name} |", f"| {name} ("))]
        assert any(f"{verdict} {effect} {interval}" in text for text in lines)
        words = {effect.name: effect.words for effect in told.endpoints}
        table = latex[latex.index(f"Controlled {words[endpoint]}:") :]
        assert f"\\raggedright {name} & {effect} & {interval} & " in table[: table.index("bottomrule")]


def table_rows(page: str) -> dict[str, str]:
    """Text of the page's verdict table by the name of the line, without its family or role."""
    table = re.findall(r'<table class="findings".*?</table>', page, flags=re.DOTALL)[0]
    rows = re.findall(r'<tr role="row" data.*?</tr>', table, flags=re.DOTALL)
    found = {}
    for row in rows:
        head, _, cells = re.sub(r'<span class="family">.*?</span>', "", row).partition("</th>")
        name, text = (" ".join(re.sub(r"<[^>]+>", "", part).split()) for part in (head, cells))
        found[name] = text.replace("\N{MINUS SIGN}", "-")
    return found


def mean_by_hand(scores: pl.DataFrame, key: list[Any], **wanted: str) -> float:
    """A mean score of one configuration, from its score rows."""
    named = dict(zip(KEY[:-1], key[:-1], strict=True))
    mine = scores.filter(*(pl.col(name).fill_null("") == value for name, value in named.items()))
    return float(mine.filter(probe="question", **wanted)["value"].to_numpy().mean())


def gap_by_hand(scores: pl.DataFrame, key: list[Any]) -> float:
    """The mean controlled IML gap of one configuration."""
    signs = {"new_reliable": 1, "new_unreliable": -1}, {"informative": 1, "shuffled": -1}
    return sum(
        sign
        * other
        * mean_by_hand(scores, key, moment="stage2", measure="em", group=group, condition=condition)
        for group, sign in signs[0].items()
        for condition, other in signs[1].items()
    )


def trust_by_hand(scores: pl.DataFrame, key: list[Any]) -> float:
    """The mean controlled trust of one configuration."""
    signs = {"said_reliable": 0.5, "said_unreliable": -0.5}, {"informative": 1, "shuffled": -1}
    return sum(
        sign * other * mean_by_hand(scores, key, moment=moment, measure=measure, condition=condition)
        for moment in ("stage2", "stage2_twin")
        for measure, sign in signs[0].items()
        for condition, other in signs[1].items()
    )


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_of_anything_leaves_every_format_valid(
    name: str, record: Callable[..., Any], synthetic: Any, tmp_path: Path
) -> None:
    """Of a learner, its family, the study, a column of a table, a file, and the report's own folder."""
    run = record([synthetic(name, "refit", name, 0.8, 0.3, 0.5)], 3, name, absent={name: name})
    world = {"name": "table", "options": {"path": name, "columns": [name], name: 1}}
    run = replace(run, plan=run.plan | {"world": world}, provenance={"command": name, name: name})
    folder = tmp_path / re.sub(r"[/\0]", "-", name)[:200]
    files = {one.name: one for one in write_report(ComparisonReport.from_run(run), folder, TEXTS)}
    assert sorted(path.name for path in folder.iterdir()) == sorted(files)
    page = files["report.html"].read_text("utf-8")
    assert [len(re.findall(rf"<{tag}\b", page)) for tag in ("script", "style", "h1", "body")] == [1, 1, 1, 1]
    content = json.loads(files["report.json"].read_text("utf-8"))
    jsonschema.validate(content, schema())
    assert name in {one["learner"] for one in content["configurations"]}
    for table in write.TABLES:
        assert name in pl.read_parquet(files[f"{table}.parquet"].read_bytes())["learner"]
        rows = list(csv.reader(io.StringIO(files[f"{table}.csv"].read_bytes().decode(), newline="")))
        assert {len(row) for row in rows} == {len(rows[0])}
        assert name in {row[rows[0].index("learner")] for row in rows}
    assert files["report.tex"].read_text("ascii").endswith("\\end{document}\n")
    note = MarkdownIt("gfm-like", {"linkify": False}).parse(files["report.md"].read_text("utf-8"))
    assert not {"html_block", "code_block"} & {token.type for token in note}
    assert [token.content for token in note if token.type == "fence"] == [plan_toml(run.plan)]


@pytest.mark.parametrize("name", ["scores", "effects", "verdicts", "findings"])
def test_tables_hold_every_row_and_digit(
    written: dict[str, Path], report: ComparisonReport, name: str
) -> None:
    frame: pl.DataFrame = getattr(report, name)
    assert pl.read_parquet(written[f"{name}.parquet"]).equals(frame)
    read = pl.read_csv(written[f"{name}.csv"], schema=frame.schema)
    assert read.fill_null("").equals(frame.fill_null(""))


def test_hostile_names_leave_the_csv_whole(hostile: ComparisonReport, tmp_path: Path) -> None:
    write_report(hostile, tmp_path, ["csv"])
    text = (tmp_path / "verdicts.csv").read_bytes().decode()
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert {len(row) for row in rows} == {len(hostile.verdicts.columns)}
    assert [row[2] for row in rows[1:]] == hostile.verdicts["learner"].to_list()


def test_an_earlier_report_is_replaced(
    report: ComparisonReport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = {name: make for name, make in write.TEXTS.items() if name != "report.html"}
    monkeypatch.setattr(write, "TEXTS", others)
    (tmp_path / "report.md").write_text("old")
    write_report(report, tmp_path)
    assert (tmp_path / "report.md").read_text("utf-8").startswith("# quick")


def test_a_fault_while_rendering_leaves_the_earlier_report_whole(
    report: ComparisonReport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "report.html").write_text("old")

    def fail(_report: ComparisonReport) -> pl.DataFrame:
        raise RuntimeError

    monkeypatch.setitem(write.TABLES, "findings", fail)
    with pytest.raises(RuntimeError):
        write_report(report, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
    assert (tmp_path / "report.html").read_text() == "old"


def test_a_folder_that_can_not_be_written_to_is_a_usage_error(
    report: ComparisonReport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = {name: make for name, make in write.TEXTS.items() if name != "report.html"}
    monkeypatch.setattr(write, "TEXTS", others)
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="can't be written to"):
        write_report(report, tmp_path / "file" / "report")
