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
from iml_general.study.work.in_process import carry_out

if TYPE_CHECKING:
    from tests.conftest import Iml
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
KILLS = 4
CODE = """
import sys; sys.path.insert(0, sys.argv[1])
from pathlib import Path
import test_many_workers as t
from iml_general.study import engine
from iml_general.study.storage.place import Place
from iml_general.study.storage.queue import Heartbeat
planned = t.study(seconds=float(sys.argv[4]), seeds=int(sys.argv[5]))
place = Place.of(Path(sys.argv[2]), sys.argv[3] or None)
engine.run(planned, place, "x", lambda *_: None, int(sys.argv[6]), Heartbeat(1, 3))
"""


def study(seconds: float = 0.0, seeds: int = 3, **values: Any) -> Study:
    learners = [{"name": f"{TOYS}:Slow", "options": {"seconds": seconds}}, {"name": "naive-bayes"}]
    limits = {"deaths": 100}
    plan = {"name": "x", "seeds": seeds, "protocol": SMALL, "learners": learners, "limits": limits, **values}
    return resolve(check_plan(plan, "test"))


def refuse_other_rows_than_in_peace(record: RunRecord, seeds: int) -> None:
    """How slow the toy is is one of its options, so part of its configuration, and changes nothing else."""
    in_peace = carry_out(study(seeds=seeds), "x", lambda *_: None)
    rows, expected = (one.scores.drop("configuration") for one in (record, in_peace))
    assert_frame_equal(rows, expected, check_exact=True)


def begin(
    folder: Path, storage: str | None, seconds: float, seeds: int, n_workers: int = 2
) -> subprocess.Popen[bytes]:
    here = str(Path(__file__).parent)
    arguments = [here, str(folder), storage or "", str(seconds), str(seeds), str(n_workers)]
    return subprocess.Popen([sys.executable, "-c", CODE, *arguments])


def workers_of(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    children = psutil.Process(process.pid).children()
    return [child for child in children if "spawn_main" in " ".join(child.cmdline())]


def test_rows_and_searches_are_the_same_with_one_worker_and_with_four(tmp_path: Path) -> None:
    levels = ["default", "tuned", "sought"]
    search = {"trials": 6, "seeds": 4, "wave": 4}
    planned = study(levels=levels, search=search, learners=[{"name": "naive-bayes"}])
    one, four = (
        engine.run(planned, Place.of(tmp_path / str(n), None), "x", lambda *_: None, n) for n in (1, 4)
    )
    assert one.complete
    assert set(one.scores["level"]) == set(levels)
    assert_frame_equal(four.scores, one.scores, check_exact=True)
    assert_frame_equal(four.searches, one.searches, check_exact=True)


def test_workers_killed_4_times_leave_every_row_once(tmp_path: Path, storage: str | None) -> None:
    seeds, dice, kills = 10, random.Random(0), 0
    process = begin(tmp_path / "run", storage, 0.5, seeds)
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
    assert record.complete
    assert record.failures.is_empty()
    refuse_other_rows_than_in_peace(record, seeds)


def test_four_that_begin_at_the_same_instant_on_an_empty_database_all_live(
    tmp_path: Path, postgresql: PostgreSQL
) -> None:
    storage = postgresql.new_database()
    at_once = [begin(tmp_path / "run", storage, 0.0, 6, n_workers=1) for _ in range(4)]
    assert [process.wait(timeout=300) for process in at_once] == [0] * 4
    record = engine.load_run(Place.of(tmp_path / "run", storage))
    refuse_other_rows_than_in_peace(record, 6)


def test_a_run_waits_for_a_database_that_is_gone_for_a_while(tmp_path: Path, postgresql: PostgreSQL) -> None:
    storage = postgresql.new_database()
    process = begin(tmp_path / "run", storage, 0.3, 12)
    place = Place.of(tmp_path / "run", storage)
    until(lambda: bool(workers_of(process)))
    until(lambda: engine.load_run(place).units_done > 0)
    assert process.poll() is None
    postgresql.stop()
    time.sleep(3)  # longer than a heartbeat lasts
    postgresql.start()
    assert process.wait(timeout=300) == 0
    record = engine.load_run(place)
    assert record.complete
    refuse_other_rows_than_in_peace(record, 12)


def test_a_worker_helps_from_another_process_and_the_status_counts_it(
    iml: Iml, tmp_path: Path, storage: str | None
) -> None:
    process = begin(tmp_path / "run", storage, 0.5, 12)
    environment = {"IML_STORAGE": storage} if storage else {}
    run = str(tmp_path / "run") if storage is None else "run"
    until(lambda: bool(workers_of(process)))
    command = [sys.executable, "-m", "iml_general.cli", "worker", run, "--workers", "1"]
    with subprocess.Popen(command, env={**os.environ, **environment}) as helper:
        status = ""
        while "1 workers on" not in status and process.poll() is None:
            status = iml("status", run, cwd=tmp_path, **environment).stdout
        assert "2 workers on" in status
        assert "alive" in status
        assert helper.wait(timeout=120) == 0
    assert process.wait(timeout=120) == 0
    done = iml("status", run, cwd=tmp_path, **environment)
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
