"""A database's password stays with whoever gave it: it is in no log, no report, no export and no database."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from iml_general import cli

if TYPE_CHECKING:
    from tests.study.conftest import PostgreSQL

PASSWORD = "secret"
SIZES = ("protocol.sources.reliable.stage1=10", "protocol.sources.unreliable.stage1=10")


def test_it_is_nowhere_though_it_stood_on_the_command_line(
    tmp_path: Path,
    postgresql: PostgreSQL,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url = postgresql.new_database()
    assert PASSWORD in url
    monkeypatch.chdir(tmp_path)
    sizes = [text for size in SIZES for text in ("--set", size)]
    commands = (
        [
            "run",
            "quick",
            "--learner",
            "naive-bayes",
            *sizes,
            "--seeds",
            "2",
            "--workers",
            "1",
            "--out",
            "run",
        ],
        ["run", "quick", "--learner", "naive-bayes", "--out", "run"],  # another plan: refused
        ["--debug", "run", "quick", "--learner", "naive-bayes", "--out", "run"],
        ["status", "run"],
        ["status", "nobody"],
        ["report", "run", "--out", "report"],
        ["export", "run", "--out", "run.iml"],
    )
    codes = []
    for command in commands:
        monkeypatch.setattr(sys, "argv", ["iml", *command, f"--storage={url}"])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        codes.append(ended.value.code or 0)
    assert codes == [0, 2, 2, 0, 1, 0, 0]
    said = capfd.readouterr()
    assert PASSWORD not in said.out + said.err
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) > 10
    assert [path for path in files if PASSWORD.encode() in path.read_bytes()] == []
    assert [table for table, text in stored(url) if PASSWORD in text] == []


def stored(url: str) -> list[tuple[str, str]]:
    """All that the database holds, as text, by table."""
    database = sa.create_engine(url)
    tables = sa.MetaData()
    tables.reflect(database)
    with database.connect() as connection:
        found = [(name, str(connection.execute(one.select()).all())) for name, one in tables.tables.items()]
    database.dispose()
    assert "naive-bayes" in str(found)
    return found
