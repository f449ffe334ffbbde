"""The image's recipe installs what `make study` does, from files that are there."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
RECIPE = (ROOT / "Containerfile").read_text()
TORCH = re.compile(r"torch==([\d.]+)")


def test_all_that_is_copied_into_the_image_is_there() -> None:
    copied = [name for line in re.findall(r"^COPY (.+) \S+$", RECIPE, re.MULTILINE) for name in line.split()]
    assert {"pyproject.toml", "constraints-py311.txt", "iml_general", "learners", "studies"} <= set(copied)
    assert [name for name in copied if not (ROOT / name).exists()] == []


def test_the_image_has_the_libraries_of_make_study_and_the_driver_of_postgresql() -> None:
    study = (ROOT / "Makefile").read_text().partition(".venv/.runs: ")[2].partition(".venv/.tests")[0]
    assert TORCH.findall(RECIPE) == TORCH.findall(study) != []
    (extras,) = re.findall(r"'/src\[(.+)\]'", RECIPE)
    (of_study,) = re.findall(r"'\.\[(.+)\]'", study)
    assert set(extras.split(",")) == {*of_study.split(","), "postgresql"}
    known = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert set(extras.split(",")) <= set(known)


def test_stopping_a_container_interrupts() -> None:
    assert re.findall(r"^STOPSIGNAL (.+)$", RECIPE, re.MULTILINE) == ["SIGINT"]
    assert re.findall(r"^ENTRYPOINT (.+)$", RECIPE, re.MULTILINE) == ['["iml"]']
