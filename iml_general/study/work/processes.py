"""A worker process, as the one that supervises it sees it: what it has in hand and what it told."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from types import ModuleType
from typing import Self

import psutil

from iml_general.study.cache.folder import CacheFolder
from iml_general.study.storage.place import Place
from iml_general.study.storage.queue import Heartbeat
from iml_general.study.work.worker import ONE_THREAD, work

STOP_S = 1.0
"""How long a process may take to stop once it is told to: it may be in the middle of starting another."""


@dataclass(frozen=True)
class Task:
    """What a worker has in hand.

    Attributes:
        queue: The queue's number among those of the run.
        trial: The trial's number in the queue.
        number: The task's number: what the trial is about.
        since: When it was begun, on the monotonic clock.
    """

    queue: int
    trial: int
    number: int
    since: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """For how long it has been running."""
        return time.monotonic() - self.since


@dataclass
class WorkerProcess:
    """One worker process.

    Attributes:
        process: The process.
        pipe: Our end of the pipe that it tells us things by.
        began: When it was started, on the monotonic clock.
        is_ready: Whether it has loaded all that it needs.
        task: What it has in hand.
        notes: What it has told that the user should know.
        crash: Why it ends, in one line, and the traceback; empty unless a fault of ours ends it.
        works_in_vain: Whether another one would end in the same way.
        killed_for: Why we killed it; empty if we did not.
    """

    process: SpawnProcess
    pipe: Connection
    began: float = field(default_factory=time.monotonic)
    is_ready: bool = False
    task: Task | None = None
    notes: list[str] = field(default_factory=list)
    crash: tuple[str, str] = ("", "")
    works_in_vain: bool = False
    killed_for: str = ""

    @classmethod
    def start(
        cls, place: Place, heartbeat: Heartbeat, until: float, cache: CacheFolder | None = None
    ) -> Self:
        """Start a worker.

        Args:
            place: Where the run lives.
            heartbeat: How often running trials give a sign of life.
            until: When, by `time.monotonic`, it begins nothing more; that clock is one for all processes.
            cache: Where finished units are kept; None if they are neither kept nor reused.

        Returns:
            The process, which has just begun to load.
        """
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe(duplex=False)
        told = (place, heartbeat, until, cache, time.time(), theirs)
        process = context.Process(target=work, args=told, name="iml worker", daemon=True)
        # Until it has set itself up a worker would answer Ctrl-C with a traceback, so it starts with the
        # signal blocked, and ours comes afterwards. Starting the tracker unblocks it, so that goes first.
        resource_tracker.ensure_running()
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            with _one_thread_each(), _without_main():
                process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        theirs.close()
        return cls(process, ours)

    def hear(self) -> bool:
        """Take in all that it has told by now; return whether it has ended a task."""
        has_ended_one = False
        try:
            while self.pipe.poll():
                match self.pipe.recv():
                    case ("ready",):
                        self.is_ready = True
                    case ("begin", queue, trial, number):
                        self.task = Task(queue, trial, number)
                    case ("end",):
                        self.task, has_ended_one = None, True
                    case ("note", text):
                        self.notes.append(text)
                    case ("crash", reason, traceback, in_vain):
                        self.crash, self.works_in_vain = (reason, traceback), in_vain
        except EOFError:
            self.process.join()  # it has closed its end: it is dying
        return has_ended_one

    def kill(self) -> None:
        """End it, whatever it is doing, and what a learner may have started there."""
        with suppress(psutil.Error):
            worker = psutil.Process(self.process.pid)
            worker.suspend()  # so that it starts nothing more while we look
            end = time.monotonic() + STOP_S
            while worker.status() != psutil.STATUS_STOPPED and time.monotonic() < end:
                time.sleep(0.01)
            for one in worker.children(recursive=True):
                one.kill()
        self.process.kill()
        self.process.join()

    @property
    def memory_mb(self) -> float:
        """Resident memory, in MB."""
        try:
            return float(psutil.Process(self.process.pid).memory_info().rss) / 2**20
        except psutil.Error:
            return 0.0  # it has just ended


@contextmanager
def _without_main() -> Iterator[None]:
    """Workers need nothing of the program that started us, so they don't run it again.

    A new process would import our main script, and one that runs a study without asking for its own
    ``__name__`` first would begin the same study there.
    """
    ours = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = ours


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Workers take their environment from us; ours comes back afterwards."""
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
