"""``iml status``."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

from optuna.trial import TrialState
from rich.console import Console
from rich.table import Table
from rich.text import Text

from iml_general.study.storage.database import PATIENCE_OF_READERS_S, patiently
from iml_general.study.storage.foreign import as_we_wrote_it
from iml_general.study.storage.place import find_run
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
        RunError: If there is no such run, it has another schema, or its database can't be reached.
    """
    place = find_run(folder, storage)

    def look() -> tuple[Table, list[str]]:
        with closing(join(place, Heartbeat(), only_to_read=True)) as work, as_we_wrote_it(place):
            return _phases(work), list(_lines(work))

    phases, lines = patiently(look, PATIENCE_OF_READERS_S)
    console = Console()
    console.print(phases)
    for line in lines:
        console.print(Text(line), soft_wrap=True)


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


def _lines(work: Work) -> Iterator[str]:
    """Who is at work, what takes longest, and how long all will take."""
    now = time.time()
    workers = [{**one, "silent": now - one["seen"]} for one in work.store.workers()]
    alive = [one for one in workers if one["silent"] < ALIVE_S]
    for one in workers:
        silence = f"silent for {_duration(one['silent'])}, probably dead"
        yield f"{one['processes']} workers on {one['host']}: {'alive' if one in alive else silence}"
    if not alive:
        yield "Nobody is at work on this run."
    yield _longest(work, alive)
    yield _outlook(work, sum(one["processes"] for one in alive))


def _longest(work: Work, alive: Sequence[dict[str, Any]]) -> str:
    """The limit of time for one task, and the running task that is nearest to it."""
    limit = f"A task may take {_duration(work.study.plan['limits']['seconds'])} (limits.seconds)"
    busy = [one for one in alive if one["longest"]]
    if not busy:
        return f"{limit}."
    one = max(busy, key=lambda one: one["longest_s"] + one["silent"])
    seconds = one["longest_s"] + one["silent"]
    return f"{limit}; the longest one has been running for {_duration(seconds)}: {one['longest']}."


def _outlook(work: Work, processes: int) -> str:
    done, total = work.progress()
    if done == total:
        return f"Finished: all {total} tasks. `iml report` shows the findings."
    times = [seconds for queue in work.queues for seconds in _durations(queue)]
    left = f"{done} of {total} tasks done"
    if not times or not processes:
        return f"{left}; `iml run` with the same arguments goes on" if not processes else left
    seconds = (total - done) * sum(times) / len(times) / processes
    return f"{left}; about {_duration(seconds)} left, if the rest is like what is done"


def _durations(queue: Queue) -> list[float]:
    lasted = [trial.duration for trial in queue.settled().values()]
    return [one.total_seconds() for one in lasted if one is not None]


def _duration(seconds: float) -> str:
    """Hours, minutes and seconds."""
    return str(timedelta(seconds=round(seconds)))
