"""Workers on a Dask cluster.

Dask finds machines and starts processes there, and that is all: the run's database hands out the work
as it does to `iml worker` on any machine, so limits, deaths and outages are dealt with as everywhere.
"""

from __future__ import annotations

import importlib.util
import ipaddress
import math
import time
import uuid
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from iml_general.errors import RunError, UsageError
from iml_general.extras import not_installed
from iml_general.study.cache.folder import CacheFolder
from iml_general.study.storage.database import patiently, presence
from iml_general.study.storage.place import Place
from iml_general.study.work.on_cluster import Helper, help_there
from iml_general.study.work.supervisor import Progress
from iml_general.study.work.tasks import Work

SCHEME = "dask"
CONNECT_S = 10.0
"""How long a scheduler may take to answer."""
LOOK_S = 1.0
"""Pause between two looks at how far the run is."""
LEAVE_S = 15.0
"""How long workers may take to give back what they have in hand, once it is over."""


def check_executor(executor: str, place: Place) -> str:
    """Check where workers are to be, before anything is begun.

    Args:
        executor: As the user gave it: ``dask://host:port``.
        place: Where the run lives, or is going to.

    Returns:
        Address of the Dask scheduler, as Dask has it: ``tcp://host:port``.

    Raises:
        UsageError: If it is none, the cluster's machines could not get at the run, or Dask is not installed.
    """
    address = _scheduler_address(executor)
    if place.is_local and not _is_this_machine(address):
        raise UsageError(
            f"executor {executor!r}: other machines can't use the SQLite database of {place}; give the run a"
            " PostgreSQL database with --storage"
        )
    if importlib.util.find_spec("distributed") is None:
        raise UsageError(f"executor {executor!r}: {not_installed('distributed')}")
    return address


def _scheduler_address(executor: str) -> str:
    url = urlsplit(executor)
    with suppress(ValueError):  # a port that is no number
        if url.scheme == SCHEME and url.hostname and url.port and not url.path.strip("/"):
            return f"tcp://{url.netloc}"
    raise UsageError(
        f"executor {executor!r}: give the address of a Dask scheduler, such as dask://127.0.0.1:8786"
    )


class DaskCluster:
    """Workers that a Dask cluster runs; does what `iml_general.study.work.supervisor.Supervisor` does."""

    def __init__(
        self,
        tasks: Work,
        address: str,
        n_workers: int,
        progress: Progress,
        budget_s: float = math.inf,
        cache: CacheFolder | None = None,
    ) -> None:
        """Make ready; `run` starts the workers.

        Args:
            tasks: What is to be done.
            address: Of the scheduler, as `check_executor` gives it.
            n_workers: Worker processes, spread over the cluster.
            progress: Told at the start and whenever a task ends.
            budget_s: Seconds after which nothing more is begun.
            cache: Where finished units are kept, on the cluster's machines; None to measure all anew.
        """
        self._tasks, self._address, self._n, self._progress = tasks, address, n_workers, progress
        self._budget_s = budget_s
        self._helper = Helper.of(tasks.place, budget_s, cache)
        self._told = (-1, -1)

    def run(self) -> None:
        """Work until the run is finished, or the time is over.

        Raises:
            RunError: If the cluster can't be reached, or none of its workers can work.
        """
        from distributed import Client, Event

        tasks = self._tasks
        with presence(tasks.place, tasks.engine) as alone:
            patiently(lambda: tasks.mend(everyone=alone))
            try:
                client = Client(self._address, timeout=CONNECT_S)
            except OSError as error:
                raise RunError(f"the Dask scheduler at {self._address} can't be reached: {error}") from None
            with client:
                over = Event(f"iml-{uuid.uuid4().hex}", client=client)
                asked = [
                    client.submit(help_there, self._helper, over.name, pure=False, key=f"{over.name}-{n}")
                    for n in range(self._n)
                ]
                try:
                    self._watch(asked)
                finally:
                    _end(over, asked)

    def _watch(self, asked: list[Any]) -> None:
        """Wait for the end of the run, or of everybody who was asked: Dask's futures."""
        until = time.monotonic() + self._budget_s
        while not self._finished():
            if all(one.done() for one in asked):  # who works ends when the run does, or the time is over
                if time.monotonic() < until and not self._finished():
                    raise RunError(f"no worker on the Dask cluster can work: {_reason(asked)}")
                return
            time.sleep(LOOK_S)

    def _finished(self) -> bool:
        done, total = patiently(self._tasks.progress)
        if (done, total) != self._told:
            self._told = (done, total)
            self._progress(done, total)
        return done >= total


def _reason(asked: list[Any]) -> str:
    """Why the first of them ended, in one line."""
    first = asked[0]
    if first.status == "finished":
        code, said = first.result()
        return said.removeprefix("iml: ") or f"exit code {code}"
    if first.status == "error":
        return " ".join(str(first.exception()).split())
    return f"Dask has given them up ({first.status}); is its scheduler still there?"


def _end(over: Any, asked: list[Any]) -> None:
    """Say that it is over, and give workers the time to give back what they have in hand."""
    from distributed import wait

    with suppress(Exception):  # the cluster may be gone; the database finds out who is
        over.set()
        wait(asked, timeout=LEAVE_S)


def _is_this_machine(address: str) -> bool:
    host = urlsplit(address).hostname or ""
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"
