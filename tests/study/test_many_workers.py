"""Any number of workers, killed at any moment, leave the rows of one that worked in peace.

A few kills and starts stand here for the many of benchmarks/faults, which docs/standing-up.md tells of.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import psutil
from polars.testing import assert_frame_equal

from iml_general.study import engine
from iml_general.study.plan.keys import check_plan
from iml_general.study.plan.resolve import Study, resolve
from iml_general.study.storage.place import Place
from iml_general.study.storage.record import RunRecord

if TYPE_CHECKING:
    from tests.study.conftest import PostgreSQL

TOYS = str(Path(__file__).parents[1] / "plugins" / "toys.py")
SMALL = {
    **dict.fromkeys(("undefined", "new_conflict", "unseen"), 8),
    "sources": {
        "reliable": {"stage1": 8, "stage2": 8},
        "unreliable": {"stage1": 8, "stage2": 8},
        "neutral": {"stage2": 8},
    },
}
KILLS = 6
CODE = """
import sys; sys.path.insert(0, sys.argv[1])
from pathlib import Path
import test_many_workers as t
from iml_general.study import engine
from iml_general.study.storage.place import Place
from iml_general.study.storage.queue import Heartbeat
planned = t.study(seconds=float(sys.argv[4]), seeds=int(sys.argv[5]))
place = Place.of(Path(sys.argv[2]), sys.argv[3] or None)
engine.run(planned, place, "x", lambda *_: None, 2, Heartbeat(1, 3))
"""


def study(seconds: float = 0.0, seeds: int = 3, **values: Any) -> Study:
    learners = [{"name": f"{TOYS}:Slow", "options": {"seconds": seconds}}, {"name": "naive-bayes"}]
    limits = {"deaths": 100}
    plan = {"name": "x", "seeds": seeds, "protocol": SMALL, "learners": learners, "limits": limits, **values}
    return resolve(check_plan(plan, "test"))


def in_peace(planned: Study, folder: Path, n_workers: int = 1) -> RunRecord:
    return engine.run(planned, Place.of(folder, None), "x", lambda *_: None, n_workers)


def begin(folder: Path, storage: str | None, seconds: float, seeds: int) -> subprocess.Popen[bytes]:
    here = str(Path(__file__).parent)
    arguments = [here, str(folder), storage or "", str(seconds), str(seeds)]
    return subprocess.Popen([sys.executable, "-c", CODE, *arguments])


def workers_of(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    children = psutil.Process(process.pid).children()
    return [child for child in children if "spawn_main" in " ".join(child.cmdline())]


def test_rows_and_searches_are_the_same_with_one_two_and_four_workers(tmp_path: Path) -> None:
    levels = ["default", "tuned", "sought"]
    search = {"trials": 6, "seeds": 4, "wave": 4}
    planned = study(levels=levels, search=search, learners=[{"name": "naive-bayes"}])
    one, two, four = (in_peace(planned, tmp_path / str(n), n) for n in (1, 2, 4))
    assert one.complete
    assert set(one.scores["level"]) == set(levels)
    for other in (two, four):
        assert_frame_equal(other.scores, one.scores, check_exact=True)
        assert_frame_equal(other.searches, one.searches, check_exact=True)


def test_workers_killed_6_times_leave_every_row_once(tmp_path: Path, storage: str | None) -> None:
    seeds, dice, kills = 12, random.Random(0), 0
    process = begin(tmp_path / "run", storage, 0.6, seeds)
    while kills < KILLS and process.poll() is None:
        time.sleep(dice.uniform(0.1, 2.0))
        try:
            victims = workers_of(process)
            if victims:
                dice.choice(victims).kill()
                kills += 1
        except psutil.NoSuchProcess:
            continue
    assert process.wait(timeout=300) == 0
    assert kills == KILLS, "the run must be long enough to be killed so often"
    record = engine.load_run(Place.of(tmp_path / "run", storage))
    undisturbed = in_peace(study(seeds=seeds), tmp_path / "peace", 2)
    assert record.complete
    assert record.failures.is_empty()
    # How slow it is is an option of the toy, and so part of its configuration.
    rows, expected = (one.scores.drop("configuration") for one in (record, undisturbed))
    assert_frame_equal(rows, expected, check_exact=True)


def test_four_that_begin_at_the_same_instant_on_an_empty_database_all_live(
    tmp_path: Path, postgresql: PostgreSQL
) -> None:
    storage = postgresql.new_database()
    at_once = [begin(tmp_path / "run", storage, 0.0, 6) for _ in range(4)]
    assert [process.wait(timeout=300) for process in at_once] == [0] * 4
    record = engine.load_run(Place.of(tmp_path / "run", storage))
    assert_frame_equal(record.scores, in_peace(study(seeds=6), tmp_path / "one").scores, check_exact=True)


def test_a_run_waits_for_a_database_that_is_gone_for_a_while(tmp_path: Path, postgresql: PostgreSQL) -> None:
    storage = postgresql.new_database()
    process = begin(tmp_path / "run", storage, 0.3, 12)
    place = Place.of(tmp_path / "run", storage)
    until(lambda: bool(workers_of(process)))
    time.sleep(4)
    assert process.poll() is None
    postgresql.stop()
    time.sleep(6)
    postgresql.start()
    assert process.wait(timeout=300) == 0
    record = engine.load_run(place)
    assert record.complete
    assert_frame_equal(record.scores, in_peace(study(0.3, 12), tmp_path / "one").scores, check_exact=True)


def test_a_worker_helps_from_another_process_and_the_status_counts_it(
    tmp_path: Path, storage: str | None
) -> None:
    process = begin(tmp_path / "run", storage, 0.5, 12)
    environment = {**os.environ, **({"IML_STORAGE": storage} if storage else {})}
    iml = [sys.executable, "-m", "iml_general.cli"]
    run = str(tmp_path / "run") if storage is None else "run"
    until(lambda: bool(workers_of(process)))
    time.sleep(1)
    with subprocess.Popen([*iml, "worker", run, "--workers", "1"], env=environment) as helper:
        status = ""
        while "1 workers on" not in status and process.poll() is None:
            done = subprocess.run(
                [*iml, "status", run], env=environment, capture_output=True, text=True, check=True
            )
            status = done.stdout
        assert "2 workers on" in status
        assert "alive" in status
        assert helper.wait(timeout=120) == 0
    assert process.wait(timeout=120) == 0
    done = subprocess.run([*iml, "status", run], env=environment, capture_output=True, text=True, check=True)
    assert "Finished: all" in done.stdout
    assert "secret" not in status + done.stdout


def test_several_runs_live_in_one_database(tmp_path: Path, postgresql: PostgreSQL) -> None:
    storage = postgresql.new_database()
    places = [Place.of(tmp_path / name, storage) for name in ("a", "b")]
    for place, seeds in zip(places, (2, 3), strict=True):
        engine.run(study(seeds=seeds), place, "x", lambda *_: None)
    seeds_of: list[pl.Series] = [engine.load_run(place).scores["seed"] for place in places]
    assert [seeds.n_unique() for seeds in seeds_of] == [2, 3]


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)
