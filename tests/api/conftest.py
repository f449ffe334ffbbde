"""Small studies, run once for all tests that only look at what was found."""

from pathlib import Path

import pytest
from sklearn.tree import DecisionTreeClassifier

import iml_general as iml

SMALL = {
    "protocol.sources.reliable": {"stage1": 8, "stage2": 8},
    "protocol.sources.unreliable": {"stage1": 8, "stage2": 8},
    "protocol.sources.neutral": {"stage2": 8},
    **dict.fromkeys(("protocol.undefined", "protocol.new_conflict", "protocol.unseen"), 8),
}
LEARNERS = ["nearest-neighbors", "naive-bayes", DecisionTreeClassifier(max_depth=4)]


@pytest.fixture(scope="session")
def small() -> dict[str, object]:
    """Settings of groups so small that a run takes no time."""
    return dict(SMALL)


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished run of cheap learners, of which one is scikit-learn's."""
    folder = tmp_path_factory.mktemp("api") / "run"
    study = iml.Study("quick", learners=LEARNERS, seeds=3, settings=SMALL, folder=folder)
    study.run(workers=1, progress=False)
    return folder


@pytest.fixture(scope="session")
def result(run_folder: Path) -> iml.Result:
    """What was found there."""
    return iml.open_run(run_folder)


@pytest.fixture(scope="session")
def learners() -> list[object]:
    """The learners of that run, as it was given them."""
    return list(LEARNERS)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that is the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path
