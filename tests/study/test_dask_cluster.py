"""Workers on a Dask cluster of real processes do what workers here do."""

import importlib.util
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from polars.testing import assert_frame_equal

from iml_general.errors import ImlError, RunError, UsageError
from iml_general.study import engine
from iml_general.study.plan.keys import check_plan
from iml_general.study.plan.resolve import Study, resolve
from iml_general.study.storage.place import Place
from iml_general.study.storage.record import RunRecord
from iml_general.study.work import dask_cluster
from iml_general.study.work.dask_cluster import check_executor
from iml_general.study.work.in_process import carry_out
from iml_general.study.work.on_cluster import Helper
from tests.study.test_searching import SMALL

TOYS = Path(__file__).parents[1] / "plugins" / "toys.py"


@dataclass
class Cluster:
    executor: str
    scheduler: psutil.Process
    worker: psutil.Process
    logs: tuple[Path, Path]

    def said(self) -> str:
        return "".join(log.read_text() for log in self.logs)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("dask")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    logs = folder / "scheduler.log", folder / "worker.log"
    scheduler = start(logs[0], "dask_scheduler", "--host", "127.0.0.1", "--port", str(port))
    where = ("--local-directory", str(folder), "--nworkers", "2", "--nthreads", "1")
    worker = start(logs[1], "dask_worker", f"tcp://127.0.0.1:{port}", *where)
    processes = psutil.Process(scheduler.pid), psutil.Process(worker.pid)
    yield Cluster(f"dask://127.0.0.1:{port}", *processes, logs)
    for one in (worker, scheduler):
        one.terminate()
        one.wait()


def start(log: Path, program: str, *arguments: str) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", f"distributed.cli.{program}", *arguments, "--no-dashboard"]
    environment = {**os.environ, "IML_CACHE": "off"}
    with log.open("wb") as said:
        return subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT, env=environment)


def study(seconds: float) -> Study:
    learners = [{"name": f"{TOYS}:Slow", "options": {"seconds": seconds}}, {"name": "naive-bayes"}]
    return resolve(check_plan({"name": "x", "seeds": 4, "protocol": SMALL, "learners": learners}, "test"))


def run(planned: Study, place: Place, executor: str) -> RunRecord:
    return engine.run(planned, place, "test", lambda *_: None, 2, executor=executor)


def rows_here(planned: Study) -> Any:
    return carry_out(planned, "test", lambda *_: None).scores


def test_rows_are_those_of_workers_here(cluster: Cluster, tmp_path: Path) -> None:
    planned, told = study(0.0), list[tuple[int, int]]()
    place = Place.of(tmp_path / "there", None)
    record = engine.run(planned, place, "test", lambda *now: told.append(now), 1, executor=cluster.executor)
    assert record.complete
    assert_frame_equal(record.scores, rows_here(planned), check_exact=True)
    assert told[-1] == (record.units_total, record.units_total)


def test_a_killed_worker_of_dasks_loses_nothing_and_a_password_is_nowhere(
    cluster: Cluster, tmp_path: Path, postgresql: Any
) -> None:
    planned, place = study(0.3), Place.of(tmp_path / "there", postgresql.new_database())
    done = list[RunRecord]()
    thread = threading.Thread(target=lambda: done.append(run(planned, place, cluster.executor)))
    thread.start()
    helper = helper_of(cluster)
    assert "secret" not in " ".join(helper.cmdline())
    helper.parent().send_signal(signal.SIGKILL)  # type: ignore[union-attr]  # the process that Dask calls a worker
    helper.wait(timeout=120)
    thread.join()
    assert_frame_equal(done[0].scores, rows_here(planned), check_exact=True)
    assert "secret" not in cluster.said()


def helper_of(cluster: Cluster) -> psutil.Process:
    """A supervisor that Dask has started, once it has a worker."""
    while True:
        for one in cluster.worker.children(recursive=True):
            if "iml_general.study.work.on_cluster" in one.cmdline() and one.children():
                return one
        time.sleep(0.1)


def test_a_scheduler_that_is_not_there_is_told_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dask_cluster, "CONNECT_S", 0.5)
    with pytest.raises(RunError, match=r"the Dask scheduler at tcp://127.0.0.1:1 can't be reached"):
        run(study(0.0), Place.of(tmp_path, None), "dask://127.0.0.1:1")


def test_what_keeps_the_clusters_workers_from_working_is_told(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = Helper.of(Place.of(tmp_path / "elsewhere", None), 60.0, None)
    monkeypatch.setattr(Helper, "of", lambda *_: elsewhere)
    with pytest.raises(RunError, match=r"no worker on the Dask cluster can work: no run in .*elsewhere"):
        run(study(0.0), Place.of(tmp_path / "here", None), cluster.executor)


@pytest.mark.parametrize(
    ("executor", "message"),
    [
        ("dask://", "give the address of a Dask scheduler, such as dask://127.0.0.1:8786"),
        ("dask://127.0.0.1", "give the address"),
        ("dask://127.0.0.1:x", "give the address"),
        ("dask://127.0.0.1:8786/x", "give the address"),
        ("ray://127.0.0.1:8786", "give the address"),
        ("", "give the address"),
        ("dask://cluster:8786", "give the run a PostgreSQL database with --storage"),
    ],
)
def test_other_executors_are_refused_and_nothing_is_begun(
    tmp_path: Path, executor: str, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        run(study(0.0), Place.of(tmp_path / "run", None), executor)
    assert not (tmp_path / "run").exists()


def test_a_cluster_elsewhere_will_do_with_a_database_elsewhere(tmp_path: Path) -> None:
    place = Place.of(tmp_path, "postgresql://iml:secret@database/iml")
    assert check_executor("dask://cluster:8786", place) == "tcp://cluster:8786"
    assert "secret" not in repr(Helper.of(place, 1.0, None))


def test_without_dask_its_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(ImlError, match=r"'distributed' is not installed: pip install 'iml_general\[dask\]'"):
        check_executor("dask://127.0.0.1:8786", Place.of(tmp_path, None))


def test_a_scheduler_that_goes_away_is_told_in_a_line_and_its_workers_end(
    cluster: Cluster, tmp_path: Path
) -> None:
    endless = [{"name": f"{TOYS}:SleepsForever"}]
    planned = resolve(check_plan({"name": "x", "seeds": 4, "protocol": SMALL, "learners": endless}, "test"))
    said = list[str]()

    def begin() -> None:
        with pytest.raises(RunError) as told:
            run(planned, Place.of(tmp_path, None), cluster.executor)
        said.append(str(told.value))

    thread = threading.Thread(target=begin)
    thread.start()
    helper = helper_of(cluster)
    cluster.scheduler.kill()
    thread.join()
    helper.wait(timeout=120)  # it would go on for ever
    assert said[0].startswith("no worker on the Dask cluster can work: Dask has given them up")
