"""What one learner does to itself, it does not do to the study."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from iml_general.errors import RunError
from iml_general.study import engine
from iml_general.study.plan.keys import check_plan
from iml_general.study.plan.resolve import resolve
from iml_general.study.storage.place import Place
from iml_general.study.storage.record import RunRecord
from iml_general.study.work import supervisor

if TYPE_CHECKING:
    from tests.conftest import Iml

TOYS = str(Path(__file__).parents[1] / "plugins" / "toys.py")
SMALL = {
    **dict.fromkeys(("undefined", "new_conflict", "unseen"), 8),
    "sources": {
        "reliable": {"stage1": 8, "stage2": 8},
        "unreliable": {"stage1": 8, "stage2": 8},
        "neutral": {"stage2": 8},
    },
}
OTHERS = {"memory", "ideal-observer", "tag-blind"}


def run(folder: Path, toy: str, seeds: int = 2, how: str = "", **limits: float) -> RunRecord:
    options = {"options": {"how": how}} if how else {}
    learners = [{"name": f"{TOYS}:{toy}", **options}, {"name": f"{TOYS}:Memory"}]
    return carry_out({"seeds": seeds, "limits": limits, "learners": learners}, folder)


def carry_out(values: dict[str, Any], folder: Path) -> RunRecord:
    plan = check_plan({"name": "x", "protocol": SMALL, **values}, "test")
    return engine.run(resolve(plan), Place.of(folder, None), "test", lambda *_: None)


@pytest.mark.parametrize(
    ("toy", "limits", "reason"),
    [
        ("SleepsForever", {"seconds": 2.0}, "took longer than the limit of 2 s"),
        ("Hoards", {"memory_mb": 700}, "used more memory than the limit of 700 MB"),
        ("AlwaysDies", {"deaths": 2}, "its process died 2 times, at last because: the process ended with"),
    ],
)
def test_the_study_goes_on_without_a_learner_that_has_to_be_ended(
    tmp_path: Path, toy: str, limits: dict[str, float], reason: str
) -> None:
    record = run(tmp_path, toy, **limits)
    assert record.complete
    assert set(record.scores["learner"]) == OTHERS
    assert set(record.scores["seed"]) == {0, 1}
    assert record.failures["seeds"].sort().to_list() == ["0", "1"]
    assert all(reason in text for text in record.failures["reason"])


@pytest.mark.parametrize("how", ["KeyboardInterrupt", "SystemExit", "GeneratorExit"])
def test_a_learner_that_asks_its_process_to_end_fails_at_once_and_takes_no_worker_with_it(
    tmp_path: Path, how: str
) -> None:
    record = run(tmp_path, "Unruly", how=how, deaths=1)  # one death would end the unit with another reason
    assert record.complete
    assert set(record.scores["learner"]) == OTHERS
    assert record.failures["seeds"].sort().to_list() == ["0", "1"]
    for reason, traceback in record.failures.select("reason", "traceback").rows():
        assert re.search(rf"learner '.*[uU]nruly'.* raised .*{how}", reason)
        assert "toys.py" in traceback


def test_searches_go_on_after_trials_that_hang_or_ask_their_process_to_end(tmp_path: Path) -> None:
    search = {"trials": 4, "seeds": 2, "wave": 4, "encodings": False}
    limits = {"seconds": 3.0, "failures": 9}
    learners = [{"name": f"{TOYS}:Unruly"}]
    values = {"seeds": 2, "levels": ["default", "tuned"], "search": search, "limits": limits}
    record = carry_out({**values, "learners": learners}, tmp_path)
    assert record.complete
    assert record.searches["outcome"].to_list() == ["failed"] * 4
    assert set(record.scores.filter(learner="unruly")["level"]) == {"default"}
    assert all("found no configuration" in reason for reason in record.failures["reason"])


def test_what_a_learner_has_started_ends_with_its_worker(tmp_path: Path) -> None:
    record = run(tmp_path, "Unruly", how="leave a child", seconds=2.0)
    assert all("took longer than the limit of 2 s" in reason for reason in record.failures["reason"])
    children = [one.info["cmdline"] or [] for one in psutil.process_iter(["cmdline"])]
    assert ["sleep", "3600.5"] not in children


def test_a_plugin_that_hangs_when_a_worker_imports_it_ends_the_run_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugin = tmp_path / "plugin.py"
    hang = "import multiprocessing, time\nif multiprocessing.parent_process():\n    time.sleep(3600)\n"
    plugin.write_text(hang + Path(TOYS).read_text())
    monkeypatch.setattr(supervisor, "START_S", 6.0)
    with pytest.raises(RunError, match=r"not ready after 6 s; does a plugin hang when it is imported"):
        carry_out({"seeds": 2, "learners": [{"name": f"{plugin}:Memory"}]}, tmp_path / "run")


@pytest.mark.parametrize("raised", ["KeyboardInterrupt", "SystemExit(3)", "GeneratorExit"])
def test_a_plugin_that_asks_a_worker_to_end_when_imported_ends_the_run_with_its_name(
    tmp_path: Path, raised: str
) -> None:
    plugin = tmp_path / "plugin.py"
    condition = "import multiprocessing\nif multiprocessing.parent_process():\n"
    plugin.write_text(f"{condition}    raise {raised}\n{Path(TOYS).read_text()}")
    with pytest.raises(RunError, match=f"a worker can't work: .*{raised.partition('(')[0]}"):
        carry_out({"seeds": 2, "learners": [{"name": f"{plugin}:Memory"}]}, tmp_path / "run")


def test_the_status_shows_the_limit_and_the_task_that_is_nearest_to_it(iml: Iml, tmp_path: Path) -> None:
    toy = f"{TOYS}:SleepsForever"
    sizes = [f"protocol.sources.{name}.stage1=10" for name in ("reliable", "unreliable")]
    settings = [text for size in (*sizes, "limits.seconds=4500") for text in ("--set", size)]
    arguments = [
        "run",
        "quick",
        "--learner",
        toy,
        "--seeds",
        "2",
        "--out",
        "run",
        "--workers",
        "1",
        *settings,
    ]
    command = [sys.executable, "-m", "iml_general.cli", *arguments]
    with subprocess.Popen(command, cwd=tmp_path, start_new_session=True) as process:
        try:
            shown, end = "", time.monotonic() + 120
            while "has been running for" not in shown:
                assert process.poll() is None
                assert time.monotonic() < end, shown
                shown = iml("status", "run", cwd=tmp_path).stdout
        finally:
            process.terminate()
    assert "A task may take 1:15:00 (limits.seconds); the longest one has been running for 0:00:" in shown
    assert f"learner '{toy}', default, on seeds " in shown


def test_a_learner_is_stopped_after_failures_in_a_row_and_one_line_says_so(tmp_path: Path) -> None:
    record = run(tmp_path, "Raises", seeds=6, failures=2)
    assert record.complete
    reasons = record.failures.sort("seeds").select("seeds", "reason").rows()
    assert [seeds for seeds, _ in reasons] == ["0", "1", "2, 3, 4, 5"]
    assert all("ZeroDivisionError: one two" in reason for _, reason in reasons[:2])
    assert "was stopped after 2 failures in a row" in reasons[2][1]
    assert set(record.scores.filter(learner="memory")["seed"]) == set(range(6))
