"""The world in the docs is what the docs say: its page is followed word for word."""

import re
import shlex
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from iml_general.checks import parametrize
from iml_general.plugins import registry

PAGE = (Path(__file__).parents[2] / "docs" / "add-a-world.md").read_text()


def blocks(kind: str) -> list[str]:
    found = re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)
    return ["\n".join(line.removeprefix("   ") for line in block.rstrip().splitlines()) for block in found]


Typed = Callable[[str, Path], subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def typed(iml: Callable[..., subprocess.CompletedProcess[str]]) -> Typed:
    """What comes of a line as it stands on the page, typed in a folder."""
    return lambda line, cwd: iml(*shlex.split(line)[1:], cwd=cwd)


@pytest.fixture(scope="module")
def folder(typed: Typed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the page was followed."""
    here = tmp_path_factory.mktemp("page")
    (here / "mine.py").write_text(blocks("python")[0] + "\n")
    for command in "\n".join(blocks("console")).splitlines():
        done = typed(command, here)
        assert (done.returncode, done.stderr) == (0, ""), command
        (here / f"{shlex.split(command)[1]}.txt").write_text(done.stdout)
    return here


def test_the_world_is_short() -> None:
    assert len(blocks("python")[0].splitlines()) <= 40


def test_it_conforms(folder: Path) -> None:
    told = (folder / "check.txt").read_text().splitlines()
    assert told[-1] == "./mine.py:Mine conforms: 24 passed, 0 failed, 0 skipped."


def test_it_is_shown_and_stands_in_the_report_with_controls_that_come_out_right(folder: Path) -> None:
    assert "left when divided by 7" in (folder / "peek.txt").read_text()
    report = folder / "runs" / "quick-Mine" / "report"
    page = " ".join((report / "report.md").read_text().split())
    assert "what is left of numbers up to 5000 when divided by 2, 3, 5 and 7" in page
    assert "version of mine.py" in page
    assert "code of mine.py" in page
    assert "invalid" not in (folder / "run.txt").read_text()
    scores = pl.read_parquet(report / "scores.parquet")
    assert scores["world"].unique().to_list() == ["remainders"]
    assert "extra-trees" in scores["learner"].to_list()
    assert scores["seed"].n_unique() == 6


def test_a_run_is_not_gone_on_with_once_the_file_has_changed(typed: Typed, folder: Path) -> None:
    with sqlite3.connect(folder / "runs" / "quick-Mine" / "run.sqlite3") as database:
        database.execute("UPDATE trials SET state = 'RUNNING' WHERE number = 0")
    file = folder / "mine.py"
    before = file.read_text()
    file.write_text(before.replace("(2, 3, 5, 7)", "(2, 3, 5, 8)"))
    (*_, command) = blocks("console")[-1].splitlines()
    done = typed(command, folder)
    file.write_text(before)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "begun with other libraries (version of mine.py: there 'SHA-256 " in done.stderr


def test_options_and_the_end_of_its_room_are_told_in_one_line(typed: Typed, folder: Path) -> None:
    done = typed("iml run quick --world ./mine.py:Mine --set world.options.largest=100", folder)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "world 'remainders': the groups need 470 aliases, but it has 100; --fit" in done.stderr
    done = typed("iml peek --world ./mine.py:Mine --set world.options.largest=0", folder)
    assert "largest = 0: Input should be greater than or equal to 1" in done.stderr


def test_the_suite_of_the_page_is_one_test_for_each_claim(folder: Path) -> None:
    space = {"Mine": registry.world(f"{folder}/mine.py:Mine"), "parametrize": parametrize}
    exec(blocks("python")[-1].replace("from iml_general.checks import parametrize", ""), space)
    (mark,) = space["test_mine_conforms"].pytestmark
    assert "remainders: same seed, same world" in [one.id for one in mark.args[1]]
