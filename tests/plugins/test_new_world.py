"""`iml new world` writes a file that conforms as it is, and overwrites nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from iml_general.plugins import registry

if TYPE_CHECKING:
    from tests.conftest import Iml


def test_a_new_file_is_short_and_every_command_that_is_told_works_on_it(
    iml: Iml, iml_process: Iml, tmp_path: Path
) -> None:
    made = iml_process("new", "world", "my-world", cwd=tmp_path)
    assert (made.returncode, made.stderr) == (0, "")
    assert [path.name for path in tmp_path.iterdir()] == ["my_world.py"]
    assert len((tmp_path / "my_world.py").read_text().splitlines()) <= 40
    _, check, peek, run = (line.split()[1:] for line in made.stdout.splitlines())
    checked = iml(*check, cwd=tmp_path)
    assert checked.returncode == 0, checked.stdout
    shown = iml(*peek, cwd=tmp_path)
    assert "colour, taste, peel of fruit" in shown.stdout
    told = iml(*run, "--dry-run", cwd=tmp_path)
    assert told.returncode == 0, told.stderr
    assert "runs/quick-MyWorld" in told.stdout


def test_a_file_elsewhere_is_named_as_it_can_be_used(iml: Iml, tmp_path: Path) -> None:
    made = iml("new", "world", "fruit", "--out", "worlds/mine", cwd=tmp_path)
    assert "  iml check ./worlds/mine/fruit.py:Fruit" in made.stdout.splitlines()
    assert registry.world(f"{tmp_path}/worlds/mine/fruit.py:Fruit").name == "fruit"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("My_World", "is not lower-case words joined by hyphens, such as 'my-world'"),
        ("statements", "a world 'statements' is registered already"),
        ("taken", "'taken.py' exists, and nothing is overwritten"),
    ],
)
def test_names_that_can_not_be_used_are_refused(iml: Iml, tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "taken.py").write_text("kept")
    done = iml("new", "world", name, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert message in done.stderr
    assert [path.read_text() for path in tmp_path.iterdir()] == ["kept"]
