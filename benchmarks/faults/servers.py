"""Faults of a PostgreSQL server: restarted as after a crash, its connections cut, its disk's room gone."""

from __future__ import annotations

import runpy
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from benchmarks.faults.victim import Victim

END_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE pid <> pg_backend_pid() AND datname = current_database()
"""
CONFTEST = Path(__file__).parents[2] / "tests" / "study" / "conftest.py"


@contextmanager
def server() -> Iterator[Any]:
    """A PostgreSQL server of our own."""
    kind = runpy.run_path(str(CONFTEST))["PostgreSQL"]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        found = kind(Path(folder))
        found.start()
        try:
            yield found
        finally:
            found.stop()


def restarted(victim: Victim, times: int) -> int:
    """The server is stopped in immediate mode, as by a crash, and comes back after some seconds."""
    process = victim.begin()
    victim.is_under_way(process, 1)
    restarts = 0
    while restarts < times and process.poll() is None:
        victim.server.stop()
        time.sleep(victim.dice.uniform(0.0, 6.0))
        victim.server.start()
        restarts += 1
        time.sleep(victim.dice.uniform(1.0, 4.0))
    victim.end(process)
    victim.finish()
    return restarts


def cut_off(victim: Victim, times: int) -> int:
    """All connections to the database are cut at one moment, again and again."""
    process = victim.begin()
    victim.is_under_way(process, 1)
    database = sa.create_engine(str(victim.storage), isolation_level="AUTOCOMMIT")
    cuts = 0
    while cuts < times and process.poll() is None:
        with database.connect() as connection:
            connection.execute(sa.text(END_OTHERS))
        cuts += 1
        time.sleep(victim.dice.uniform(0.2, 2.0))
    database.dispose()
    victim.end(process)
    victim.finish()
    return cuts
