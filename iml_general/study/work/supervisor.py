"""Starts workers, watches over them, and replaces those that die."""

from __future__ import annotations

import math
import os
import socket
import sys
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import wait

from iml_general.errors import RunError
from iml_general.study.cache.folder import CacheFolder
from iml_general.study.plan.resolve import Unit
from iml_general.study.storage.database import PATIENCE_S, patiently, presence
from iml_general.study.storage.queue import Heartbeat
from iml_general.study.work.faults import fault, in_words
from iml_general.study.work.processes import Task, WorkerProcess
from iml_general.study.work.remembered import forget
from iml_general.study.work.tasks import Work

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

START_S = 2 * PATIENCE_S
"""Seconds that a worker may take to load everything, a database that is gone for a while included."""

MOST_NOTES = 10
"""Notes of workers that are shown; each once, whoever has it."""


class Supervisor:
    """The workers that this process runs."""

    def __init__(
        self,
        tasks: Work,
        heartbeat: Heartbeat,
        n_workers: int,
        progress: Progress,
        budget_s: float = math.inf,
        cache: CacheFolder | None = None,
    ) -> None:
        """Make ready; `run` starts the workers.

        Args:
            tasks: What is to be done.
            heartbeat: How often running trials give a sign of life.
            n_workers: Worker processes to keep running.
            progress: Told at the start and whenever a task ends.
            budget_s: Seconds after which nothing more is begun here.
            cache: Where finished units are kept; None if they are neither kept nor reused.
        """
        self._tasks, self._heartbeat, self._n, self._progress = tasks, heartbeat, n_workers, progress
        self._until = time.monotonic() + budget_s
        self._cache, self._notes = cache, set[str]()
        self._limits = tasks.study.plan["limits"]
        self._workers: list[WorkerProcess] = []
        self._last_task = time.monotonic()
        self._identity, self._seen = uuid.uuid4().hex, 0.0
        self._told, self._done = (-1, -1), False
        self._look_at = 0.0

    def run(self) -> None:
        """Work until the run is finished, here and wherever else it is worked on, or the time is over.

        Raises:
            RunError: If workers can't work, or the database stays away.
        """
        tasks = self._tasks
        forget()  # of the plan's check: nothing is measured in this process
        with presence(tasks.place, tasks.engine) as alone:
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
            is_over = time.monotonic() >= self._until
            if is_over and not any(one.is_ready for one in self._workers):
                return  # who has something in hand was ready, and ends by itself when that is done
            while len(self._workers) < self._n and not is_over and not self._finished():
                one = WorkerProcess.start(self._tasks.place, self._heartbeat, self._until, self._cache)
                self._workers.append(one)
            for one in self._workers:
                self._limit(one)
            self._listen()

    def _listen(self) -> None:
        """Wait a moment for what workers have to say."""
        wait([one.pipe for one in self._workers] or [], timeout=TICK_S)
        for one in self._workers:
            self._hear(one)

    def _hear(self, worker: WorkerProcess) -> None:
        if worker.hear():
            self._last_task = time.monotonic()
        for text in worker.notes:
            self._show(text)
        worker.notes.clear()
        if worker.works_in_vain:
            raise RunError(f"a worker can't work: {worker.crash[0]}")

    def _show(self, note: str) -> None:
        """Show the user a note, unless it was shown, or there are too many."""
        if note not in self._notes and len(self._notes) < MOST_NOTES:
            sys.stderr.write(f"iml: {note}\n")
        self._notes.add(note)

    def _limit(self, worker: WorkerProcess) -> None:
        """Kill a worker whose task takes too long or too much memory, or that never begins one."""
        if worker.killed_for:
            return
        if not worker.is_ready and time.monotonic() - worker.began > START_S:
            worker.killed_for = (
                f"it was not ready after {START_S:g} s; does a plugin hang when it is imported?"
            )
        elif worker.task is not None and worker.task.seconds > self._limits["seconds"]:
            worker.killed_for = f"took longer than the limit of {self._limits['seconds']:g} s"
        elif worker.task is not None and worker.memory_mb > self._limits["memory_mb"]:
            worker.killed_for = (
                f"used more memory than the limit of {self._limits['memory_mb']} MB (limits.memory_mb; with"
                " --dry-run you are told how much it takes)"
            )
        if worker.killed_for:
            worker.kill()

    def _bury(self, worker: WorkerProcess) -> None:
        """Settle what a dead worker had in hand, or leave it to be handed out again."""
        self._hear(worker)
        task, (reason, _) = worker.task, worker.crash
        if task is not None:
            patiently(lambda: self._settle(task, worker))
            patiently(self._tasks.mend)
        elif worker.killed_for and not worker.is_ready:
            raise RunError(f"a worker can't work: {worker.killed_for}")
        elif worker.process.exitcode != 0 and time.monotonic() - self._last_task > PATIENCE_WITH_WORKERS_S:
            why = reason or f"exit code {worker.process.exitcode}"
            raise RunError(f"workers die before they do anything: {why}")

    def _settle(self, task: Task, worker: WorkerProcess) -> None:
        queue = self._tasks.queues[task.queue]
        reason, traceback = worker.crash
        cause = reason or f"the process ended with code {worker.process.exitcode}"
        deaths = queue.deaths(task.number) + 1
        if worker.killed_for:
            why = worker.killed_for
        elif deaths >= self._limits["deaths"]:
            why = f"its process died {deaths} times, at last because: {cause}"
        else:
            queue.give_up(task.trial, {"died": cause})
            return
        unit = self._unit(task)
        kept = fault(unit, f"learner {unit.who.name!r}: {why}")
        queue.give_up(task.trial, {"died": cause, "fault": {**kept, "traceback": traceback}})

    def _unit(self, task: Task) -> Unit:
        return self._tasks.unit(self._tasks.queues[task.queue], task.number)

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
        """Say in the database that we are alive, and what has taken longest so far."""
        host = f"{socket.gethostname()} {os.getpid()}"
        tasks = [one.task for one in self._workers if one.task is not None]
        longest = max(tasks, key=lambda task: task.seconds, default=None)
        facts = ("", 0.0) if longest is None else (in_words(self._unit(longest)), longest.seconds)
        self._tasks.store.see_worker(self._identity, host, n_workers, *facts)

    def _end_all(self) -> None:
        """Kill what still runs."""
        for one in self._workers:
            if one.process.exitcode is None and one.task is None:
                one.process.join(timeout=1.0)  # a finished run's workers end by themselves
            if one.process.exitcode is None:
                one.kill()

    def _leave(self) -> None:
        """Give back what the workers had in hand, and note that they are gone."""
        for one in self._workers:
            if one.task is not None:
                self._tasks.queues[one.task.queue].give_up(one.task.trial, {})
        self._note(0)
