"""A run's database by somebody else: nothing in it is run, no fault is a traceback, no text of it acts."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import sys
from contextlib import closing, suppress
from pathlib import Path

import pytest

from iml_general import cli
from iml_general.errors import ImlError
from iml_general.study import engine
from iml_general.study.plan.keys import check_plan
from iml_general.study.plan.resolve import Study, resolve
from iml_general.study.storage.place import Place

SMALL = {
    **dict.fromkeys(("undefined", "new_conflict", "unseen"), 6),
    "sources": {"reliable": {"stage1": 6, "stage2": 6}, "unreliable": {"stage1": 6, "stage2": 6}},
}
ESCAPES = "\x1b]0;owned\x07\x1b[2J\x9b31m<script>alert(1)</script>"


def study() -> Study:
    searched = {"levels": ["default", "tuned"], "search": {"trials": 2, "seeds": 2, "wave": 2}}
    plan = {"name": "x", "seeds": 2, "protocol": SMALL, "learners": [{"name": "naive-bayes"}], **searched}
    return resolve(check_plan(plan, "test"))


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "run"
    engine.run(study(), Place.of(folder, None), "test", lambda *_: None)
    with closing(sqlite3.connect(folder / "run.sqlite3")) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return folder


@pytest.fixture
def folder(finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return Path(shutil.copytree(finished, tmp_path / "run"))


def change(folder: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(folder / "run.sqlite3")) as database:
        changed = database.execute(statement, values)
        assert changed.rowcount > 0
        database.commit()


def iml(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str
) -> tuple[str, str]:
    """What a command says in this process."""
    monkeypatch.setattr(sys, "argv", ["iml", *arguments])
    with pytest.raises(SystemExit):
        cli.main()
    said = capsys.readouterr()
    return said.out, said.err


DEEP = "[" * 100_000
PLAN, TASKS = (
    "UPDATE iml_run SET plan = ?",
    "UPDATE trial_user_attributes SET value_json = ? WHERE key = 'task'",
)
EVIL = '{"name": "os.system", "attributes": {"command": "touch owned"}}'
CHOICE = '{"name": "CategoricalDistribution", "attributes": {"choices": [{"__reduce__": "os.system"}]}}'


@pytest.mark.filterwarnings("ignore:Choices for a categorical:UserWarning")
@pytest.mark.parametrize(
    ("statement", "value"),
    [
        (PLAN, "not JSON"),
        (PLAN, "[]"),
        (PLAN, "null"),
        (PLAN, "{}"),
        (PLAN, DEEP),
        (PLAN, '{"name": "x", "learners": [{"name": "os:system"}]}'),
        (PLAN, '{"name": "x", "learners": [{"name": "__import__(\'os\').system(\'touch owned\')"}]}'),
        ("UPDATE iml_run SET provenance = ?", "[]"),
        ("UPDATE iml_run SET provenance = ?", '{"begun": 1}'),
        ("UPDATE iml_run SET absent = ?", "3"),
        (TASKS, "not JSON"),
        (TASKS, '"one"'),
        (TASKS, "-1"),
        (TASKS, "1000000000"),
        (TASKS, DEEP),
        ("UPDATE trial_user_attributes SET key = 'fault', value_json = ? WHERE key = 'competence'", "[1]"),
        ("UPDATE trial_user_attributes SET value_json = ? WHERE key = 'values'", '["a", null]'),
        ("UPDATE trial_params SET distribution_json = ?", EVIL),
        ("UPDATE trial_params SET distribution_json = ?", CHOICE),
        ("UPDATE trial_params SET distribution_json = ?", "x"),
        ("UPDATE trial_params SET param_value = ?", "x"),
        ("UPDATE trials SET state = ?", "HACKED"),
        ("UPDATE trials SET datetime_complete = ?", "yesterday"),
        ("UPDATE trial_values SET value = ?", "x"),
        ("UPDATE iml_scores SET value = ?", "x"),
        ("UPDATE iml_scores SET seed = ?", "x"),
        ("UPDATE iml_scores SET seed = ?", 2**62),
        ("UPDATE iml_scores SET measure = ?", b"\x80"),
        ('UPDATE iml_scores SET "group" = ?', "nobody"),
        ("UPDATE iml_identities SET learner = ?", b"\xff"),
        ("UPDATE iml_identities SET role = ?", "emperor"),
        ("UPDATE iml_costs SET seconds = ?", "long"),
    ],
)
def test_whatever_stands_in_it_is_read_or_refused_in_one_line(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    statement: str,
    value: object,
) -> None:
    change(folder, statement, value)
    for command in (
        ["status", "run"],
        ["report", "run", "--format", "md,json"],
        ["export", "run", "--out", "x"],
    ):
        _, complaint = iml(monkeypatch, capsys, *command)
        assert complaint.count("\n") == (1 if complaint else 0)
        assert "nobody foresaw" not in complaint
        assert len(complaint) < 1500
    with suppress(ImlError):
        engine.run(study(), Place.of(folder, None), "test", lambda *_: None, budget_s=-1.0)
    assert not list(folder.parent.rglob("owned"))


def test_what_it_says_does_nothing_to_the_terminal_and_nothing_to_a_page(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for column in ("study", "world", "family", "configuration"):
        change(folder, f"UPDATE iml_identities SET {column} = {column} || ?", ESCAPES)
    change(folder, "UPDATE iml_run SET plan = json_set(plan, '$.name', 'x' || ?)", ESCAPES)
    facts = json.dumps({"command": ESCAPES, ESCAPES: "x", "begun": "2026-01-01 00:00:00 UTC"})
    change(folder, "UPDATE iml_run SET provenance = ?, absent = ?", facts, json.dumps({ESCAPES: ESCAPES}))
    told, _ = iml(monkeypatch, capsys, "report", "run", "--format", "html,md,json,tex,csv")
    pages = [path.read_text("utf-8") for path in (folder / "report").iterdir() if path.is_file()]
    assert "ABSENT" in told
    for text in (told, *pages):
        assert not {"\x1b", "\x07", "\x9b"} & set(text)
    assert "<script>alert" not in (folder / "report" / "report.html").read_text("utf-8")


def test_code_that_came_with_it_is_not_loaded(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    evil = folder / "evil.py"
    evil.write_text("from pathlib import Path\nPath('owned').touch()\n")
    for name in (f"{evil}:Evil", "run/evil.py:Evil", "./run/../run/evil.py:Evil"):
        change(folder, PLAN, json.dumps({"name": "x", "learners": [{"name": name}]}))
        for command in ("status", "report", "worker"):
            _, complaint = iml(monkeypatch, capsys, command, "run")
            assert re.search(r"names code in the run's own folder \('.*evil.py:Evil'\)", complaint)
    assert not list(folder.parent.rglob("owned"))
