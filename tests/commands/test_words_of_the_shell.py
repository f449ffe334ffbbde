"""`iml --version`, tab completion, and lists on a narrow terminal: what is light, and what is not broken."""

import re
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from io import StringIO
from pathlib import Path

import polars as pl
import pytest
from rich.console import Console

from iml_general.commands import completion, listing
from iml_general.plugins import registry
from iml_general.report.formats import write
from iml_general.study.storage import place

Iml = Callable[..., subprocess.CompletedProcess[str]]


Completed = Callable[[str], list[str]]


@pytest.fixture
def completed(iml: Iml, tmp_path: Path) -> Completed:
    """What a shell offers after some words, in an empty folder."""

    def run(words: str) -> list[str]:
        asked = {"_TYPER_COMPLETE_FISH_ACTION": "get-args", "_TYPER_COMPLETE_ARGS": words}
        done = iml(cwd=tmp_path, _IML_COMPLETE="complete_fish", **asked)
        return [line.split("\t")[0] for line in done.stdout.splitlines()]

    return run


def test_the_version_is_one_line_with_python_and_the_libraries(iml_process: Iml, tmp_path: Path) -> None:
    line = iml_process("--version", cwd=tmp_path).stdout
    assert line.count("\n") == 1
    assert line.startswith(f"iml-general {version('iml-general')}, Python {sys.version.split()[0]}, numpy ")
    assert f"optuna {version('optuna')}" in line
    assert "not installed" not in line


def test_learners_presets_worlds_and_conditions_are_completed(completed: Completed) -> None:
    assert completed("iml run --learner naive") == ["naive-bayes"]
    assert completed("iml run sweep-al") == ["sweep-aliases", "sweep-alpha"]
    assert completed("iml run --world ta") == ["table"]
    assert completed("iml peek --condition shuf") == ["shuffled"]
    plugins = {*registry.registered("learners"), *registry.registered("worlds")}
    assert plugins == set(completed("iml check "))


def test_runs_plan_files_and_formats_are_completed(completed: Completed, tmp_path: Path) -> None:
    for folder in ("runs/quick-statements", "runs/other", "mine"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "run.sqlite3").touch()
    (tmp_path / "runs" / "report-a-b").mkdir()
    (tmp_path / "plan.toml").touch()
    assert completed("iml report ru") == ["runs/other", "runs/quick-statements"]
    assert completed("iml status mi") == ["mine"]
    assert completed("iml run pl") == ["plan.toml"]
    assert completed("iml report x --format html,m") == ["html,md"]


def test_completion_offers_the_formats_that_reports_have() -> None:
    assert set(completion.FORMATS) == {"all", *write.FORMATS}
    assert completion.DATABASE == place.DATABASE


@pytest.mark.parametrize("command", ["learners", "worlds", "conditions", "effects", "studies"])
def test_no_name_is_broken_in_a_list_on_80_columns(iml: Iml, tmp_path: Path, command: str) -> None:
    done = iml(command, cwd=tmp_path, COLUMNS="80", TTY_COMPATIBLE="1", NO_COLOR="1", TERM="xterm")
    assert done.stderr == ""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout)
    assert max(map(len, plain.splitlines())) <= 80
    assert "…" not in plain
    kind = {"studies": "presets"}.get(command, command)
    words = set(plain.split())
    assert set(registry.registered(kind)) <= words


def test_a_path_longer_than_a_terminal_is_printed_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    path = f"/{'deep/' * 30}plan.toml"
    there = pl.DataFrame({"study": ["mine"], "summary": ["Does it hold here too?"], "plan": [path]})
    monkeypatch.setattr(
        listing, "Console", partial(Console, width=80, force_terminal=True, file=(out := StringIO()))
    )
    monkeypatch.setattr(listing.listing, "list_studies", lambda: there)
    listing.list_studies()
    lines = re.sub(r"\x1b\[[0-9;]*m", "", out.getvalue()).splitlines()
    assert max(map(len, lines)) <= 80
    assert path in "".join(line.strip() for line in lines)


def test_on_80_columns_peek_breaks_no_word_and_no_code(iml: Iml, tmp_path: Path) -> None:
    done = iml("peek", cwd=tmp_path, COLUMNS="80", TTY_COMPATIBLE="1", NO_COLOR="1", TERM="xterm")
    lines = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout).splitlines()
    assert max(map(len, lines)) <= 80
    forms = [line for line in lines if line.startswith("    vectors: ")]
    assert len(forms) > 10
    for line in forms:
        assert re.fullmatch(r"    vectors: alias [01]{32} tag [01]{3} question [01]{6}", line.rstrip())
    piped = iml("peek", cwd=tmp_path).stdout  # a row is a line there, whoever reads it
    assert set(" ".join(piped.split()).replace("|", "").split()) == set(" ".join(lines).split())
