"""`iml report` on what is not, or not yet, a finished run: one line, an exit code."""

import json
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

SIZES = ("protocol.sources.reliable.stage1=10", "protocol.sources.unreliable.stage1=10")
SMALL = ["--set", SIZES[0], "--set", SIZES[1], "--seeds", "2"]

Iml = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def finished(iml: Iml, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small finished run."""
    folder = tmp_path_factory.mktemp("runs")
    done = iml(
        "run", "quick", "--learner", "nearest-neighbors", *SMALL, "--workers", "1", "--out", "run", cwd=folder
    )
    assert done.returncode == 0, done.stderr
    return folder / "run"


@pytest.fixture
def run(finished: Path, tmp_path: Path) -> Path:
    """A copy of it, without a report."""
    shutil.copytree(finished, tmp_path / "run", ignore=shutil.ignore_patterns("report"))
    return tmp_path / "run"


def change(run: Path, *statements: str) -> None:
    with sqlite3.connect(run / "run.sqlite3") as database:
        for statement in statements:
            database.execute(statement)


def refused(iml: Iml, tmp_path: Path, code: int, message: str, *arguments: str) -> None:
    done = iml("report", *arguments, cwd=tmp_path)
    assert done.returncode == code
    assert done.stderr.startswith("iml: ")
    assert done.stderr.count("\n") == 1
    assert message in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("statements", "message"),
    [
        (["UPDATE iml_run SET schema_version = 99"], "its schema version is 99, and this program knows"),
        (
            ["UPDATE trials SET state = 'WAITING'", "DELETE FROM iml_scores"],
            "has no scores to report: nothing is finished yet",
        ),
        (["DELETE FROM iml_run"], "there is no run 'run': `iml run` begins one"),
    ],
)
def test_a_run_that_can_not_be_reported_says_so(
    iml: Iml, run: Path, tmp_path: Path, statements: list[str], message: str
) -> None:
    change(run, *statements)
    refused(iml, tmp_path, 1, message, "run")
    assert not (run / "report").exists()


def test_a_database_of_another_program_is_refused_and_left_alone(iml: Iml, tmp_path: Path) -> None:
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "run.sqlite3").write_text("something else")
    refused(iml, tmp_path, 1, "can't be used for a run: file is not a database", "text")
    assert (tmp_path / "text" / "run.sqlite3").read_text() == "something else"
    (tmp_path / "other").mkdir()
    change(tmp_path / "other", "CREATE TABLE things (name TEXT)")
    message = "the database of 'other' has other programs' tables (things) and none of iml_general"
    refused(iml, tmp_path, 1, message, "other")
    with sqlite3.connect(tmp_path / "other" / "run.sqlite3") as database:
        assert database.execute("SELECT name FROM sqlite_master").fetchall() == [("things",)]


def test_an_unknown_format_and_the_same_run_twice_are_wrong_usage(
    iml: Iml, run: Path, tmp_path: Path
) -> None:
    refused(iml, tmp_path, 2, "unknown format 'pfd'", "run", "--format", "pfd")
    refused(iml, tmp_path, 2, "by the same plan: leave one out", "run", "run")


def test_a_run_that_is_still_going_is_reported_and_every_text_says_so(
    iml: Iml, run: Path, tmp_path: Path
) -> None:
    newest = "(SELECT max(trial_id) FROM trials WHERE state = 'COMPLETE')"
    change(run, f"UPDATE trials SET state = 'RUNNING' WHERE trial_id = {newest}")
    out = 'it\'s $a & <b>%_ "out"'
    done = iml("report", "run", "--out", out, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "UNFINISHED" in done.stdout
    for name in ("report.html", "report.md", "report.tex"):
        assert "UNFINISHED" in (tmp_path / out / name).read_text("utf-8")
    assert "units of work done" in json.loads((tmp_path / out / "report.json").read_text())["unfinished"]


def test_a_report_is_printed_where_there_are_no_letters_but_ascii_and_20_columns(
    iml_process: Iml, run: Path
) -> None:
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = iml_process("report", "run", "--format", "md", cwd=run.parent, COLUMNS="20", **ascii_only)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.isascii()
    assert "nearest-" in done.stdout
