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
FIRST_PATIENCE_S = 15.0
"""How long a database may be gone before who was never connected to it gives up: its name may be wrong."""
PATIENCE_OF_READERS_S = 10.0
"""How long before who only wants to read does."""

PASSING = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL)
"""What SQLite says of a file that others use just now."""
LASTING = (
    *(sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB),
    *(sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_PERM),
)
"""What it says of a full or read-only disk, a damaged file, or one that is gone: no waiting helps."""

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
    style = "named" if place.is_local else "pyformat"  # rows are dictionaries for either driver
    engine = sa.create_engine(place.url, pool_pre_ping=True, paramstyle=style)
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
    for one in _chain(error):
        if _is_broken(one):
            return False
        if isinstance(one, sa.exc.OperationalError | sa.exc.InterfaceError) and not _is_misfit(one):
            return True
        if isinstance(one, sa.exc.DBAPIError) and one.connection_invalidated:
            return True
        if isinstance(one, StorageInternalError) and one.__cause__ is None:
            return True
    return False


def patiently(call: Callable[[], T], patience_s: float = PATIENCE_S) -> T:
    """Call something that needs the database; if that is gone, wait and try again.

    Args:
        call: May be carried out more than once.
        patience_s: Seconds after which to give up.

    Returns:
        What the call returns.

    Raises:
        RunError: If the database was gone for longer, its URL is none, its file is broken, the disk is full
            or can only be read, or its tables are not those that are needed.
    """
    end, pause = time.monotonic() + patience_s, 0.1
    while True:
        try:
            return call()
        except Exception as error:
            fault = lasting(error)
            if fault is not None:
                raise fault from error
            if not is_outage(error):
                raise
            if time.monotonic() + pause > end:
                raise RunError(
                    f"the run's database could not be reached for {patience_s:.0f} s ({_reason(error)}):"
                    " the same command goes on once it is back"
                ) from error
        time.sleep(pause)
        pause = min(2 * pause, 5.0)


def lasting(error: BaseException) -> RunError | None:
    """Say in one line what is wrong with a database, where no waiting mends it.

    Args:
        error: What was raised.

    Returns:
        What to raise in its place; None for any other fault.
    """
    for one in _chain(error):
        if _is_wrong_url(one):
            return RunError(f"the run's database can't be connected to ({_reason(one)}): correct --storage")
        if _is_broken(one):
            return RunError(
                f"the run's database can't be used ({_reason(one)}): mend that, and the same command goes on;"
                " or begin another run with another --out"
            )
        if _is_misfit(one):
            return RunError(
                f"the run's database has other tables than this program needs ({_reason(one)}):"
                " use the iml_general that made it, or begin another run"
            )
    return None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error and those that it followed from, up to one that was already told in one line."""
    while error is not None and not isinstance(error, RunError):
        yield error
        error = error.__cause__ or error.__context__  # Optuna's own clean-up may fail too, and hide why


def _is_misfit(error: BaseException) -> bool:
    """Whether a statement does not fit the tables: SQLite says so as it says that a database is gone."""
    if isinstance(error, sa.exc.ProgrammingError):
        return error.statement is not None
    return isinstance(error, sa.exc.OperationalError) and _sqlite_code(error) == sqlite3.SQLITE_ERROR


def _is_broken(error: BaseException) -> bool:
    """Whether SQLite can't use its file, for a reason that lasts."""
    return isinstance(error, sa.exc.DBAPIError) and _sqlite_code(error) in LASTING


def _sqlite_code(error: BaseException) -> int | None:
    """SQLite's primary code of what went wrong; None where it was not SQLite."""
    extended = getattr(getattr(error, "orig", error), "sqlite_errorcode", None)
    return None if extended is None else extended & 0xFF


def _is_wrong_url(error: BaseException) -> bool:
    """Whether there is something in the database's URL that no driver knows: no waiting helps."""
    return isinstance(error, sa.exc.ProgrammingError) and error.statement is None


def _reason(error: BaseException) -> str:
    return str(getattr(error, "orig", None) or error).splitlines()[0]


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
            except sqlite3.OperationalError as error:
                if _sqlite_code(error) not in PASSING:
                    raise
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
        if _sqlite_code(error) in PASSING:
            raise RunError(f"{path} stays locked: is another process stuck?") from None
        if isinstance(error, sqlite3.OperationalError):
            raise RunError(
                f"{path} can't be used ({error}): mend that, and the same command goes on"
            ) from None
        raise RunError(f"{path} is not a lock of ours: remove it") from None
