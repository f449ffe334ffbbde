"""Whoever takes a task from a queue is the only one."""

import multiprocessing
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.synchronize import Barrier
from pathlib import Path

import optuna
import pytest

from iml_general.study.storage.place import Place
from iml_general.study.storage.queue import Heartbeat, Queue, open_storage, task_of

N_TASKS = 150
N_WORKERS = 3


@contextmanager
def opened(place: Place) -> Iterator[Queue]:
    storage = open_storage(place, Heartbeat())
    try:
        yield Queue.open(storage, "tasks", Heartbeat())
    finally:
        storage.engine.dispose()


def take_all(place: Place, ready: Barrier, results: "multiprocessing.SimpleQueue[list[int]]") -> None:
    taken: list[int] = []

    def carry_out(trial: optuna.Trial) -> float:
        taken.append(task_of(trial))
        return 0.0

    with opened(place) as queue:
        ready.wait()
        while queue.waiting():
            queue.take(carry_out)
    results.put(taken)


def test_workers_in_a_hurry_carry_out_each_task_once(storage: str | None, tmp_path: Path) -> None:
    place = Place.of(tmp_path, storage)
    with opened(place) as queue:
        queue.hand_out([(task, {"task": task}) for task in range(N_TASKS)])
    context = multiprocessing.get_context("spawn")
    ready, results = context.Barrier(N_WORKERS), context.SimpleQueue()
    workers = [context.Process(target=take_all, args=(place, ready, results)) for _ in range(N_WORKERS)]
    for worker in workers:
        worker.start()
    taken = [results.get() for _ in workers]
    for worker in workers:
        worker.join()
    assert Counter(task for tasks in taken for task in tasks) == Counter(range(N_TASKS))


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "America/New_York"])
def test_a_task_lasts_as_long_wherever_it_is_carried_out(
    zone: str, storage: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        with opened(Place.of(tmp_path, storage)) as queue:
            queue.hand_out([(0, {"task": 0})])
            queue.take(lambda trial: float(task_of(trial)))
            lasted = queue.settled()[0].duration
        assert lasted is not None
        assert 0 <= lasted.total_seconds() < 300
    finally:
        monkeypatch.undo()
        time.tzset()
