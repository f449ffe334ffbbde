"""A run whose tables are not those of this program is refused at once, in one line, by every command."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from iml_general.commands.status import show_status
from iml_general.errors import RunError
from iml_general.study import engine
from iml_general.study.plan.keys import check_plan
from iml_general.study.plan.resolve import Study, resolve
from iml_general.study.storage.place import Place

if TYPE_CHECKING:
    from tests.conftest import Iml
    from tests.study.conftest import PostgreSQL

SMALL = {
    **dict.fromkeys(("undefined", "new_conflict", "unseen"), 6),
    "sources": {"reliable": {"stage1": 6, "stage2": 6}, "unreliable": {"stage1": 6, "stage2": 6}},
}


def study() -> Study:
    plan = {"name": "x", "seeds": 2, "protocol": SMALL, "learners": [{"name": "chance"}]}
    return resolve(check_plan(plan, "test"))


def begin(place: Place) -> Place:
    """Begin a run there that has no time to do anything: its tables are what matters here."""
    engine.run(study(), place, "test", lambda *_: None, budget_s=-1.0)
    return place


@pytest.fixture
def place(tmp_path: Path, storage: str | None) -> Place:
    """A run that was begun."""
    return begin(Place.of(tmp_path / "run", storage))


def change(place: Place, *statements: str) -> None:
    database = sa.create_engine(place.url)
    with database.begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))
    database.dispose()


def run(place: Place, storage: str | None) -> None:
    engine.run(study(), place, "test", lambda *_: None)


def work(place: Place, storage: str | None) -> None:
    engine.help_with(place, lambda *_: None)


def report(place: Place, storage: str | None) -> None:
    engine.load_run(place)


def status(place: Place, storage: str | None) -> None:
    show_status(place.folder, storage)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From when it is called on, nobody may wait: no waiting mends such tables."""

    def refuse(seconds: float) -> None:
        pytest.fail(f"waits for {seconds} s")

    return lambda: monkeypatch.setattr(time, "sleep", refuse)


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ('ALTER TABLE iml_scores DROP COLUMN "value"', "its table 'iml_scores' lacks the column 'value'"),
        ("ALTER TABLE iml_scores ADD COLUMN em FLOAT", "its table 'iml_scores' has a column 'em' more"),
        ("ALTER TABLE iml_run DROP COLUMN absent", "its table 'iml_run' lacks the column 'absent'"),
        ("DROP TABLE iml_identities", "it has no table 'iml_identities'"),
        ("UPDATE iml_run SET schema_version = 1", "its schema version is 1"),
        ("UPDATE iml_run SET schema_version = 99", "its schema version is 99"),
    ],
)
def test_another_schema_is_refused_at_once_and_the_line_says_how_it_differs(
    impatient: Callable[[], None], place: Place, storage: str | None, statement: str, message: str
) -> None:
    change(place, statement)
    impatient()
    for command in (run, work, report, status):
        with pytest.raises(RunError) as told:
            command(place, storage)
        assert message in str(told.value)
        assert "this program knows schema version 2 only" in str(told.value)
        assert "\n" not in str(told.value)
        assert "secret" not in str(told.value)


def test_a_shared_database_with_tables_of_another_schema_takes_no_new_run(
    tmp_path: Path, postgresql: PostgreSQL
) -> None:
    url = postgresql.new_database()
    place = begin(Place.of(tmp_path / "run", url))
    change(place, "ALTER TABLE iml_scores ADD COLUMN em FLOAT")
    with pytest.raises(RunError, match="has a column 'em' more"):
        run(Place.of(tmp_path / "another", url), url)


def test_tables_of_optunas_that_lack_a_column_are_not_waited_for(
    impatient: Callable[[], None], place: Place
) -> None:
    change(place, "ALTER TABLE trials DROP COLUMN state")
    impatient()
    with pytest.raises(RunError, match=r"other tables than this program needs \(.*state"):
        engine.load_run(place)


@pytest.mark.parametrize("command", ["run", "worker", "report", "status"])
def test_on_the_command_line_it_is_one_line_and_exit_code_1(iml: Iml, tmp_path: Path, command: str) -> None:
    place = begin(Place.of(tmp_path / "run", None))
    change(place, 'ALTER TABLE iml_scores DROP COLUMN "value"')
    arguments = ["run", "quick", "--out", "run"] if command == "run" else [command, "run"]
    done = iml(*arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("iml: the run in 'run' can't be used: its table 'iml_scores' lacks")
    assert done.stderr.count("\n") == 1
