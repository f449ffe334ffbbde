"""The cache on the command line, and runs that are named without the folder that they are in."""

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from iml_general.study import engine
from iml_general.study.cache.folder import CacheFolder
from iml_general.study.plan.overrides import Overrides, find_plan
from iml_general.study.plan.resolve import Study, resolve
from iml_general.study.storage.place import Place

SIZES = {"protocol.sources.reliable.stage1": 10, "protocol.sources.unreliable.stage1": 10}
SMALL = ["--seeds", "2", *(word for key, value in SIZES.items() for word in ("--set", f"{key}={value}"))]
NAME = "quick-statements"

Iml = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module", name="iml")
def with_cache(iml: Iml) -> Iml:
    """The same, with a cache in the working folder."""
    return lambda *arguments, cwd, cache="cache": iml(*arguments, cwd=cwd, IML_CACHE=cache)


def planned(*learners: str) -> Study:
    return resolve(find_plan("quick", Overrides(learners, 2, None, SIZES)))


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a cache, the run that filled it, and one that reused it."""
    folder = tmp_path_factory.mktemp("work")
    cache = CacheFolder(folder / "cache")
    for name in ("first", NAME):
        place = Place.of(folder / "runs" / name, None)
        engine.run(planned("naive-bayes"), place, "test", lambda *_: None, cache=cache)
    return folder


def test_a_report_and_a_dry_run_say_what_is_reused(iml: Iml, work: Path) -> None:
    done = iml("report", NAME, "--format", "md", cwd=work)
    assert done.returncode == 0, done.stderr
    assert "quick: 6 of 6 units of work were reused from a cache, the first measured 2" in done.stdout
    text = (work / "runs" / NAME / "report" / "report.md").read_text()
    assert "| reused from a cache | 6 of 6 units of work |" in text
    assert "6 of 6 units of work were measured by an earlier run, and reused" in text
    assert "not spent in this run" in text
    first = iml("report", "first", "--format", "md", cwd=work)
    assert "reused" not in first.stdout
    learners = ("--learner", "naive-bayes", "--learner", "chance")
    dry = iml("run", "quick", *learners, *SMALL, "--out", "new", "--dry-run", cwd=work)
    assert "6 of the units are in the cache" in dry.stdout
    off = iml("run", "quick", *learners, *SMALL, "--out", "new", "--dry-run", "--cache", "off", cwd=work)
    assert "the cache" not in off.stdout


def test_the_cache_is_shown_and_cleared(iml: Iml, work: Path, tmp_path: Path) -> None:
    shown = iml("cache", cwd=work).stdout
    assert "naive-bayes" in shown
    assert "6 units of work, " in shown
    cache = CacheFolder(tmp_path / "copy")
    for n in range(3):
        cache.write(f"{n:064x}", b"no entry")
    long_ago = time.time() - 10 * 86_400
    os.utime(cache.file(f"{0:064x}"), (long_ago, long_ago))
    left = cache.file("0" * 64).with_name("0" * 32 + ".part")
    (cache.path / "00" / "mine.txt").touch()
    for path in (left, cache.path / "00" / "mine.txt"):
        path.touch()
        os.utime(path, (long_ago, long_ago))
    assert "(damaged)" in iml("cache", cwd=tmp_path, cache="copy").stdout
    done = iml("cache", "clear", "--older-than", "9", "--cache", "copy", cwd=tmp_path, cache="off")
    assert "Removed 1 unit of work" in done.stdout
    assert len(list(cache.entries())) == 2
    assert not left.exists()
    done = iml("cache", "clear", cwd=tmp_path, cache="copy")
    assert "Removed 2 units of work" in done.stdout
    assert [path.name for path in cache.path.rglob("*") if path.is_file()] == ["mine.txt"]
    assert "The cache is off" in iml("cache", cwd=tmp_path, cache="off").stdout


def test_a_cache_that_is_a_file_is_refused_in_one_line(iml: Iml, work: Path) -> None:
    (work / "file").touch()
    for arguments in (("run", "quick", "--cache", "file"), ("cache", "--cache", "file")):
        done = iml(*arguments, cwd=work)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1)
        assert "cache 'file' is a file: give --cache another folder" in done.stderr
    done = iml("cache", "--cache", "cache", "clear", cwd=work)
    assert (done.returncode, done.stderr) == (2, "iml: write `iml cache clear --cache DIR`\n")
    assert list(CacheFolder(work / "cache").entries())


@pytest.mark.parametrize(
    "command", [("status",), ("report", "--format", "csv"), ("worker",), ("export", "--out", "x.iml")]
)
def test_every_command_finds_a_run_by_its_bare_name(
    iml_process: Iml, work: Path, command: tuple[str, ...]
) -> None:
    done = iml_process(command[0], NAME, *command[1:], cwd=work)
    assert done.returncode == 0, done.stderr
    assert not (work / NAME).exists()


@pytest.mark.parametrize("command", ["status", "report", "worker", "export"])
def test_every_command_names_the_runs_that_there_are_where_it_finds_none(
    iml: Iml, work: Path, command: str
) -> None:
    more = ("--out", "none.iml") if command == "export" else ()
    done = iml(command, "nowhere", *more, cwd=work)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    expected = "no run in 'nowhere': it has no run.sqlite3, nor is there one in 'runs/nowhere'"
    assert expected in done.stderr
    assert f"runs there are: runs/first, runs/{NAME}" in done.stderr
