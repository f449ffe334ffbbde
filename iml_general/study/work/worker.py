"""A worker: a process that carries out tasks of a run until none is left.

Learners run here and nowhere else, so that one that hangs, eats all memory or takes its process
down costs a worker and not the study.
"""

from __future__ import annotations

import os
import signal
import threading
import traceback
from collections.abc import Callable
from multiprocessing import parent_process
from multiprocessing.connection import Connection
from time import monotonic, sleep

import optuna

from iml_general.collector import collect_seldom
from iml_general.errors import ImlError
from iml_general.plugins.threads import XLA_POOL
from iml_general.study.cache.folder import CacheFolder
from iml_general.study.cache.reuse import Reuse
from iml_general.study.plan.search import Search
from iml_general.study.storage.database import is_outage, lasting, patiently
from iml_general.study.storage.place import Place
from iml_general.study.storage.queue import Heartbeat, Queue, task_of
from iml_general.study.work.confirming import carry_out_unit
from iml_general.study.work.freed_memory import keep_freed_memory
from iml_general.study.work.going_on import GoingOn
from iml_general.study.work.joining import join
from iml_general.study.work.remembered import forget_if_large
from iml_general.study.work.searching import carry_out_search
from iml_general.study.work.tasks import Work

IDLE_S = 0.3
"""Pause of a worker that finds nothing to take: others are at work, or a wave is about to end."""

ONE_THREAD = (
    *("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"),
    *("POLARS_MAX_THREADS", XLA_POOL),
)
"""Parallelism is across workers: the libraries inside one get one thread each."""


def work(
    place: Place,
    heartbeat: Heartbeat,
    until: float,
    cache: CacheFolder | None,
    since: float,
    supervisor: Connection,
) -> None:
    """Carry out tasks until the run is finished; the body of a worker process.

    Args:
        place: Where the run lives.
        heartbeat: How often running trials give a sign of life.
        until: When, by `time.monotonic`, it begins nothing more; that clock is one for all processes.
        cache: Where finished units are kept; None if they are neither kept nor reused.
        since: Seconds since 1970, before this process was started.
        supervisor: Told ``("ready",)`` once there is nothing more to load, ``("begin", queue, trial,
            task)`` and ``("end",)`` around every task, ``("note", text)`` of what the user should know,
            and ``("crash", reason, traceback, in_vain)`` before the process ends by a fault; in vain is
            every other attempt if the fault lies in what was asked for.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the supervisor's to deal with,
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})  # who had it blocked until here
    threading.Thread(target=_end_with_parent, daemon=True).start()
    threading.excepthook = _without_outages
    collect_seldom()
    keep_freed_memory()
    try:
        tasks = patiently(lambda: join(place, heartbeat))
        supervisor.send(("ready",))
        reuse = Reuse(tasks.study, cache, since, lambda text: supervisor.send(("note", text)))
        _work(tasks, reuse, until, supervisor)
    except BaseException as error:
        told = lasting(error) or error
        text = str(told) if isinstance(told, ImlError) else f"{type(error).__name__}: {error}"
        # Nobody interrupts a worker or asks it to exit: a plugin did, and would do so again.
        in_vain = isinstance(told, ImlError) or not isinstance(error, Exception)
        supervisor.send(("crash", " ".join(text.split()), traceback.format_exc(), in_vain))
        raise SystemExit(1) from None


def _work(tasks: Work, reuse: Reuse, until: float, supervisor: Connection) -> None:
    going_on = GoingOn(tasks)
    hands: list[tuple[Queue, Callable[[optuna.Trial], float]]] = [
        (tasks.units, lambda trial: carry_out_unit(tasks, reuse, going_on, trial))
    ]
    for search, queue in zip(tasks.study.searches, tasks.searches, strict=True):
        hands.append((queue, _searching(tasks, reuse, search, queue)))
    is_all_out = False  # units come before searches, and only some of them wait at once
    while monotonic() < until:
        forget_if_large(tasks.study.plan["limits"]["memory_mb"])
        if not is_all_out and not patiently(tasks.units.waiting):
            is_all_out = patiently(tasks.mend)
        taken = next((queue for n, (queue, do) in enumerate(hands) if _take(n, queue, do, supervisor)), None)
        if taken is not None:
            is_all_out = is_all_out and taken is not tasks.units
            continue
        if patiently(tasks.finished):
            return
        is_all_out = patiently(tasks.mend)
        if not any(queue.waiting() for queue in tasks.queues):
            sleep(IDLE_S)
    patiently(tasks.units.let_go)


def _searching(tasks: Work, reuse: Reuse, search: Search, queue: Queue) -> Callable[[optuna.Trial], float]:
    return lambda trial: carry_out_search(tasks, reuse, search, queue, trial)


def _take(
    number: int, queue: Queue, carry_out: Callable[[optuna.Trial], float], supervisor: Connection
) -> bool:
    """Take a task of a queue, if one waits; whatever becomes of the database meanwhile."""
    if not patiently(queue.waiting):
        return False
    in_hand: list[int] = []

    def told(trial: optuna.Trial) -> float:
        in_hand.append(trial.number)
        supervisor.send(("begin", number, trial.number, task_of(trial)))
        return carry_out(trial)

    try:
        queue.take(told)
    except Exception as error:
        if not is_outage(error):
            raise
        for trial_number in in_hand:  # its task is handed out again once the database is back
            patiently(lambda n=trial_number: queue.give_up(n, {}))  # type: ignore[misc]
    finally:
        supervisor.send(("end",))
    return True


def _end_with_parent() -> None:
    """Leave no worker behind when the supervisor is killed."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _without_outages(arguments: threading.ExceptHookArgs) -> None:
    """A heartbeat that can't reach the database ends; its trial is handed out again if need be."""
    if not is_outage(arguments.exc_value):
        threading.__excepthook__(arguments)
