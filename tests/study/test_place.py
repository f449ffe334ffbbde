"""Runs are found where the user says, and passwords are shown to nobody."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from iml_general.errors import RunError, UsageError
from iml_general.study import engine
from iml_general.study.storage.place import Place, without_credentials

if TYPE_CHECKING:
    from tests.study.conftest import PostgreSQL

URL = "postgresql+psycopg://me:hunter2@db.example:5433/studies"


def test_a_place_never_shows_its_credentials() -> None:
    place = Place.of(Path("runs/quick"), URL)
    for text in (str(place), repr(place)):
        assert "hunter2" not in text
        assert "me:" not in text
    assert str(place) == "'quick' in database 'studies' at db.example:5433"


def test_a_recorded_command_has_no_credentials() -> None:
    command = f"iml run quick --storage '{URL}' --seeds 3"
    assert without_credentials(command) == "iml run quick --storage 'postgresql+psycopg://...' --seeds 3"
    assert "hunter2" not in without_credentials(f"iml run --storage={URL}?password=hunter2")


@pytest.mark.parametrize(
    "url", ["mysql://a:hunter2@b/c", "sqlite:///x.db", "hunter2", "postgresql+pg8000://h/d"]
)
def test_other_databases_are_refused_without_repeating_the_url(url: str) -> None:
    with pytest.raises(
        UsageError, match=r"write postgresql\+psycopg://USER:PASSWORD@HOST/DATABASE"
    ) as raised:
        Place.of(Path("x"), url)
    assert "hunter2" not in str(raised.value)


def test_a_run_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"no run in .*: it has no run.sqlite3; `iml run` makes one"):
        engine.load_run(Place.of(tmp_path, None))


def test_a_run_that_is_not_in_a_shared_database_names_those_that_are(
    tmp_path: Path,
    postgresql: PostgreSQL,
) -> None:
    place = Place.of(tmp_path / "mine", postgresql.new_database())
    with pytest.raises(RunError, match=r"there is no run 'mine' in database 'test_\w+' at 127.0.0.1:\d+"):
        engine.load_run(place)
