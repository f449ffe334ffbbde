"""Starts workers, watches over them, and replaces those that die."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess

import psutil

from iml_general.errors import RunError
from iml_general.study.plan.entrant import Unit
from iml_general.study.storage.database import patiently, presence
from iml_general.study.storage.queue import Heartbeat, Queue, task_of
from iml_general.study.work.tasks import Work, fault
from iml_general.study.work.worker import ONE_THREAD, work

Progress = Callable[[int, int], None]
"""Called with the number of tasks settled and of tasks in all."""

TICK_S = 0.2
LOOK_SHARE = 0.05
"""Share of its time for which a supervisor may look at how far the run is: a look costs more the
more tasks there are."""
SEEN_S = 5.0
"""Seconds between two notes in the database that a supervisor and its workers are alive."""

PATIENCE_WITH_WORKERS_S = 300.0
"""Seconds in which workers may die one after the other, none of them ever carrying out a task."""


@dataclass
class _Worker:
    """One worker process, and what it has in hand."""

    process: SpawnProcess
    pipe: Connection
    task: tuple[int, int, float] | None = None  # queue, trial, since when
    crash: tuple[str, str] = ("", "")
    killed_for: str = ""


class Supervisor:
    """The workers that this process runs."""

    def __init__(self, tasks: Work, heartbeat: Heartbeat, n_workers: int, progress: Progress) -> None:
        """Make ready; `run` starts the workers.

        Args:
            tasks: What is to be done.
            heartbeat: How often running trials give a sign of life.
            n_workers: Worker processes to keep running.
            progress: Told at the start and whenever a task ends.
        """
        self._tasks, self._heartbeat, self._n, self._progress = tasks, heartbeat, n_workers, progress
        self._limits = tasks.study.plan["limits"]
        self._workers: list[_Worker] = []
        self._last_task = time.monotonic()
        self._identity, self._seen = uuid.uuid4().hex, 0.0
        self._told, self._done = (-1, -1), False
        self._look_at = 0.0

    def run(self) -> None:
        """Work until the run is finished, here and wherever else it is worked on.

        Raises:
            RunError: If workers can't work, or the database stays away.
        """
        tasks = self._tasks
        with presence(tasks.place, tasks.engine) as alone, _one_thread_each():
            patiently(lambda: tasks.mend(everyone=alone))
            try:
                self._watch()
            finally:
                self._end_all()
                with suppress(RunError):  # others find out by themselves, once the database is back
                    patiently(self._leave, patience_s=5.0)

    def _watch(self) -> None:
        while not self._finished():
            alive = [one for one in self._workers if one.process.exitcode is None]
            for one in self._workers:
                if one not in alive:
                    self._bury(one)
            self._workers = alive
            while len(self._workers) < self._n and not self._finished():
                self._workers.append(self._start())
            for one in self._workers:
                self._limit(one)
            self._listen()

    def _start(self) -> _Worker:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(
            target=work, args=(self._tasks.place, self._heartbeat, theirs), name="iml worker", daemon=True
        )
        # Until it has set itself up a worker would answer Ctrl-C with a traceback, so it starts with the
        # signal blocked, and ours comes afterwards. Starting the tracker unblocks it, so that goes first.
        resource_tracker.ensure_running()
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        theirs.close()
        return _Worker(process, ours)

    def _listen(self) -> None:
        """Wait a moment for what workers have to say."""
        wait([one.pipe for one in self._workers] or [], timeout=TICK_S)
        for one in self._workers:
            self._hear(one)

    def _hear(self, worker: _Worker) -> None:
        try:
            while worker.pipe.poll():
                match worker.pipe.recv():
                    case ("begin", queue, trial):
                        worker.task = (queue, trial, time.monotonic())
                    case ("end",):
                        worker.task, self._last_task = None, time.monotonic()
                    case ("crash", reason, traceback, in_vain):
                        worker.crash = (reason, traceback)
                        if in_vain:
                            raise RunError(f"a worker can't work: {reason}")
        except EOFError:
            worker.process.join()  # it has closed its end: it is dying

    def _limit(self, worker: _Worker) -> None:
        """Kill a worker whose task takes too long or too much memory."""
        if worker.task is None or worker.killed_for:
            return
        seconds = time.monotonic() - worker.task[2]
        if seconds > self._limits["seconds"]:
            worker.killed_for = f"took longer than the limit of {self._limits['seconds']:g} s"
        elif _memory_mb(worker.process.pid) > self._limits["memory_mb"]:
            worker.killed_for = f"used more memory than the limit of {self._limits['memory_mb']} MB"
        if worker.killed_for:
            worker.process.kill()
            worker.process.join()

    def _bury(self, worker: _Worker) -> None:
        """Settle what a dead worker had in hand, or leave it to be handed out again."""
        self._hear(worker)
        reason, _ = worker.crash
        if worker.task is not None:
            queue = self._tasks.queues[worker.task[0]]
            patiently(lambda: self._settle(queue, worker))
            patiently(self._tasks.mend)
        elif worker.process.exitcode != 0 and time.monotonic() - self._last_task > PATIENCE_WITH_WORKERS_S:
            why = reason or f"exit code {worker.process.exitcode}"
            raise RunError(f"workers die before they do anything: {why}")

    def _settle(self, queue: Queue, worker: _Worker) -> None:
        assert worker.task is not None
        number = worker.task[1]
        task = task_of(queue.trials.get_trials(deepcopy=False)[number])
        reason, traceback = worker.crash
        cause = reason or f"the process ended with code {worker.process.exitcode}"
        deaths = queue.deaths(task) + 1
        if worker.killed_for:
            why = worker.killed_for
        elif deaths >= self._limits["deaths"]:
            why = f"its process died {deaths} times, at last because: {cause}"
        else:
            queue.give_up(number, {"died": cause})
            return
        unit = self._unit(queue, task)
        kept = fault(unit, f"learner {unit.who.name!r}: {why}")
        queue.give_up(number, {"died": cause, "fault": {**kept, "traceback": traceback}})

    def _unit(self, queue: Queue, task: int) -> Unit:
        tasks = self._tasks
        if queue is tasks.units:
            return tasks.study.units[task]
        search = tasks.study.searches[tasks.searches.index(queue)]
        return Unit(search, search.seeds)

    def _finished(self) -> bool:
        """Tell how far the run is, note that we are alive, and say whether all is done."""
        began = time.monotonic()
        if began < self._look_at:
            return self._done
        done, total = patiently(self._tasks.progress)
        if (done, total) != self._told:
            self._told = (done, total)
            self._progress(done, total)
        if time.monotonic() - self._seen > SEEN_S:
            patiently(lambda: self._note(self._n))
            self._seen = time.monotonic()
        now = time.monotonic()
        self._look_at = now + min((now - began) / LOOK_SHARE, SEEN_S)
        self._done = done >= total
        return self._done

    def _note(self, n_workers: int) -> None:
        self._tasks.store.see_worker(self._identity, f"{socket.gethostname()} {os.getpid()}", n_workers)

    def _end_all(self) -> None:
        """Kill what still runs."""
        for one in self._workers:
            if one.process.exitcode is None and one.task is None:
                one.process.join(timeout=1.0)  # a finished run's workers end by themselves
            if one.process.exitcode is None:
                one.process.kill()
                one.process.join()

    def _leave(self) -> None:
        """Give back what the workers had in hand, and note that they are gone."""
        for one in self._workers:
            if one.task is not None:
                self._tasks.queues[one.task[0]].give_up(one.task[1], {})
        self._note(0)


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


def _memory_mb(pid: int | None) -> float:
    try:
        return float(psutil.Process(pid).memory_info().rss) / 2**20
    except psutil.Error:
        return 0.0  # it has just ended
