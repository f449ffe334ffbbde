"""`iml new learner` writes a package that conforms as it is, and overwrites nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from iml_general.checks import conforms, run_checks
from iml_general.learner import Learner
from iml_general.plugins.registry import learner as registered
from iml_general.regressor import Regressor

if TYPE_CHECKING:
    from tests.conftest import Iml


def run(*command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(cwd / "my-learner"), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONPATH": path}
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_new_package_passes_iml_check_and_its_own_tests_untouched(tmp_path: Path) -> None:
    made = run("iml_general.cli", "new", "learner", "my-learner", cwd=tmp_path)
    assert (made.returncode, made.stderr) == (0, "")
    folder = tmp_path / "my-learner"
    assert sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()) == [
        "README.md",
        "my_learner/__init__.py",
        "my_learner/learner.py",
        "pyproject.toml",
        "tests/test_my_learner.py",
    ]
    command = next(line for line in made.stdout.splitlines() if line.strip().startswith("iml check"))
    checked = run("iml_general.cli", *command.split()[1:], cwd=tmp_path)
    assert checked.returncode == 0, checked.stdout
    tested = run("pytest", "-q", "-W", "error", "-p", "no:cacheprovider", "my-learner", cwd=tmp_path)
    assert tested.returncode == 0, tested.stdout
    assert "failed" not in tested.stdout


def test_a_new_regressor_conforms_and_its_readme_names_the_study_of_numbers(iml: Iml, tmp_path: Path) -> None:
    made = iml("new", "regressor", "my-regressor", cwd=tmp_path)
    assert made.stderr == ""
    assert "a package with a regressor that conforms" in made.stdout
    assert "iml run numbers --learner my-regressor" in made.stdout
    folder = tmp_path / "my-regressor"
    file = folder / "my_regressor" / "learner.py"
    assert f"iml check {file.relative_to(tmp_path)}:MyRegressor" in made.stdout
    loaded = registered(f"{file}:MyRegressor")
    assert issubclass(loaded, Regressor)
    results = run_checks(loaded)
    assert conforms(results), [result.message for result in results if result.outcome == "fail"]
    written = [path.read_text() for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    assert "$" not in "".join(written)
    readme = (folder / "README.md").read_text()
    assert readme.count("iml run numbers --learner") == 2
    assert "quick" not in readme


def test_its_entry_point_names_its_learner(iml: Iml, tmp_path: Path) -> None:
    iml("new", "learner", "my-learner", "--out", "plugins", cwd=tmp_path)
    folder = tmp_path / "plugins" / "my-learner"
    project = tomllib.loads((folder / "pyproject.toml").read_text())["project"]
    (name, target), *others = project["entry-points"]["iml_general.learners"].items()
    assert not others
    module, cls = target.split(":")
    loaded = registered(f"{folder / module.replace('.', '/')}.py:{cls}")
    assert issubclass(loaded, Learner)
    assert loaded.info.name == name == project["name"] == "my-learner"
    assert "$" not in "".join(path.read_text() for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("My_Learner", "is not lower-case words joined by hyphens"),
        ("lightgbm", "a learner 'lightgbm' is registered already"),
        ("json", "there is a module 'json' already"),
        ("taken", "exists, and nothing is overwritten"),
    ],
)
def test_names_that_can_not_be_used_are_refused(iml: Iml, tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "mine.txt").write_text("kept")
    done = iml("new", "learner", name, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert message in done.stderr
    assert [path.name for path in tmp_path.rglob("*")] == ["taken", "mine.txt"]
