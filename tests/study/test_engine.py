"""Runs finish with the same rows, however often they are cut short."""

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from polars.testing import assert_frame_equal

from iml_general.errors import RunError, UsageError
from iml_general.study import engine
from iml_general.study.plan import code as code_module
from iml_general.study.plan.keys import check_plan
from iml_general.study.plan.resolve import Study, resolve
from iml_general.study.storage.place import Place
from iml_general.study.storage.record import RunRecord
from iml_general.study.work.in_process import carry_out

TOYS = str(Path(__file__).parents[1] / "plugins" / "toys.py")
MINE = """
from dataclasses import dataclass

from learners.classical.bayes import NaiveBayes

smoothing = 1.0


@dataclass(frozen=True)
class Mine(NaiveBayes):
    pass
"""
SMALL = {
    **dict.fromkeys(("undefined", "new_conflict", "unseen"), 8),
    "sources": {
        "reliable": {"stage1": 8, "stage2": 8},
        "unreliable": {"stage1": 8, "stage2": 8},
        "neutral": {"stage2": 8},
    },
}


def study(*toys: str, seeds: int = 3, **values: object) -> Study:
    learners = [{"name": f"{TOYS}:{toy}"} for toy in toys] + [{"name": "nearest-neighbors"}]
    plan = {"name": "x", "seeds": seeds, "protocol": SMALL, "learners": learners, **values}
    return resolve(check_plan(plan, "test"))


def run(planned: Study, folder: Path) -> RunRecord:
    return engine.run(planned, Place.of(folder, None), "test", lambda done, total: None)


def load(folder: Path) -> RunRecord:
    return engine.load_run(Place.of(folder, None))


def test_a_clock_that_is_set_does_not_spend_the_time_that_a_run_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = count(0, 86_400)
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + next(days))
    place = Place.of(tmp_path, None)
    assert engine.run(study(seeds=2), place, "test", lambda *_: None, budget_s=3600.0).complete


@dataclass(frozen=True)
class Finished:
    """A run, and what it told on its way."""

    folder: Path
    record: RunRecord
    told: list[tuple[int, int]]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    folder, told = tmp_path_factory.mktemp("finished"), []
    record = engine.run(study("Memory"), Place.of(folder, None), "test", lambda *one: told.append(one))
    return Finished(folder, record, told)


def test_a_run_leaves_every_row_once_and_reads_back_as_it_was(finished: Finished) -> None:
    record = finished.record
    assert record.complete
    keys = ["learner", "rule", "configuration", "condition", "seed", "moment", "group", "probe", "measure"]
    assert not record.scores.select(keys).is_duplicated().any()
    assert set(record.scores["seed"]) == {0, 1, 2}
    assert_frame_equal(load(finished.folder).scores, record.scores, check_exact=True)


def test_progress_goes_from_none_to_all(finished: Finished) -> None:
    told, n = finished.told, finished.record.units_total
    assert told[0] == (0, n)
    assert told[-1] == (n, n)
    assert told == sorted(set(told))


def test_a_finished_run_is_not_run_again(finished: Finished) -> None:
    first, told = finished.record, []
    again = engine.run(
        study("Memory"), Place.of(finished.folder, None), "again", lambda *one: told.append(one)
    )
    assert told == [(first.units_total, first.units_total)]
    assert again.provenance == first.provenance
    assert_frame_equal(again.scores, first.scores, check_exact=True)


def test_the_study_goes_on_without_learners_that_misbehave_and_says_so(tmp_path: Path) -> None:
    record = run(study("Raises", "ReturnsNan", "ReturnsWrongShape"), tmp_path)
    assert record.complete
    by_learner = record.failures.partition_by("learner")
    assert len(by_learner) == 3
    for failures in by_learner:
        assert failures["seeds"].sort().to_list() == ["0", "1", "2"]
    assert all("Traceback" in text for text in record.failures["traceback"])
    assert all("\n" not in reason for reason in record.failures["reason"])
    assert "nearest-neighbors" in set(record.scores["learner"])
    assert set(record.failures["learner"]).isdisjoint(record.scores["learner"])


def test_another_plan_on_the_same_folder_is_refused_with_the_difference(finished: Finished) -> None:
    with pytest.raises(UsageError, match=r"another plan \(seeds: there 3, here 4\): give another --out"):
        run(study("Memory", seeds=4), finished.folder)
    with pytest.raises(UsageError, match=r"toys\.py:Memory: there .*toys\.py:Memory, here nothing"):
        run(study(), finished.folder)


def test_a_run_does_not_go_on_with_other_library_versions(finished: Finished, tmp_path: Path) -> None:
    shutil.copytree(finished.folder, tmp_path, dirs_exist_ok=True)
    with sqlite3.connect(tmp_path / "run.sqlite3") as database:
        was = '"version of numpy": "'
        database.execute("UPDATE iml_run SET provenance = replace(provenance, ?, ?)", (was, was + "9"))
        database.execute("UPDATE trials SET state = 'RUNNING' WHERE number = 0")
    with pytest.raises(UsageError, match=r"begun with other libraries \(version of numpy: there '9"):
        run(study("Memory"), tmp_path)


