"""What surrounds a run on the command line: dry run, time budget, preregistration, export."""

import json
import re
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

TOYS = str(Path(__file__).parents[1] / "plugins" / "toys.py")
SIZES = ("protocol.sources.reliable.stage1=10", "protocol.sources.unreliable.stage1=10")
SMALL = ["--learner", "naive-bayes", "--set", SIZES[0], "--set", SIZES[1], "--seeds", "2"]

Iml = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def registered(iml: Iml, iml_process: Iml, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a preregistration and the run of it."""
    folder = tmp_path_factory.mktemp("work")
    claims = ("--claim", "Naive Bayes <does not> trust.", "--claim", "Nor does chance.")
    done = iml_process("preregister", "quick", *SMALL, *claims, "--out", "plan.toml", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "SHA-256" in done.stdout
    time.sleep(1.0)  # dates are written down to the second, and the run has to be the later one
    arguments = (*SMALL, "--workers", "1", "--preregistration", "plan.toml", "--out", "run")
    done = iml("run", "quick", *arguments, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    (folder / "run.txt").write_text(done.stdout)
    return folder


def test_the_report_says_in_every_format_that_the_run_kept_to_its_preregistration(registered: Path) -> None:
    report = registered / "run" / "report"
    told = "The run kept to what was preregistered on"
    assert f"PREREGISTERED: {told}" in (registered / "run.txt").read_text()
    assert told in (report / "report.md").read_text()
    page = (report / "report.html").read_text()
    assert told in page
    assert "Naive Bayes &lt;does not&gt; trust." in page
    (run,) = json.loads((report / "report.json").read_text())["runs"]
    assert run["preregistration"]["kept"] is True
    assert run["preregistration"]["claims"] == ["Naive Bayes <does not> trust.", "Nor does chance."]
    assert [point["kept"] for point in run["preregistration"]["points"]] == [True] * 4


def test_without_a_preregistration_the_report_says_nothing_of_one(
    iml: Iml, registered: Path, tmp_path: Path
) -> None:
    done = iml("report", "run", "--format", "md,json", "--out", str(tmp_path / "report"), cwd=registered)
    assert "PREREGISTERED" not in done.stdout
    assert "Preregistration" not in (tmp_path / "report" / "report.md").read_text()
    (run,) = json.loads((tmp_path / "report" / "report.json").read_text())["runs"]
    assert run["preregistration"] is None


def test_a_preregistration_of_something_else_is_told(iml: Iml, registered: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    done = iml("preregister", "quick", *SMALL[:-1], "3", "--out", str(other), cwd=registered)
    assert done.returncode == 0, done.stderr
    arguments = ("--preregistration", str(other), "--out", str(tmp_path / "report"), "--format", "md")
    done = iml("report", "run", *arguments, cwd=registered)
    assert "not kept to: plan, seeds, begin" in done.stdout
    assert "plan: seeds: then 3, in the run 2" in done.stdout
    assert "| begin | no |" in (tmp_path / "report" / "report.md").read_text()


def test_a_preregistration_is_not_written_over(iml: Iml, registered: Path) -> None:
    before = (registered / "plan.toml").read_bytes()
    done = iml("preregister", "quick", *SMALL, "--out", "plan.toml", cwd=registered)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "is not written over" in done.stderr
    assert (registered / "plan.toml").read_bytes() == before


def test_a_dry_run_tells_what_a_run_would_take_and_leaves_nothing(iml: Iml, tmp_path: Path) -> None:
    levels = ("--set", "levels=['default','sought']", "--trials", "4")
    done = iml("run", "quick", *SMALL, *levels, "--dry-run", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""  # Optuna says nothing either
    for text in (
        "8 units of work, and 4 trials of 1 searches.",
        "2 seeds, conditions informative, shuffled, no_stage1.",
        "score rows",
        "Processor time: at most",
        "the shipped table, measured 2",
        "MB a worker",
        "Nothing was run or written.",
    ):
        assert text in done.stdout, text
    assert "too little" not in done.stdout
    assert not list(tmp_path.iterdir())


def test_a_dry_run_says_for_whom_the_limit_of_memory_is_too_low_and_what_would_do(
    iml: Iml, tmp_path: Path
) -> None:
    done = iml("run", "quick", *SMALL, "--set", "limits.memory_mb=250", "--dry-run", cwd=tmp_path)
    told = re.search(r"That is too little for (.*): make .* --set limits\.memory_mb=(\d+)\.", done.stdout)
    assert told, done.stdout
    assert re.search(r"tag-blind \(about \d+ MB\)", told[1])
    again = ("--set", f"limits.memory_mb={told[2]}", "--dry-run")
    assert "too little" not in iml("run", "quick", *SMALL, *again, cwd=tmp_path).stdout


def test_a_dry_run_of_a_finished_run_knows_it_and_changes_nothing(iml: Iml, registered: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in (registered / "run" / "report").rglob("*")}
    done = iml("run", "quick", *SMALL, "--out", "run", "--dry-run", cwd=registered)
    assert "this run" in done.stdout
    assert "of them done" in done.stdout
    assert {path: path.stat().st_mtime_ns for path in (registered / "run" / "report").rglob("*")} == before
    refused = iml("run", "quick", *SMALL[:-1], "3", "--out", "run", "--dry-run", cwd=registered)
    assert (refused.returncode, "has another plan" in refused.stderr) == (2, True)


def test_a_spent_time_budget_leaves_a_run_that_goes_on_and_a_report_that_says_so(
    iml: Iml, tmp_path: Path
) -> None:
    slow = ["run", "quick", "--learner", f"{TOYS}:Slow", "--learner", "naive-bayes", "--seeds", "40"]
    done = iml(*slow, "--out", "run", "--workers", "1", "--time-budget", "6s", cwd=tmp_path)
    assert done.returncode == 130
    assert done.stderr.startswith("iml: the time budget of 0:00:06 is spent: ")
    assert done.stderr.endswith("the same command goes on where this one stopped\n")
    assert done.stderr.count("\n") == 1
    status = iml("status", "run", cwd=tmp_path).stdout
    assert "Nobody is at work on this run." in status
    confirmation = next(line.split() for line in status.splitlines() if line.startswith("confirmation"))
    _, total, n_done, failed, running, _ = confirmation
    assert (failed, running) == ("0", "0")  # what was under way was finished, not thrown away
    assert int(n_done) < int(total)
    if int(n_done):
        assert "UNFINISHED" in done.stdout
        assert "UNFINISHED" in (tmp_path / "run" / "report" / "report.html").read_text()


@pytest.mark.parametrize("text", ["30", "m", "-5m", "0s", "1h 30m", "5x", ""])
def test_what_is_no_length_of_time_is_refused(iml: Iml, tmp_path: Path, text: str) -> None:
    done = iml("run", "quick", "--time-budget", text, cwd=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert f"--time-budget {text!r} is not a length of time: write it as 90s, 30m, 8h or 1h30m" in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_run_travels_in_one_file(iml: Iml, iml_process: Iml, registered: Path, tmp_path: Path) -> None:
    file = str(tmp_path / "run.iml")
    done = iml("export", "run", "--out", file, cwd=registered)
    assert done.returncode == 0, done.stderr
    assert "units of work. SHA-256" in done.stdout
    done = iml_process("import", file, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "`iml report runs/quick-statements` reports it" in done.stdout
    here = iml("report", "run", "--format", "md", cwd=registered).stdout.splitlines()[:-1]
    assert (
        iml("report", "runs/quick-statements", "--format", "md", cwd=tmp_path).stdout.splitlines()[:-1]
        == here
    )
    again = iml("import", file, cwd=tmp_path)
    assert (again.returncode, again.stderr.count("\n")) == (2, 1)
    assert "is there already" in again.stderr


def test_a_table_that_is_too_small_is_fitted_when_asked(iml: Iml, tmp_path: Path) -> None:
    rows = [f"thing {row},{row * row % 101},{'abc'[row % 3]}" for row in range(90)]
    (tmp_path / "things.csv").write_text("\n".join(["name,size,kind", *rows]))
    arguments = ["run", "quick", "--world", "table", "--set", "world.options.path=things.csv"]
    arguments += ["--learner", "naive-bayes", "--seeds", "2"]
    refused = iml(*arguments, cwd=tmp_path)
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    assert (
        "--fit (in Python fit=True) makes the groups smaller, as does --set protocol.sources.reliable.stage1="
        in refused.stderr
    )
    done = iml(*arguments, "--fit", "--workers", "1", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "things.csv' has room for 90 aliases: --set " in done.stderr
    assert "cost power" in done.stderr
