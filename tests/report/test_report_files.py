"""What `write_report` leaves behind, and that all files tell the same numbers."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from iml_general.errors import UsageError
from iml_general.report import rounding, write
from iml_general.report.comparison import ComparisonReport
from iml_general.report.tables import csv_bytes
from iml_general.report.wording import ENDPOINTS
from iml_general.report.write import write_report

COLUMNS = ("learner", "rule", "endpoint", "verdict", "mean", "low", "high")
READERS = {"verdicts.csv": pl.read_csv, "verdicts.parquet": pl.read_parquet}


@pytest.fixture(scope="module")
def written(report: ComparisonReport, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The files of one report, by name, in a folder that did not exist."""
    folder = tmp_path_factory.mktemp("run") / "deep" / "report"
    return {str(path.relative_to(folder)): path for path in write_report(report, folder)}


def test_all_formats_are_written_and_nothing_else(written: dict[str, Path]) -> None:
    assert sorted(name for name in written if not name.startswith("figures/")) == [
        "report.html",
        "report.json",
        "report.md",
        "report.tex",
        "scores.csv",
        "scores.parquet",
        "verdicts.csv",
        "verdicts.parquet",
    ]
    assert sum(name.startswith("figures/") for name in written) == 18
    found = [path for path in written["report.md"].parent.rglob("*") if path.is_file()]
    assert sorted(found) == sorted(written.values())


def exact(written: dict[str, Path]) -> dict[str, list[tuple[Any, ...]]]:
    """Every verdict with its numbers, as each file for programs tells it."""
    frames = {name: read(written[name]) for name, read in READERS.items()}
    content = json.loads(written["report.json"].read_text("utf-8"))
    nested = [{**one, **verdict} for one in content["configurations"] for verdict in one["verdicts"]]
    frames["report.json"] = pl.DataFrame([{name: row[name] for name in COLUMNS} for row in nested])
    return {name: sorted(frame.select(COLUMNS).rows()) for name, frame in frames.items()}


def test_every_format_tells_the_same_effects(written: dict[str, Path]) -> None:
    """Files for programs to the last digit, files for people as `rounding` says."""
    rows = exact(written)["verdicts.parquet"]
    assert len(rows) == 14
    assert all(found == rows for found in exact(written).values())
    page = re.sub(r"<[^>]+>", "", written["report.html"].read_text("utf-8")).replace("\N{MINUS SIGN}", "-")
    note = written["report.md"].read_text("utf-8").replace("\\", "").splitlines()
    latex = written["report.tex"].read_text("utf-8").replace("$", "")
    for learner, rule, endpoint, verdict, mean, low, high in rows:
        digits = rounding.digits_of(low, high)
        effect, interval = rounding.signed(mean, digits), rounding.interval(low, high, digits)
        assert f"{verdict}\n{effect} {interval}" in page
        line = next(text for text in note if text.startswith(f"| {learner} {rule} "))
        assert f"{verdict} {effect} {interval}" in line
        table = latex[latex.index(f"Controlled {ENDPOINTS[endpoint]}:") :]
        assert (
            f"\\raggedright {learner} {rule} & {effect} & {interval} & " in table[: table.index("bottomrule")]
        )


@pytest.mark.parametrize("name", ["scores", "verdicts"])
def test_tables_hold_every_row_and_digit(
    written: dict[str, Path], report: ComparisonReport, name: str
) -> None:
    frame = {"scores": report.records[0].scores, "verdicts": report.verdicts}[name]
    assert pl.read_parquet(written[f"{name}.parquet"]).equals(frame)
    read = pl.read_csv(written[f"{name}.csv"], schema=frame.schema)
    assert read.fill_null("").equals(frame.fill_null(""))


def test_hostile_names_leave_the_csv_whole(hostile: ComparisonReport) -> None:
    text = csv_bytes(hostile.verdicts).decode()
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert {len(row) for row in rows} == {len(hostile.verdicts.columns)}
    assert [row[2] for row in rows[1:]] == hostile.verdicts["learner"].to_list()


def test_an_earlier_report_is_replaced(
    report: ComparisonReport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(write.FILES, "report.html")
    (tmp_path / "report.md").write_text("old")
    write_report(report, tmp_path)
    assert (tmp_path / "report.md").read_text("utf-8").startswith("# quick")


def test_a_fault_while_rendering_leaves_the_earlier_report_whole(
    report: ComparisonReport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "report.html").write_text("old")

    def fail(_report: ComparisonReport) -> bytes:
        raise RuntimeError

    monkeypatch.setitem(write.FILES, "verdicts.parquet", fail)
    with pytest.raises(RuntimeError):
        write_report(report, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
    assert (tmp_path / "report.html").read_text() == "old"


def test_a_folder_that_can_not_be_written_to_is_a_usage_error(
    report: ComparisonReport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(write.FILES, "report.html")
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="can't be written to"):
        write_report(report, tmp_path / "file" / "report")
