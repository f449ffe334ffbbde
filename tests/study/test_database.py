"""A database that goes away is told from any other fault, and waited for."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from optuna.exceptions import StorageInternalError

from iml_general.errors import RunError
from iml_general.study.storage.database import LOCK_FILE, connected, exclusively, is_outage, patiently
from iml_general.study.storage.place import Place

GONE = sa.exc.OperationalError("SELECT 1", {}, Exception("server closed the connection unexpectedly"))


def gone() -> str:
    raise GONE


def gone_and_the_clean_up_fails() -> str:
    """What Optuna does where the connection ends within a query: its handler queries again."""
    try:
        try:
            gone()
        except sa.exc.OperationalError:
            raise sa.exc.PendingRollbackError("Please rollback() fully before proceeding")  # noqa: B904
    except sa.exc.SQLAlchemyError as error:
        raise StorageInternalError("An exception is raised during the commit.") from error


@pytest.mark.parametrize("call", [gone, gone_and_the_clean_up_fails])
def test_an_outage_is_waited_out(call: Callable[[], str]) -> None:
    calls = iter([call, call, lambda: "back"])
    assert patiently(lambda: next(calls)()) == "back"  # noqa: PLW0108 - another one each time


def test_patience_has_an_end_and_the_line_says_what_to_do() -> None:
    with pytest.raises(RunError, match=r"0 s .*server closed.*the same command goes on"):
        patiently(gone, patience_s=0.0)


def test_what_was_already_waited_out_is_not_waited_for_again() -> None:
    with pytest.raises(RunError) as given_up:
        patiently(gone, patience_s=0.0)
    assert not is_outage(given_up.value)


def test_other_faults_are_not_outages() -> None:
    with pytest.raises(sa.exc.IntegrityError):
        patiently(lambda: (_ for _ in ()).throw(sa.exc.IntegrityError("INSERT", {}, Exception("twice"))))


def refused_by_sqlite(pragma: str) -> Callable[[], str]:
    """A statement that real SQLite refuses for the reason that a pragma brings about."""

    def call() -> str:
        database = sa.create_engine("sqlite://")
        with database.begin() as connection:
            connection.execute(sa.text("CREATE TABLE things (name TEXT)"))
            connection.execute(sa.text(f"PRAGMA {pragma}"))
            connection.execute(sa.text("INSERT INTO things VALUES (zeroblob(100000))"))
        return "written"

    return call


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (refused_by_sqlite("max_page_count = 3"), r"can't be used \(database or disk is full\): mend that"),
        (refused_by_sqlite("query_only = 1"), r"can't be used \(attempt to write a readonly database\)"),
        (
            lambda: str(sa.create_engine("sqlite:////nowhere/at/all.db").connect()),
            r"can't be used \(unable to open database file\)",
        ),
        (
            lambda: str(sa.create_engine("postgresql+psycopg://a:b@127.0.0.1:1/d?colour=red").connect()),
            r"can't be connected to \(invalid connection option \"colour\"\): correct --storage",
        ),
    ],
)
def test_what_no_waiting_mends_is_told_at_once(call: Callable[[], str], reason: str) -> None:
    calls = 0

    def counted() -> str:
        nonlocal calls
        calls += 1
        return call()

    with pytest.raises(RunError, match=reason):
        patiently(counted)
    assert calls == 1


def test_a_locked_file_is_waited_for(tmp_path: Path) -> None:
    file = tmp_path / "run.sqlite3"
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("CREATE TABLE things (name TEXT)")
        other.execute("BEGIN EXCLUSIVE")
        database = sa.create_engine(f"sqlite:///{file}", connect_args={"timeout": 0})
        calls = 0

        def insert() -> int:
            nonlocal calls
            calls += 1
            if calls == 2:
                other.execute("ROLLBACK")
            with database.begin() as connection:
                connection.execute(sa.text("INSERT INTO things VALUES ('one')"))
            return calls

        assert patiently(insert) == 2
        database.dispose()


@pytest.mark.parametrize(
    ("content", "message"), [(b"text" * 300, "is not a lock of ours: remove it"), (None, "can't be used")]
)
def test_a_lock_that_is_none_is_not_taken_for_a_held_one(
    tmp_path: Path, content: bytes | None, message: str
) -> None:
    place = Place.of(tmp_path / "run", None)
    if content is not None:
        place.folder.mkdir()
        (place.folder / LOCK_FILE).write_bytes(content)
    with connected(place) as engine, pytest.raises(RunError, match=message), exclusively(place, engine):
        pass
