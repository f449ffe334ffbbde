"""The command line as a user meets it: its output, its exit codes, and what Ctrl-C does to it."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

TOYS = str(Path(__file__).parents[1] / "plugins" / "toys.py")
SIZES = ("protocol.sources.reliable.stage1=10", "protocol.sources.unreliable.stage1=10")
SMALL = ["--set", SIZES[0], "--set", SIZES[1], "--seeds", "2"]
ALONE = ["--workers", "1"]  # a second worker loads its libraries, too
INTERRUPTED = "iml: interrupted; the same command goes on where this one stopped\n"

Iml = Callable[..., subprocess.CompletedProcess[str]]


def test_a_run_prints_verdicts_and_leaves_a_report_and_its_rows(
    iml: Iml, iml_process: Iml, tmp_path: Path
) -> None:
    done = iml_process("run", "quick", "--learner", "nearest-neighbors", *SMALL, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert "nearest-neighbors" in done.stdout
    assert "ideal-observer" in done.stdout
    report = tmp_path / "runs" / "quick-statements" / "report"
    assert f"Report: {report.relative_to(tmp_path)}" in done.stdout
    suffixes = {path.suffix for path in report.iterdir()}
    assert {".html", ".md", ".parquet", ".csv"} <= suffixes
    again = iml("report", "runs/quick-statements", cwd=tmp_path)
    assert again.stdout == done.stdout


def test_the_same_command_again_only_reports(iml: Iml, tmp_path: Path) -> None:
    arguments = ["run", "quick", "--learner", "chance", *SMALL, *ALONE, "--out", "here"]
    first = iml(*arguments, cwd=tmp_path)
    database = tmp_path / "here" / "run.sqlite3"
    with sqlite3.connect(database) as connection:
        trials = connection.execute("SELECT number, datetime_complete FROM trials").fetchall()
    second = iml(*arguments, cwd=tmp_path)
    assert second.stdout == first.stdout
    with sqlite3.connect(database) as connection:
        assert connection.execute("SELECT number, datetime_complete FROM trials").fetchall() == trials


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "quik"], "unknown preset 'quik'; did you mean 'quick'"),
        (["run", "./no.toml"], "plan 'no.toml' does not exist"),
        (["run", "quick", "--learner", "xgbost"], "unknown learner 'xgbost'; did you mean 'xgboost'"),
        (["run", "quick", "--world", "tabel"], "unknown world 'tabel'; did you mean 'table'"),
        (["run", "quick", "--sedes", "3"], "No such option: --sedes"),
        (["run", "quick", "--seeds", "many"], "Invalid value for '--seeds'"),
        (["run", "quick", "--seeds", "1"], "seeds = 1: Input should be greater than or equal to 2"),
        (["run", "quick", "--set", "protocl.unseen=3"], "unknown key 'protocl'; did you mean 'protocol'"),
        (["run", "quick", "--set", "protocol.unseen=x"], "unseen = 'x'"),
        (["run", "quick", "--set", "world.options.n_aliases=40"], "40"),
        (["run", "quick", "--set", "world.options.n_answers=1"], "n_answers"),
        (["run", "quick", "--set", "protocol.sources.reliable.reliability=1.5"], "reliability = 1.5"),
        (["run", "quick", "--world", "table", "--set", "world.options.path=no.csv"], "no.csv"),
        (["run", "quick", "--set", "search.maximise=gap"], "unknown effect 'gap'"),
        (["run", "quick", "--set", "conditions=['informative']"], "is compared with 'shuffled'"),
        (["run", "sweep-alpha", "--set", "sweep.name=x"], "'sweep' holds no keys"),
        (["runn"], "No such command 'runn'"),
        (["peek", "--condition", "shufled"], "unknown condition 'shufled'; did you mean 'shuffled'"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(
    iml: Iml, tmp_path: Path, arguments: list[str], message: str
) -> None:
    done = iml(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stderr.startswith("iml: ")
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "runs").exists()


def test_debug_shows_where_an_error_came_from(iml: Iml, tmp_path: Path) -> None:
    done = iml("--debug", "run", "quik", cwd=tmp_path)
    assert done.returncode == 2
    assert "Traceback" in done.stderr


def test_a_study_goes_on_without_broken_learners_and_the_report_says_why(iml: Iml, tmp_path: Path) -> None:
    reasons = {"Raises": "ZeroDivisionError", "ReturnsNan": "NaN", "ReturnsWrongShape": "shape"}
    broken = [word for toy in reasons for word in ("--learner", f"{TOYS}:{toy}")]
    done = iml(
        "run",
        "quick",
        *broken,
        "--learner",
        "nearest-neighbors",
        *SMALL,
        *ALONE,
        "--out",
        "run",
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert "nearest-neighbors" in done.stdout
    for page in ("report.html", "report.md"):
        text = (tmp_path / "run" / "report" / page).read_text()
        for toy, reason in reasons.items():
            assert reason in text, (page, toy)


def test_a_study_of_which_nothing_but_controls_is_left_has_failed(iml: Iml, tmp_path: Path) -> None:
    done = iml("run", "quick", "--learner", f"{TOYS}:Raises", *SMALL, *ALONE, cwd=tmp_path)
    assert done.returncode == 1
    assert "no learner was measured, only controls" in done.stderr


def test_folders_that_can_not_be_used_are_refused(iml: Iml, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("kept")
    done = iml("run", "quick", "--learner", "chance", *SMALL, "--out", "file", cwd=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "is a file: give another --out" in done.stderr
    assert (tmp_path / "file").read_text() == "kept"
    done = iml("run", "quick", "--learner", "chance", *SMALL, "--out", "/proc/run", cwd=tmp_path)
    assert done.returncode == 2
    assert "can't be written" in done.stderr


def test_reports_of_nothing_say_so(iml: Iml, tmp_path: Path) -> None:
    done = iml("report", "nowhere", cwd=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "no run in 'nowhere'" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (["learners"], ["lightgbm", "refit", "transformer", "ideal-observer", "positive control"]),
        (["learners"], ["(at most 10,000 rows)", "cohort, affinity, representation", "[reference]"]),
        (["conditions"], ["informative", "compared with", "shuffled", "no_stage1"]),
        (["effects"], ["trust", "iml_gap", "log-odds", "yes"]),
        (["worlds"], ["statements", "n_questions=6 (whole number from 1)", "any number of aliases"]),
        (
            ["worlds"],
            ["missing='refuse' (refuse or drop or skip)", "6,144 aliases", "vectors, tokens, codes"],
        ),
        (["studies"], ["quick", "reference"]),
        (["peek"], ["tag A", "corroborated", "new_conflict", "in truth", "alias", "tokens"]),
        (["peek", "--world", "table", "--rows", "1"], ["continent", "cities"]),
    ],
)
def test_lists_and_peek_show_what_there_is(
    iml: Iml, tmp_path: Path, arguments: list[str], shown: list[str]
) -> None:
    done = iml(*arguments, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    for text in shown:
        assert text in done.stdout


def test_peek_shows_the_same_rows_each_time(iml: Iml, tmp_path: Path) -> None:
    assert iml("peek", cwd=tmp_path).stdout == iml("peek", cwd=tmp_path).stdout


def test_ctrl_c_leaves_a_run_that_goes_on_and_nobody_at_work(iml: Iml, tmp_path: Path) -> None:
    process = begin_slow_run(tmp_path)
    status = ""
    while "alive" not in status:
        assert process.poll() is None, process.stderr and process.stderr.read()
        status = iml("status", "run", cwd=tmp_path).stdout
    assert interrupted(process) == (130, INTERRUPTED)
    after = iml("status", "run", cwd=tmp_path).stdout
    assert "Nobody is at work on this run." in after
    assert "`iml run` with the same arguments goes on" in after


def test_ctrl_c_while_a_worker_starts_is_one_line_too(tmp_path: Path) -> None:
    process = begin_slow_run(tmp_path)
    importing = 0
    while importing < 40 * 2**20:  # bytes; long before it has set itself up
        time.sleep(0.01)
        children = psutil.Process(process.pid).children()
        workers = [one for one in children if "spawn_main" in " ".join(one.cmdline())]
        importing = max([one.memory_info().rss for one in workers], default=0)
    assert interrupted(process) == (130, INTERRUPTED)


def test_ctrl_c_while_a_learner_is_imported_is_no_fault_of_the_learner(tmp_path: Path) -> None:
    slow = "from pathlib import Path\nPath('importing').touch()\nimport time\ntime.sleep(60)\n"
    (tmp_path / "slow.py").write_text(slow)
    process = subprocess.Popen(
        [sys.executable, "-m", "iml_general.cli", "check", "slow.py:Slow"],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    while not (tmp_path / "importing").exists():
        assert process.poll() is None, process.stderr and process.stderr.read()
        time.sleep(0.01)
    assert interrupted(process) == (130, INTERRUPTED)


def begin_slow_run(folder: Path) -> subprocess.Popen[str]:
    arguments = ["run", "quick", "--learner", f"{TOYS}:Slow", "--seeds", "60", "--out", "run"]
    return subprocess.Popen(
        [sys.executable, "-m", "iml_general.cli", *arguments, "--workers", "2"],
        cwd=folder,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def interrupted(process: subprocess.Popen[str]) -> tuple[int, str]:
    os.killpg(process.pid, signal.SIGINT)
    complaint = process.communicate(timeout=60)[1]
    return process.returncode, complaint
