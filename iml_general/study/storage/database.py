"""Connections to a run's database: how they are set up, waited for, and locked."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from typing import TypeVar

import sqlalchemy as sa
from optuna.exceptions import StorageInternalError
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from iml_general.errors import RunError
from iml_general.study.storage.place import Place

T = TypeVar("T")

PATIENCE_S = 300.0
"""How long a database may be gone before a run gives up."""

LOCK_FILE, PRESENCE_FILE = "run.lock", "run.presence"
LOCK_TIMEOUT_S = 60.0


@contextmanager
def connected(place: Place) -> Iterator[sa.Engine]:
    """Make an engine for our own tables, and close it again if what is done with it fails.

    Args:
        place: Where the run lives.

    Yields:
        The engine; nothing is connected yet.
    """
    engine = sa.create_engine(place.url, pool_pre_ping=True)
    if place.is_local:
        sa.event.listen(engine, "connect", prepare_sqlite)
    try:
        yield engine
    except BaseException:
        engine.dispose()
        raise


def prepare_sqlite(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    """Let readers and a writer work side by side, and wait for a lock rather than fail.

    Args:
        connection: A new connection to a SQLite database.
        _record: Given by SQLAlchemy, not needed.
    """
    cursor = connection.cursor()
    for pragma in ("busy_timeout = 60000", "journal_mode = WAL", "synchronous = NORMAL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def is_outage(error: BaseException | None) -> bool:
    """Whether an error, or what it followed from, is that the database can't be reached."""
    while error is not None and not isinstance(error, RunError):
        if isinstance(error, sa.exc.OperationalError | sa.exc.InterfaceError):
            return True
        if isinstance(error, sa.exc.DBAPIError) and error.connection_invalidated:
            return True
        if isinstance(error, StorageInternalError) and error.__cause__ is None:
            return True
        error = error.__cause__ or error.__context__  # Optuna's own clean-up may fail too, and hide why
    return False


def patiently(call: Callable[[], T], patience_s: float = PATIENCE_S) -> T:
    """Call something that needs the database; if that is gone, wait and try again.

    Args:
        call: May be carried out more than once.
        patience_s: Seconds after which to give up.

    Returns:
        What the call returns.

    Raises:
        RunError: If the database was gone for longer.
    """
    end, pause = time.monotonic() + patience_s, 0.1
    while True:
        try:
            return call()
        except Exception as error:
            if not is_outage(error):
                raise
            if time.monotonic() + pause > end:
                reason = str(getattr(error, "orig", None) or error).splitlines()[0]
                raise RunError(
                    f"the run's database could not be reached for {patience_s:.0f} s ({reason}):"
                    " the same command goes on once it is back"
                ) from error
        time.sleep(pause)
        pause = min(2 * pause, 5.0)


@contextmanager
def exclusively(place: Place, engine: sa.Engine) -> Iterator[None]:
    """Hold the run's lock: one process at a time hands out work or makes tables.

    The lock ends with its process, however that ends.

    Args:
        place: Where the run lives.
        engine: As `connect` makes it.
    """
    if place.is_local:
        with _lock_file(place, LOCK_FILE, LOCK_TIMEOUT_S) as lock:
            lock.execute("BEGIN EXCLUSIVE")
            yield
        return
    key = sa.func.hashtextextended(f"iml {place.name}", 0)
    with engine.connect() as connection:
        connection.execute(sa.select(sa.func.pg_advisory_lock(key)))
        try:
            yield
        finally:
            connection.execute(sa.select(sa.func.pg_advisory_unlock(key)))


@contextmanager
def presence(place: Place, engine: sa.Engine) -> Iterator[bool]:
    """Be seen at work on a run, for as long as the context lasts or the process lives.

    Args:
        place: Where the run lives.
        engine: As `connect` makes it.

    Yields:
        Whether nobody else was at work when this began: then nobody runs what is still marked as
        running.
    """
    if place.is_local:
        with _lock_file(place, PRESENCE_FILE, 0.0) as lock:
            try:
                lock.execute("BEGIN EXCLUSIVE")
                lock.execute("CREATE TABLE IF NOT EXISTS present (at TEXT)")
                lock.execute("COMMIT")
                alone = True
            except sqlite3.OperationalError:
                alone = False
            lock.execute("PRAGMA busy_timeout = 60000")
            lock.execute("BEGIN")
            lock.execute("SELECT * FROM present").fetchall()  # a reader's lock, shared with others
            yield alone
        return
    key = sa.func.hashtextextended(f"iml presence {place.name}", 0)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        alone = bool(connection.execute(sa.select(sa.func.pg_try_advisory_lock(key))).scalar())
        connection.execute(sa.select(sa.func.pg_advisory_lock_shared(key)))
        if alone:
            connection.execute(sa.select(sa.func.pg_advisory_unlock(key)))
        try:
            yield alone
        finally:
            with suppress(sa.exc.DBAPIError):  # a server that is gone by now holds no locks
                connection.execute(sa.select(sa.func.pg_advisory_unlock_all()))


@contextmanager
def _lock_file(place: Place, name: str, timeout_s: float) -> Iterator[sqlite3.Connection]:
    path = place.folder / name
    try:
        with closing(sqlite3.connect(path, timeout=timeout_s, isolation_level=None)) as lock:
            yield lock
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            raise RunError(f"{path} stays locked: is another process stuck?") from None
        raise RunError(f"{path} is not a lock of ours: remove it") from None
