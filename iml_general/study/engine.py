"""Runs a study: every task is an Optuna trial in the run's database, carried out by workers.

A run can be stopped at any moment, by Ctrl-C or SIGKILL. Started again it hands out what is
missing; tasks depend only on the plan, so the rows are those of an undisturbed run.
"""

from __future__ import annotations

import math
from contextlib import closing

from iml_general.study.cache.folder import CacheFolder
from iml_general.study.plan.resolve import Study
from iml_general.study.storage.database import FIRST_PATIENCE_S, PATIENCE_OF_READERS_S, patiently
from iml_general.study.storage.foreign import as_we_wrote_it
from iml_general.study.storage.place import Place
from iml_general.study.storage.queue import Heartbeat
from iml_general.study.storage.record import RunRecord
from iml_general.study.work.dask_cluster import DaskCluster, check_executor
from iml_general.study.work.joining import begin, join
from iml_general.study.work.recording import record_of
from iml_general.study.work.supervisor import Progress, Supervisor
from iml_general.study.work.tasks import Work

__all__ = ["Progress", "help_with", "load_run", "run"]


def run(
    study: Study,
    place: Place,
    command: str,
    progress: Progress,
    n_workers: int = 1,
    heartbeat: Heartbeat | None = None,
    budget_s: float = math.inf,
    cache: CacheFolder | None = None,
    executor: str | None = None,
) -> RunRecord:
    """Carry out a study, or what is missing of it.

    Args:
        study: The study.
        place: Where the run lives; its folder is created if need be.
        command: How the user asked for it, for the record.
        progress: Told at the start and whenever a task ends.
        n_workers: Worker processes; what is found does not depend on it.
        heartbeat: How dead workers on other machines are noticed.
        budget_s: Seconds after which nothing more is begun; what is under way is finished.
        cache: Where finished units are kept, and found if they are; None to measure all anew.
        executor: Where the workers are: ``dask://host:port`` for a Dask cluster; on this machine if None.

    Returns:
        The run; finished, unless the time was over before.

    Raises:
        UsageError: If the folder can't be used or holds a run of another plan, or the executor is none.
        RunError: If the database, the cluster or the workers fail.
    """
    heartbeat = heartbeat or Heartbeat()
    address = None if executor is None else check_executor(executor, place)
    with place.made_folder():
        begun = patiently(lambda: begin(place, study, command, heartbeat), FIRST_PATIENCE_S)
    with closing(begun) as work:
        if address is None:
            Supervisor(work, heartbeat, n_workers, progress, budget_s, cache).run()
        else:
            DaskCluster(work, address, n_workers, progress, budget_s, cache).run()
        return patiently(lambda: _record(work))


def help_with(
    place: Place,
    progress: Progress,
    n_workers: int = 1,
    heartbeat: Heartbeat | None = None,
    budget_s: float = math.inf,
    cache: CacheFolder | None = None,
) -> bool:
    """Join a run that was begun elsewhere, and work on it until it is finished.

    Args:
        place: Where the run lives.
        progress: Told at the start and whenever a task ends.
        n_workers: Worker processes.
        heartbeat: How dead workers on other machines are noticed.
        budget_s: As in `run`.
        cache: As in `run`.

    Returns:
        Whether it is finished; not so only if the time was over before.

    Raises:
        UsageError: If the run needs something that is not here.
        RunError: If there is no such run, or the database or the workers fail.
    """
    heartbeat = heartbeat or Heartbeat()
    with closing(patiently(lambda: join(place, heartbeat), FIRST_PATIENCE_S)) as work:
        Supervisor(work, heartbeat, n_workers, progress, budget_s, cache).run()
        return patiently(work.finished)


def load_run(place: Place) -> RunRecord:
    """Read back a run, finished or not.

    Args:
        place: Where the run lives.

    Returns:
        What it has left so far.

    Raises:
        RunError: If there is no run there, it has another schema, or its database can't be reached.
    """

    def read() -> RunRecord:
        with closing(join(place, Heartbeat(), only_to_read=True)) as work:
            return _record(work)

    return patiently(read, PATIENCE_OF_READERS_S)


def _record(work: Work) -> RunRecord:
    with as_we_wrote_it(work.place):
        return record_of(work)
