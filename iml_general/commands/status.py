"""``iml status``."""

from __future__ import annotations

import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from optuna.trial import TrialState
from rich.console import Console
from rich.table import Table
from rich.text import Text

from iml_general.study.storage.database import patiently
from iml_general.study.storage.place import Place
from iml_general.study.storage.queue import Heartbeat, Queue
from iml_general.study.work.joining import join
from iml_general.study.work.tasks import Work

ALIVE_S = 30.0
"""Seconds without a note after which a worker no longer counts as alive."""


def show_status(folder: Path, storage: str | None) -> None:
    """Print how far a run is.

    Args:
        folder: The run's folder, or its name in a shared database.
        storage: URL of a PostgreSQL database; None for SQLite in the folder.

    Raises:
        RunError: If there is no such run.
    """
    place = Place.of(folder, storage)
    console = Console()
    with closing(patiently(lambda: join(place, Heartbeat(), only_to_read=True))) as work:
        console.print(_phases(work))
        processes = _processes(work, console)
        done, total = work.progress()
        console.print(Text(_outlook(work, done, total, processes)))


def _phases(work: Work) -> Table:
    columns = ("phase", "tasks", "done", "failed", "running", "waiting")
    table = Table(*columns, box=None, pad_edge=False)
    searches = zip(work.study.searches, work.searches, strict=True)
    rows = [(f"search: {search.name}, {search.level}", search.n_trials, queue) for search, queue in searches]
    for name, total, queue in [*rows, ("confirmation", len(work.study.units), work.units)]:
        settled = queue.settled()
        failed = sum("fault" in trial.user_attrs for trial in settled.values())
        running, waiting = (queue.count(state) for state in (TrialState.RUNNING, TrialState.WAITING))
        numbers = (total, len(settled) - failed, failed, running, waiting)
        table.add_row(Text(name), *map(str, numbers))
    return table


def _processes(work: Work, console: Console) -> int:
    """Print who is at work; return how many processes that are."""
    processes = 0
    for worker in work.store.workers():
        silent = time.time() - worker["seen"]
        alive = silent < ALIVE_S
        processes += worker["processes"] if alive else 0
        state = "alive" if alive else f"silent for {timedelta(seconds=round(silent))}, probably dead"
        console.print(Text(f"{worker['processes']} workers on {worker['host']}: {state}"))
    if not processes:
        console.print(Text("Nobody is at work on this run."))
    return processes


def _outlook(work: Work, done: int, total: int, processes: int) -> str:
    if done == total:
        return f"Finished: all {total} tasks. `iml report` shows the verdicts."
    times = [seconds for queue in work.queues for seconds in _durations(queue)]
    left = f"{done} of {total} tasks done"
    if not times or not processes:
        return f"{left}; `iml run` with the same arguments goes on" if not processes else left
    seconds = (total - done) * sum(times) / len(times) / processes
    return f"{left}; about {timedelta(seconds=round(seconds))} left, if the rest is like what is done"


def _durations(queue: Queue) -> list[float]:
    lasted = [trial.duration for trial in queue.settled().values()]
    return [one.total_seconds() for one in lasted if one is not None]
