"""Faults of where a run lives: a full or read-only disk, a folder or database that is gone or another."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from benchmarks.faults.victim import BrokenPromiseError, Victim
from iml_general.study.storage.place import DATABASE

SMALL_DISK = ("400k", "700k", "1m")
LARGE_DISK = "256m"


@contextmanager
def disk(folder: Path, size: str) -> Iterator[None]:
    """A disk of a size for the run alone; its caller is root."""
    folder.mkdir(parents=True)
    _mount("-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder))
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def _mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True)


def disk_full(victim: Victim, times: int) -> int:
    """The disk is full before the run is finished; once there is room, the same command goes on."""
    runs = victim.folder
    for n in range(times):
        victim.folder = runs / f"disk-{n}" / "run"
        with disk(victim.folder.parent, SMALL_DISK[n % len(SMALL_DISK)]):
            if victim.end(victim.begin()) == 0:
                raise BrokenPromiseError("the disk was large enough")
            _mount("-o", f"remount,size={LARGE_DISK}", str(victim.folder.parent))
            victim.finish()
    return times


def read_only(victim: Victim, times: int) -> int:
    """The disk can only be read: when a run is begun there, and when one is to go on."""
    runs = victim.folder
    for n in range(times):
        victim.folder = runs / f"disk-{n}" / "run"
        parent = victim.folder.parent
        with disk(parent, LARGE_DISK):
            _mount("-o", "remount,ro", str(parent))
            _must_fail(victim, "a read-only disk")
            _mount("-o", "remount,rw", str(parent))
            process = victim.begin()
            victim.is_under_way(process, 1 + n)
            process.kill()
            victim.end(process)
            time.sleep(1.0)  # its workers notice
            _mount("-o", "remount,ro", str(parent))
            _must_fail(victim, "a read-only disk")
            _mount("-o", "remount,rw", str(parent))
            victim.finish()
    return times


def folder_removed(victim: Victim, times: int) -> int:
    """The run's folder is removed under it; the same command begins anew."""
    for n in range(times):
        process = victim.begin()
        victim.is_under_way(process, 1 + n)
        shutil.rmtree(victim.folder, ignore_errors=True)
        victim.end(process)
        shutil.rmtree(victim.folder, ignore_errors=True)
    victim.finish()
    return times


def truncated(victim: Victim, times: int) -> int:
    """The database loses its end while nobody is at work; it is refused, and left as it is."""
    for n in range(times):
        cut = _half_done(victim, 2 + n)
        keep = int(cut.stat().st_size * victim.dice.uniform(0.1, 0.9))
        with cut.open("r+b") as file:
            file.truncate(keep)
        _must_fail(victim, "half a database")
        shutil.rmtree(victim.folder)
    victim.finish()
    return times


def scribbled(victim: Victim, times: int) -> int:
    """Random bytes over random pages of the database: never other rows, whatever is said."""
    for n in range(times):
        database = _half_done(victim, 2 + n)
        size = database.stat().st_size
        with database.open("r+b") as file:
            for _ in range(12):
                file.seek(victim.dice.randrange(100, size - 4096))
                file.write(victim.dice.randbytes(2048))
        _must_fail(victim, "a damaged database")
        shutil.rmtree(victim.folder)
    victim.finish()
    return times


def replaced(victim: Victim, times: int) -> int:
    """Another file takes the database's place while the run works: text, nothing, or another run's."""
    for n in range(times):
        process = victim.begin()
        victim.is_under_way(process, 2)
        other = victim.folder / "other"
        other.write_bytes([b"something else", b"", victim.dice.randbytes(8192)][n % 3])
        other.rename(victim.folder / DATABASE)
        victim.end(process)
        shutil.rmtree(victim.folder)
    victim.finish()
    return times


def locked(victim: Victim, times: int) -> int:
    """Another program holds the database's lock for some seconds, again and again."""
    process = victim.begin()
    victim.is_under_way(process, 1)
    held = 0
    while held < times and process.poll() is None:
        with closing(sqlite3.connect(victim.folder / DATABASE, timeout=60, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            time.sleep(victim.dice.uniform(2.0, 6.0))
            other.execute("ROLLBACK")
        held += 1
        time.sleep(victim.dice.uniform(0.1, 1.0))
    victim.end(process)
    victim.finish()
    return held


def _half_done(victim: Victim, n_done: int) -> Path:
    """Begin a run and kill it; return its database, all of it in one file."""
    process = victim.begin()
    victim.is_under_way(process, n_done)
    process.kill()
    victim.end(process)
    time.sleep(1.0)  # its workers notice
    database = victim.folder / DATABASE
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return database


def _must_fail(victim: Victim, why: str) -> None:
    if victim.end(victim.begin()) == 0:
        raise BrokenPromiseError(f"it worked with {why}")
