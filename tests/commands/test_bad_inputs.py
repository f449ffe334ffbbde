"""Whatever a user gets wrong is one clear line, an exit code, and nothing left behind: more than 200 ways.

The cases stand in bad_inputs.toml. The program is loaded once, and each of them goes through its entry
with an empty folder as the working one; what only a process of its own can show is in test_bare_terminals.
"""

from __future__ import annotations

import shlex
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from iml_general import cli
from iml_general.study import engine

CASES = tomllib.loads((Path(__file__).parent / "bad_inputs.toml").read_text("utf-8"))
ROWS = 40  # of a table
LONGEST = 1500  # letters that can still be called one line
PASSWORD = "hunter2"


@dataclass(frozen=True)
class Case:
    """What is typed, the files that lie there, and a part of what is to be said."""

    arguments: list[str]
    says: str
    files: dict[str, bytes] = field(default_factory=dict)


def plan(case: dict[str, Any]) -> Case:
    content = case["text"].encode(case.get("encoding", "utf-8"))
    return Case(["run", "plan.toml"], case["says"], {"plan.toml": content})


def table(case: dict[str, Any]) -> Case:
    rows = (
        [
            case["rows"].replace("{n}", str(n)).replace("{odd}", "odd" if n % 2 else "even")
            for n in range(ROWS)
        ]
        if "rows" in case
        else []
    )
    content = "\n".join([case["text"], *rows]).encode(case.get("encoding", "utf-8"))
    options = [f"world.options.{one}" for one in ("path=things.csv", *case.get("options", []))]
    settings = [text for option in options for text in ("--set", option)]
    arguments = ["run", "quick", "--learner", "naive-bayes", "--world", "table", *settings]
    return Case(arguments, case["says"], {"things.csv": content})


def cases() -> Iterator[Case]:
    for line, says in CASES["commands"].items():
        yield Case(shlex.split(line), says)
    for setting, says in CASES["settings"].items():
        yield Case(["run", "quick", "--learner", "naive-bayes", "--set", setting], says)
    for url, says in CASES["storage"].items():
        yield Case(["run", "quick", "--learner", "naive-bayes", "--storage", *shlex.split(url)], says)
    yield from chain(map(plan, CASES["plans"]), map(table, CASES["tables"]))


ALL = list(cases())


def test_there_are_200_of_them() -> None:
    assert len(ALL) >= 200
    assert len({(*case.arguments, *case.files.values()) for case in ALL}) == len(ALL)


@pytest.mark.parametrize("case", ALL, ids=lambda case: shlex.join(case.arguments)[:60])
def test_a_bad_input_is_one_clear_line(
    case: Case, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, content in case.files.items():
        (tmp_path / name).write_bytes(content)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["iml", *case.arguments])
    monkeypatch.setattr(engine, "FIRST_PATIENCE_S", 0.0)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    out, err = capsys.readouterr()
    assert (out, ended.value.code in (1, 2)) == ("", True), err
    assert err.startswith("iml: ")
    assert err.endswith("\n")
    assert "\n" not in err[:-1]
    assert case.says in err
    assert len(err) < LONGEST
    assert "Traceback" not in err
    assert PASSWORD not in err
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(case.files)
