"""Where a run lives: a folder with an SQLite file in it, or a name in a PostgreSQL database."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, Self

import sqlalchemy as sa

from iml_general.errors import RunError, UsageError
from iml_general.extras import not_installed

DATABASE = "run.sqlite3"
RUNS = Path("runs")
"""Where runs live if nobody says so."""
DRIVER_LIBRARY = "psycopg"
DRIVER = f"postgresql+{DRIVER_LIBRARY}"
SCHEMES = ("postgresql", DRIVER)
EXAMPLE = f"{DRIVER}://USER:PASSWORD@HOST/DATABASE"
ANOTHER = "give another --out (in Python, folder)"


@dataclass(frozen=True)
class Place:
    """Where a run lives.

    Attributes:
        folder: The run's folder, for reports, and for the database unless it is elsewhere.
        name: The run's name in its database.
        url: The database; holds credentials, so it is never shown.
    """

    folder: Path
    name: str
    url: sa.URL = field(repr=False)

    @classmethod
    def of(cls, folder: Path, storage: str | None) -> Self:
        """Find the place that a user means.

        Args:
            folder: The run's folder; its last part is the run's name in a shared database.
            storage: URL of a PostgreSQL database; None for SQLite in the folder.

        Returns:
            The place; nothing is opened or made yet.

        Raises:
            UsageError: If the URL is not one of a PostgreSQL database, or the driver is not installed.
        """
        if storage is None:
            return cls(folder, "run", sa.URL.create("sqlite", database=str(folder / DATABASE)))
        try:
            url = sa.make_url(storage)
        except (sa.exc.ArgumentError, ValueError):
            # The text is not repeated: it may hold a password.
            raise UsageError(f"--storage is not a database URL: write {EXAMPLE}") from None
        if url.drivername not in SCHEMES:
            raise UsageError(
                f"--storage has the scheme {url.drivername!r}, not {DRIVER!r}: write {EXAMPLE},"
                " or leave --storage away for SQLite in the run's folder"
            )
        if find_spec(DRIVER_LIBRARY) is None:
            raise UsageError(f"--storage can't be used: {not_installed(DRIVER_LIBRARY)}")
        return cls(folder, folder.resolve().name, url.set(drivername=DRIVER))

    @property
    def is_local(self) -> bool:
        """Whether the run's database is the SQLite file in its folder."""
        return self.url.drivername == "sqlite"

    def __str__(self) -> str:
        """Name the place in words, without credentials."""
        if self.is_local:
            return repr(str(self.folder))
        url = self.url
        where = f"{url.host or 'localhost'}{f':{url.port}' if url.port else ''}"
        return f"{self.name!r} in database {url.database!r} at {where}"

    @contextmanager
    def made_folder(self) -> Iterator[None]:
        """Make the run's folder if need be; if what is done then fails, nothing empty is left behind.

        Raises:
            UsageError: If it is a file or can't be written to.
        """
        absent = [one for one in (self.folder, *self.folder.parents) if not os.path.exists(one)]
        self.make_folder()
        try:
            yield
        except BaseException:
            with suppress(OSError):  # something is in it: a run
                for one in absent:
                    one.rmdir()
            raise

    def make_folder(self) -> None:
        """Make the run's folder if need be.

        Raises:
            UsageError: If it is a file or can't be written to.
        """
        folder = self.folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with TemporaryFile(dir=folder):  # under a name of its own: others may begin at the same instant
                pass
        except FileExistsError:
            raise UsageError(f"output folder {str(folder)!r} is a file: {ANOTHER}") from None
        except OSError as error:
            raise UsageError(
                f"output folder {str(folder)!r} can't be written ({error.strerror}): {ANOTHER}"
            ) from None

    def refuse_missing(self) -> None:
        """Refuse to look for a run where there can't be one.

        Raises:
            RunError: If the run's database is a file that does not exist.
        """
        if self.is_local and not (self.folder / DATABASE).is_file():
            raise RunError(f"no run in {self}: it has no {DATABASE}; `iml run` makes one")


def find_run(given: Path, storage: str | None) -> Place:
    """Find the run that a user means, who may leave out the folder that runs are in.

    Args:
        given: The run's folder, or the name of one in ``runs``; in a shared database its name there.
        storage: URL of a PostgreSQL database; None for SQLite in the folder.

    Returns:
        The place.

    Raises:
        UsageError: If the URL is not one of a PostgreSQL database.
        RunError: If the database would be in a folder, and there is none; names the runs that there are.
    """
    if storage is not None or (given / DATABASE).is_file():
        return Place.of(given, storage)
    is_name = given.name == str(given)
    if is_name and (RUNS / given / DATABASE).is_file():
        return Place.of(RUNS / given, None)
    there = sorted(str(database.parent) for database in RUNS.glob(f"*/{DATABASE}"))
    nor = f", nor is there one in {str(RUNS / given)!r}" if is_name else ""
    runs = f"; runs there are: {', '.join(there[:5])}{', ...' if len(there) > 5 else ''}" if there else ""
    raise RunError(f"no run in {str(given)!r}: it has no {DATABASE}{nor}{runs}; `iml run` makes one")


def default_folder(plan: Mapping[str, Any]) -> Path:
    """Say where a run lives if nobody says so.

    Args:
        plan: The resolved plan.

    Returns:
        ``runs/NAME-WORLD``, whatever characters these two have; of a world that is named by where it lies,
        its class.
    """
    name = f"{plan['name']}-{plan['world']['name'].rpartition(':')[2]}"
    return RUNS / re.sub(r"[^\w.-]+", "-", name)[:100]


def without_credentials(command: str) -> str:
    """Hide whatever a command line may say about how to log in to a database.

    Args:
        command: A command line, or any text that may quote one.

    Returns:
        The text with every database URL cut down to its scheme.
    """
    return re.sub(r"\b([a-z][\w+]*sql[\w+]*)://[^\s'\"]+", r"\1://...", command)
