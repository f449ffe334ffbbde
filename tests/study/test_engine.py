"""Runs finish with the same rows, however often they are cut short."""

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from polars.testing import assert_frame_equal

from iml_general.errors import RunError, UsageError
from iml_general.study import engine
from iml_general.study.plan import check_plan
from iml_general.study.record import RunRecord
from iml_general.study.resolve import Study, resolve

TOYS = str(Path(__file__).parents[1] / "plugins" / "toys.py")
GROUPS = ("corroborated", "contradicted", "undefined", "new_reliable", "new_unreliable", "new_conflict")
SMALL = dict.fromkeys((*GROUPS, "new_neutral", "unseen"), 8)


def study(*toys: str, seeds: int = 3, **values: object) -> Study:
    learners = [{"name": f"{TOYS}:{toy}"} for toy in toys] + [{"name": "nearest-neighbors"}]
    plan = {"name": "x", "seeds": seeds, "protocol": SMALL, "learners": learners, **values}
    return resolve(check_plan(plan, "test"))


def run(planned: Study, folder: Path) -> RunRecord:
    return engine.run(planned, folder, "test", lambda done, total: None)


def test_a_run_leaves_every_row_once_and_reads_back_as_it_was(tmp_path: Path) -> None:
    record = run(study("Memory"), tmp_path)
    assert record.complete
    keys = ["learner", "rule", "configuration", "condition", "seed", "moment", "group", "probe"]
    assert not record.scores.select(keys).is_duplicated().any()
    assert set(record.scores["seed"]) == {0, 1, 2}
    assert_frame_equal(engine.load_run(tmp_path).scores, record.scores, check_exact=True)


def test_progress_goes_from_none_to_all(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    planned = study(seeds=2)
    engine.run(planned, tmp_path, "test", lambda done, total: told.append((done, total)))
    n = len(planned.units)
    assert told == [(done, n) for done in range(n + 1)]


def test_a_finished_run_is_not_run_again(tmp_path: Path) -> None:
    first = run(study("Memory"), tmp_path)
    told: list[tuple[int, int]] = []
    again = engine.run(study("Memory"), tmp_path, "again", lambda done, total: told.append((done, total)))
    assert told == [(first.units_total, first.units_total)]
    assert again.provenance == first.provenance
    assert_frame_equal(again.scores, first.scores, check_exact=True)


@pytest.mark.parametrize("toy", ["Raises", "ReturnsNan", "ReturnsWrongShape"])
def test_the_study_goes_on_without_a_learner_that_misbehaves_and_says_so(tmp_path: Path, toy: str) -> None:
    record = run(study(toy), tmp_path)
    assert record.complete
    assert set(record.failures["seeds"]) == {"0", "1", "2"}
    assert record.failures["learner"].unique().len() == 1
    assert "Traceback" in record.failures["traceback"][0]
    assert "\n" not in record.failures["reason"][0]
    assert "nearest-neighbors" in set(record.scores["learner"])
    assert record.failures["learner"][0] not in set(record.scores["learner"])


def test_another_plan_on_the_same_folder_is_refused_with_the_difference(tmp_path: Path) -> None:
    run(study(), tmp_path)
    with pytest.raises(UsageError, match=r"another plan \(seeds: there 3, here 4\): give another --out"):
        run(study(seeds=4), tmp_path)
    with pytest.raises(
        UsageError, match=r"learners\.0 nearest-neighbors: there learner nearest-neighbors, here"
    ):
        run(study("Memory"), tmp_path)


def test_a_run_does_not_go_on_with_other_library_versions(tmp_path: Path) -> None:
    run(study(), tmp_path)
    with sqlite3.connect(tmp_path / "run.sqlite3") as database:
        was = '"version of numpy": "'
        database.execute("UPDATE iml_run SET provenance = replace(provenance, ?, ?)", (was, was + "9"))
        database.execute("UPDATE trials SET state = 'RUNNING' WHERE number = 0")
    with pytest.raises(UsageError, match=r"begun with other libraries \(version of numpy: there '9"):
        run(study(), tmp_path)


def killed_while_running(folder: Path, planned: str) -> None:
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path\n"
        "from iml_general.study import engine\n"
        f"import test_engine as t\nt.run({planned}, Path(sys.argv[2]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(Path(__file__).parent), str(folder)],
        check=False,
        capture_output=True,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


@pytest.mark.parametrize("at", [1, 5, 9])
def test_a_run_killed_in_the_middle_finishes_with_the_rows_it_would_have_had(tmp_path: Path, at: int) -> None:
    once = tmp_path / "killed"

    def planned() -> Study:
        learners = [
            {"name": f"{TOYS}:Dies", "options": {"at": at, "once": str(once)}},
            {"name": "nearest-neighbors"},
        ]
        return study(learners=learners)

    dies = f"dict(name={f'{TOYS}:Dies'!r}, options=dict(at={at}, once={str(once)!r}))"
    killed_while_running(tmp_path / "run", f"t.study(learners=[{dies}, dict(name='nearest-neighbors')])")
    partial = engine.load_run(tmp_path / "run")
    assert not partial.complete
    finished = run(planned(), tmp_path / "run")
    undisturbed = run(planned(), tmp_path / "other")
    assert finished.complete
    assert len(partial.scores) < len(finished.scores)
    assert_frame_equal(finished.scores, undisturbed.scores, check_exact=True)


def test_rows_of_a_trial_that_was_killed_before_it_completed_do_not_count(tmp_path: Path) -> None:
    first = run(study(), tmp_path)
    with sqlite3.connect(tmp_path / "run.sqlite3") as database:
        database.execute("UPDATE trials SET state = 'RUNNING', datetime_complete = NULL WHERE number = 1")
    assert len(engine.load_run(tmp_path).scores) < len(first.scores)
    again = run(study(), tmp_path)
    assert_frame_equal(again.scores, first.scores, check_exact=True)


def test_two_processes_can_not_work_on_one_run(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    code = (
        "import sqlite3, sys, time\n"
        "lock = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "lock.execute('BEGIN EXCLUSIVE'); print('locked', flush=True); time.sleep(60)\n"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", code, str(folder / "run.lock")], stdout=subprocess.PIPE, text=True
    )
    try:
        assert other.stdout is not None
        assert other.stdout.readline() == "locked\n"
        with pytest.raises(RunError, match="another process is at work on the run"):
            run(study(), folder)
    finally:
        other.kill()
        other.communicate()
    assert run(study(), folder).complete


def test_an_interrupted_run_goes_on(tmp_path: Path) -> None:
    def interrupt(done: int, total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        engine.run(study(), tmp_path, "test", interrupt)
    assert not engine.load_run(tmp_path).complete
    assert run(study(), tmp_path).complete


def test_rows_are_the_same_in_another_process_with_another_hash_seed(tmp_path: Path) -> None:
    here = run(study("Memory", seeds=2), tmp_path / "here")
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
    there = engine.load_run(tmp_path / "there")
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
    with pytest.raises(RunError, match="can't be used as a run's database: file is not a database"):
        run(study(), tmp_path)
    assert database.read_text() == "something else"


def test_a_newer_schema_and_a_missing_run_say_so(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"no run in .*: it has no run.sqlite3"):
        engine.load_run(tmp_path)
    run(study(seeds=2), tmp_path)
    with sqlite3.connect(tmp_path / "run.sqlite3") as database:
        database.execute("UPDATE iml_run SET schema_version = 99")
    with pytest.raises(RunError, match="schema version 99, this program knows up to 1"):
        engine.load_run(tmp_path)
