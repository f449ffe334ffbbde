"""The run that faults happen to, from outside: it is begun, hurt, begun again, and compared at the end."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl
import psutil
from polars.testing import assert_frame_equal

from benchmarks.faults.child import HEARTBEAT, study
from iml_general.study import engine
from iml_general.study.storage.place import Place
from iml_general.study.storage.record import RunRecord

WAIT_S = 900.0
"""How long something may take that has to happen."""
ROOT = Path(__file__).parents[2]
OF_THE_PACE = ("configuration", "level")
"""Columns that say how slow the learner is, and whether that is its default."""
Process = subprocess.Popen[str]


class BrokenPromiseError(Exception):
    """A run did what it must not: another row, a row twice, a traceback, or no end."""


@dataclass
class Victim:
    """One run.

    Attributes:
        folder: Its folder.
        storage: URL of its database; None for SQLite in the folder.
        seeds: How many confirmation seeds it has.
        seconds: What every fit of its slow learner takes.
        dice: Decides when something happens, and to whom.
        server: The PostgreSQL server of its database.
        said: Lines with which its processes ended.
    """

    folder: Path
    storage: str | None = None
    seeds: int = 12
    seconds: float = 0.3
    dice: random.Random = field(default_factory=random.Random)
    server: Any = None
    said: list[str] = field(default_factory=list)

    def begin(self, n_workers: int = 2, **environment: str) -> Process:
        """Begin it, or go on with it, in a process of its own."""
        arguments = [str(self.folder), str(self.seeds), str(self.seconds), str(n_workers)]
        database = {"IML_STORAGE": self.storage} if self.storage else {}
        return subprocess.Popen(
            [sys.executable, "-m", "benchmarks.faults.child", *arguments],
            cwd=ROOT,
            env={**os.environ, "IML_CACHE": "off", "OMP_NUM_THREADS": "1", **database, **environment},
            stderr=subprocess.PIPE,
            text=True,
        )

    def end(self, process: Process) -> int:
        """Wait for its end, and see that it ended in peace or with one line.

        Raises:
            BrokenPromiseError: If it does not end, or says more than a line.
        """
        try:
            _, text = process.communicate(timeout=WAIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            raise BrokenPromiseError("it came to no end") from None
        lines = text.strip().splitlines()
        if process.returncode < 0:
            return process.returncode  # killed by the campaign
        told = len(lines) == 1 and lines[0].startswith("iml: ")
        if process.returncode and not told:
            raise BrokenPromiseError(f"exit code {process.returncode}, and it said: {text[-500:]!r}")
        if any("Traceback" in line for line in lines):
            raise BrokenPromiseError(f"a traceback: {text[-500:]!r}")
        if process.returncode:
            self.said += lines
        return process.returncode

    def finish(self) -> RunRecord:
        """Let the same command go on in peace, and compare the rows.

        Raises:
            BrokenPromiseError: If it does not finish, or with other rows.
        """
        code = self.end(self.begin())
        if code:
            raise BrokenPromiseError(f"it does not go on: {self.said[-1:]}")
        return self.compare()

    def compare(self) -> RunRecord:
        """See that its rows are those of an undisturbed run, each once."""
        record = self.record()
        rows = record.scores.drop(*OF_THE_PACE)
        keys = [name for name in rows.columns if name != "value"]
        if not record.complete or rows.select(keys).is_duplicated().any() or not record.failures.is_empty():
            reasons = "; ".join(record.failures["reason"].unique().sort()[:3])
            raise BrokenPromiseError(
                f"{record.units_done} of {record.units_total} units, {record.failures.height} failures"
                f" ({reasons}), {int(rows.select(keys).is_duplicated().sum())} rows twice"
            )
        try:
            assert_frame_equal(rows, undisturbed(self.seeds), check_exact=True)
        except AssertionError as error:
            raise BrokenPromiseError(f"other rows: {error}") from None
        return record

    def record(self) -> RunRecord:
        """What the run has left so far."""
        return engine.load_run(Place.of(self.folder, self.storage))

    def is_under_way(self, process: Process, n_done: int = 3) -> None:
        """Wait until some units are done.

        Raises:
            BrokenPromiseError: If it ends before, or never gets there.
        """

        def enough() -> bool:
            if process.poll() is not None:
                raise BrokenPromiseError(f"it ended too early, with {process.returncode}")
            with suppress(Exception):  # not begun yet
                return self.record().units_done >= n_done
            return False

        until(enough)


def workers_of(process: Process) -> list[psutil.Process]:
    """Worker processes that a run has now."""
    with suppress(psutil.Error):
        children = psutil.Process(process.pid).children()
        return [one for one in children if "spawn_main" in " ".join(one.cmdline())]
    return []


def until(condition: Callable[[], bool]) -> None:
    """Wait for something that has to happen.

    Raises:
        BrokenPromiseError: If it does not.
    """
    end = time.monotonic() + WAIT_S
    while not condition():
        if time.monotonic() > end:
            raise BrokenPromiseError("waited in vain")
        time.sleep(0.3)


@lru_cache(maxsize=4)
def undisturbed(seeds: int) -> pl.DataFrame:
    """Rows of a run that nothing happened to, and that was not slow."""
    with tempfile.TemporaryDirectory() as folder:
        planned, place = study(seeds, 0.0), Place.of(Path(folder) / "run", None)
        record = engine.run(planned, place, "peace", lambda *_: None, 1, HEARTBEAT)
        return record.scores.drop(*OF_THE_PACE)