@pytest.mark.parametrize(
    ("edited", "goes_on"),
    [
        ("def unused() -> int:\n    return 1\n", True),  # beside the learner, and it does not import it
        ("smoothing = 2.0\n", False),
    ],
)
def test_a_run_goes_on_after_an_edit_only_if_it_does_not_make_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, edited: str, goes_on: bool
) -> None:
    package = tmp_path / f"mine{int(goes_on)}"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "beside.py").write_text("")
    (package / "learner.py").write_text(MINE)
    monkeypatch.syspath_prepend(tmp_path)

    def begun() -> None:
        code_module._digest.cache_clear()
        planned = study(learners=[{"name": f"{package.name}.learner:Mine"}])
        engine.run(planned, Place.of(tmp_path / "run", None), "test", lambda *_: None, budget_s=-1.0)

    begun()
    changed = package / ("beside.py" if goes_on else "learner.py")
    changed.write_text(changed.read_text() + edited)
    if goes_on:
        begun()
        assert "later SHA-256" in load(tmp_path / "run").provenance[f"code of {package.name}"]
        return
    with pytest.raises(UsageError) as told:
        begun()
    whose = f"what makes the rows of {package.name}.learner:Mine was edited in {package.name};"
    assert whose in str(told.value)


@pytest.mark.parametrize("at", [1, 5])
def test_a_worker_that_dies_is_replaced_and_the_rows_are_those_of_an_undisturbed_run(
    tmp_path: Path, at: int
) -> None:
    def planned(once: Path) -> Study:
        dies = {"name": f"{TOYS}:Dies", "options": {"at": at, "once": str(once)}}
        return study(learners=[dies, {"name": "nearest-neighbors"}])

    once = tmp_path / "killed"
    finished = run(planned(once), tmp_path / "run")
    assert once.exists()
    assert finished.complete
    assert finished.failures.is_empty()
    undisturbed = carry_out(planned(once), "test", lambda *_: None)
    assert_frame_equal(finished.scores, undisturbed.scores, check_exact=True)


def test_a_run_killed_with_its_workers_finishes_with_the_rows_it_would_have_had(tmp_path: Path) -> None:
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path\n"
        "import test_engine as t\n"
        "t.run(t.study('Memory', seeds=12), Path(sys.argv[2]))\n"
    )
    arguments = [sys.executable, "-c", code, str(Path(__file__).parent), str(tmp_path / "run")]
    with subprocess.Popen(arguments, start_new_session=True) as process:
        while not (tmp_path / "run" / "run.sqlite3").exists() or n_done(tmp_path / "run") < 5:
            assert process.poll() is None, "it should not have finished yet"
            time.sleep(0.05)
        process.kill()
    partial = load(tmp_path / "run")
    assert not partial.complete
    finished = run(study("Memory", seeds=12), tmp_path / "run")
    undisturbed = carry_out(study("Memory", seeds=12), "test", lambda *_: None)
    assert finished.complete
    assert len(partial.scores) < len(finished.scores)
    assert_frame_equal(finished.scores, undisturbed.scores, check_exact=True)


def n_done(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "run.sqlite3", timeout=60)) as database:
        try:
            query = "SELECT count(*) FROM trials WHERE state = 'COMPLETE'"
            return int(database.execute(query).fetchone()[0])
        except sqlite3.OperationalError:  # no tables yet
            return 0


def test_rows_of_a_trial_that_was_killed_before_it_completed_do_not_count(
    finished: Finished, tmp_path: Path
) -> None:
    first = finished.record
    shutil.copytree(finished.folder, tmp_path, dirs_exist_ok=True)
    with sqlite3.connect(tmp_path / "run.sqlite3") as database:
        database.execute("UPDATE trials SET state = 'RUNNING', datetime_complete = NULL WHERE number = 1")
    assert len(load(tmp_path).scores) < len(first.scores)
    again = run(study("Memory"), tmp_path)
    assert_frame_equal(again.scores, first.scores, check_exact=True)


def test_an_interrupted_run_goes_on(tmp_path: Path) -> None:
    def interrupt(done: int, total: int) -> None:
        if done >= 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        engine.run(study(seeds=12), Place.of(tmp_path, None), "test", interrupt)
    assert not load(tmp_path).complete
    assert run(study(seeds=12), tmp_path).complete


def test_rows_are_the_same_in_another_process_with_another_hash_seed(tmp_path: Path) -> None:
    here = carry_out(study("Memory", seeds=2), "test", lambda *_: None)
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path\nimport test_engine as t\n"
        "t.run(t.study('Memory', seeds=2), Path(sys.argv[2]))\n"
    )
    subprocess.run(
        [sys.executable, "-c", code, str(Path(__file__).parent), str(tmp_path / "there")],
        check=True,
        env={**os.environ, "PYTHONHASHSEED": "12345"},
    )
    there = load(tmp_path / "there")
    assert_frame_equal(there.scores, here.scores, check_exact=True)


def test_folders_that_can_not_hold_a_run_are_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="is a file: give another --out"):
        run(study(), tmp_path / "file")
    with pytest.raises(UsageError, match="can't be written"):
        run(study(), tmp_path / "file" / "below")
    with pytest.raises(UsageError, match="can't be written"):
        run(study(), Path("/proc/nowhere"))


def test_a_database_that_is_not_ours_is_refused_and_left_alone(tmp_path: Path) -> None:
    database = tmp_path / "run.sqlite3"
    database.write_text("something else")
    with pytest.raises(RunError, match="can't be used for a run: file is not a database"):
        run(study(), tmp_path)
    assert database.read_text() == "something else"


def test_a_missing_run_says_so(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"no run in .*: it has no run.sqlite3"):
        load(tmp_path)
