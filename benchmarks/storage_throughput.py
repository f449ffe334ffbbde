"""How many tasks per second a run's database can hand out and settle, if they cost nothing.

python benchmarks/storage_throughput.py [--tasks N] [--workers N ...] [--waiting N ...] [--rows N]

Needs PostgreSQL on this machine: scripts/install-postgresql. Every process opens the queue as a
worker does, looks whether something waits, and takes it, until nothing is left. The second table
says what one look and one take cost while so many tasks wait, the third how long score rows take to
be written, unit by unit, and to be read back at once.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import runpy
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import optuna

from iml_general.rows import KEYS
from iml_general.study.storage.database import connected, exclusively
from iml_general.study.storage.place import Place
from iml_general.study.storage.queue import Heartbeat, Queue, open_storage
from iml_general.study.storage.store import RunStore

CONFTEST = Path(__file__).parents[1] / "tests" / "study" / "conftest.py"
DURABLE = ""
ASYNCHRONOUS = "-c synchronous_commit=off"


def main() -> None:
    """Print one line per database and number of workers."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--tasks", type=int, default=200)
    parser.add_argument("--workers", type=int, nargs="*", default=[1, 2, 4, 8])
    parser.add_argument("--waiting", type=int, nargs="*", default=[100, 400, 1600])
    parser.add_argument("--rows", type=int, default=1_000_000)
    arguments = parser.parse_args()
    print(f"{os.cpu_count()} cores, load average before: {os.getloadavg()[0]:.1f}")
    if arguments.workers:
        _by_workers(arguments.tasks, arguments.workers)
    _by_length(sorted(arguments.waiting))
    _rows(arguments.rows)


def _by_workers(n_tasks: int, numbers: list[int]) -> None:
    """Print tasks per second of each database, by the number of workers."""
    print("\n| database | workers | tasks per second | with the start of the workers |")
    print("|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="iml-sqlite-") as folder:
        root = Path(folder)

        def fresh() -> Place:
            run = root / f"run-{len(list(root.iterdir()))}"
            run.mkdir()
            return Place.of(run, None)

        _measure("SQLite", fresh, n_tasks, numbers)
    for name, settings in (
        ("PostgreSQL", DURABLE),
        ("PostgreSQL, `synchronous_commit = off`", ASYNCHRONOUS),
    ):
        with _postgresql(settings) as server:
            _measure(name, lambda: Place.of(Path("run"), server.new_database()), n_tasks, numbers)


def _by_length(numbers: list[int], repeats: int = 5) -> None:
    """Print what looking and taking cost one process on SQLite, by the number of tasks that wait."""
    print("\n| tasks waiting | a look, ms of CPU | a take, ms of CPU |")
    print("|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="iml-sqlite-") as folder:
        queue = _open(Place.of(Path(folder), None))
        for number in numbers:
            queue.hand_out((task, {"task": task}) for task in range(number))
            looks = _cpu_ms(queue.waiting, repeats)
            takes = _cpu_ms(lambda: queue.take(_nothing), repeats)
            print(f"| {number} | {looks:.0f} | {takes:.0f} |", flush=True)


def _nothing(trial: optuna.Trial) -> float:
    return float(trial.suggest_int("task", 0, 10**6))


def _rows(n_rows: int) -> None:
    """Print how long score rows take: units of three rules, each about 200 rows a seed."""
    print("\n| database | score rows | written, rows per second | read, rows per second |")
    print("|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="iml-sqlite-") as folder:
        _write_and_read("SQLite", Place.of(Path(folder), None), n_rows)
    with _postgresql(DURABLE) as server:
        _write_and_read("PostgreSQL", Place.of(Path("run"), server.new_database()), n_rows)


def _write_and_read(name: str, place: Place, n_rows: int) -> None:
    rules, n_cells = ("grow", "refit", "retrain"), 207
    cells = [
        {"condition": "informative", "moment": "stage2", "group": f"group_{cell % 12}", "probe": "question"}
        | {"measure": f"measure_{cell}", "value": cell / 7, "n": 300}
        for cell in range(n_cells)
    ]
    n_units = max(n_rows // (len(rules) * n_cells), 1)
    keys = {**dict.fromkeys(KEYS, "x"), "point": ""}
    with connected(place) as engine:
        store = RunStore(place, engine)
        store.begin({}, {}, {})
        began = time.monotonic()
        for unit in range(n_units):
            mine = {"learner": f"learner-{unit % 20}"}
            rows = [{**cell, "rule": rule, "seed": unit // 20} for rule in rules for cell in cells]
            store.add(unit, [{**keys, **mine, "rule": rule} for rule in rules], rows, [])
        written = time.monotonic()
        found = store.scores(range(n_units))
        read = time.monotonic()
        engine.dispose()
    writing, reading = found.height / (written - began), found.height / (read - written)
    print(f"| {name} | {found.height:,} | {writing:,.0f} | {reading:,.0f} |", flush=True)


def _cpu_ms(call: Callable[[], object], repeats: int) -> float:
    started = time.process_time()
    for _ in range(repeats):
        call()
    return 1000 * (time.process_time() - started) / repeats


def _measure(name: str, fresh: Callable[[], Place], n_tasks: int, numbers: list[int]) -> None:
    for n_workers in numbers:
        steady, whole = _throughput(fresh(), n_tasks, n_workers)
        print(f"| {name} | {n_workers} | {steady:.0f} | {whole:.0f} |", flush=True)


def _throughput(place: Place, n_tasks: int, n_workers: int) -> tuple[float, float]:
    """Tasks per second, without and with the start of the workers."""
    queue = _open(place)
    queue.hand_out((number, {"task": number}) for number in range(n_tasks))
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(n_workers + 1)
    processes = [context.Process(target=_work, args=(place, barrier), daemon=True) for _ in range(n_workers)]
    started = time.monotonic()
    for process in processes:
        process.start()
    barrier.wait()
    all_there = time.monotonic()
    barrier.wait()
    ended = time.monotonic()
    for process in processes:
        process.join()
    if len(queue.settled()) != n_tasks:
        raise SystemExit(f"{len(queue.settled())} of {n_tasks} tasks were settled")
    queue.storage.engine.dispose()
    return n_tasks / (ended - all_there), n_tasks / (ended - started)


def _work(place: Place, barrier: Barrier) -> None:
    queue = _open(place)
    barrier.wait()
    while queue.waiting():
        queue.take(_nothing)
    barrier.wait()


def _open(place: Place) -> Queue:
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    with connected(place) as engine:
        with exclusively(place, engine):
            RunStore(place, engine).description()  # as every worker asks first
            queue = Queue.open(open_storage(place, Heartbeat()), "tasks", Heartbeat())
        engine.dispose()
    return queue


@contextmanager
def _postgresql(settings: str) -> Iterator[Any]:
    """The server of the tests, but one that waits for the disk as servers do."""

    class Server(runpy.run_path(str(CONFTEST))["PostgreSQL"]):  # type: ignore[misc]
        def start(self) -> None:
            options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= {settings}"
            log = str(self._data / "log")
            self._run("pg_ctl", "-D", str(self._data), "-w", "-o", options, "-l", log, "start")

    with tempfile.TemporaryDirectory(prefix="iml-postgresql-", ignore_cleanup_errors=True) as folder:
        server = Server(Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.stop()


if __name__ == "__main__":
    main()
