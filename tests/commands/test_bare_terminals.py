"""Where there is no home, terminal, room, locale, or hardly a column: real processes, one line at most."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

PASSWORD = "hunter2"
IML = f"{sys.executable} -m iml_general.cli"
ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": ""}

Iml = Callable[..., subprocess.CompletedProcess[str]]


def shell(line: str, cwd: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PYTHONPATH", "PATH") if name in os.environ}
    return subprocess.run(
        ["sh", "-c", line.replace("iml ", f"{IML} ", 1)],
        cwd=cwd,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        errors="surrogateescape",
        check=False,
    )


@pytest.mark.parametrize(
    ("line", "environment", "code", "says"),
    [
        ("iml effects", {}, 0, ""),  # no HOME, no LANG, no TERM
        ("iml studies", {"HOME": "", "TERM": "", "COLUMNS": "x"}, 0, ""),
        ("iml learners", {"COLUMNS": "20", **ASCII}, 0, ""),
        ("iml worlds", {}, 0, ""),
        ("iml conditions", {}, 0, ""),
        ("iml peek --rows 1", {}, 0, ""),
        ("iml studies >&-", {}, 0, ""),
        ("iml studies | head -1", {}, 0, ""),
        ("iml studies > /dev/full", {}, 1, "the system says: No space left on device"),
        ("iml run quik 2>&-", {}, 2, ""),
        ("iml run quik <&-", {}, 2, "did you mean 'quick'?"),
        ("iml run 'qu\u00ef\u00e7k'", ASCII, 2, "unknown preset 'qu"),
        ("iml run \udcff\udcfe", {}, 2, "unknown preset"),
        ("iml cache", {"HOME": "/nonexistent", "IML_CACHE": "/dev/null"}, 2, "is a file: give --cache"),
        ("iml status x", {"IML_STORAGE": f"mysql://me:{PASSWORD}@h/d"}, 2, "has the scheme 'mysql'"),
        ("iml status x", {"IML_STORAGE": PASSWORD}, 2, "is not a database URL"),
        (
            "mkdir gone && cd gone && rmdir ../gone && iml cache --cache x",
            {},
            1,
            "the system says: No such file",
        ),
    ],
)
def test_the_exit_code_is_right_and_nothing_is_said_but_one_line(
    tmp_path: Path, line: str, environment: dict[str, str], code: int, says: str
) -> None:
    done = shell(line, tmp_path, environment)
    assert done.returncode == code, done.stderr
    assert done.stderr.count("\n") == (1 if says else 0), done.stderr
    assert says in done.stderr
    assert PASSWORD not in done.stdout + done.stderr
    assert not list(tmp_path.iterdir())
