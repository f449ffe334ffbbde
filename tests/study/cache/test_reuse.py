"""What comes out of a cache is what went in; whatever is wrong with it costs time, never a run."""

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from iml_general.errors import LearnerError
from iml_general.study.cache.folder import CacheFolder, cache_folder
from iml_general.study.cache.reuse import Found, Reuse
from iml_general.study.plan.keys import check_plan
from iml_general.study.plan.resolve import Study, resolve

TOYS = str(Path(__file__).parents[2] / "plugins" / "toys.py")
SMALL = {
    **dict.fromkeys(("undefined", "new_conflict", "unseen"), 8),
    "sources": {
        "reliable": {"stage1": 8, "stage2": 8},
        "unreliable": {"stage1": 8, "stage2": 8},
        "neutral": {"stage2": 8},
    },
}


def planned(learner: str = "naive-bayes") -> Study:
    plan = {"name": "x", "seeds": 2, "protocol": SMALL, "learners": [{"name": learner}]}
    return resolve(check_plan(plan, "test"))


STUDY = planned()


@pytest.fixture
def folder(tmp_path: Path) -> CacheFolder:
    return CacheFolder(tmp_path / "cache")


def found(folder: CacheFolder | None, told: list[str] | None = None, unit: int = 0) -> Found:
    reuse = Reuse(STUDY, folder, time.time(), (told if told is not None else []).append)
    units = [one for one in STUDY.units if one.who.name == "naive-bayes"]
    who = units[unit].who
    return reuse.scores(who, units[unit].seeds, STUDY.conditions, ["influence"])


def test_rows_competence_and_costs_come_back_to_the_last_digit_and_in_order(folder: CacheFolder) -> None:
    first, again, anew = found(folder), found(folder), found(None)
    assert (first.is_reused, again.is_reused, anew.is_reused) == (False, True, False)
    assert again.measurement.scores == first.measurement.scores == anew.measurement.scores
    assert [list(row) for row in again.measurement.scores] == [list(row) for row in anew.measurement.scores]
    assert again.measurement.competence == anew.measurement.competence
    assert again.measurement.costs == first.measurement.costs
    assert again.entry.began == first.entry.began


def test_competence_alone_is_kept_apart_from_rows(folder: CacheFolder) -> None:
    reuse = Reuse(STUDY, folder, time.time(), lambda text: None)
    who, seeds = STUDY.entrants[0], STUDY.units[0].seeds
    first = reuse.competences(who, seeds, STUDY.conditions[0])
    again = reuse.competences(who, seeds, STUDY.conditions[0])
    assert again.is_reused
    assert again.entry.competences == first.entry.competences
    assert not reuse.has(who, seeds, STUDY.conditions[:1], [])


def test_a_failure_is_never_kept(folder: CacheFolder) -> None:
    study = planned(f"{Path(__file__).parent / 'fails.py'}:Fails")
    told: list[str] = []
    reuse = Reuse(study, folder, time.time(), told.append)
    for _ in range(2):
        with pytest.raises(LearnerError, match="on purpose"):
            reuse.scores(study.entrants[0], study.units[0].seeds, study.conditions)
    assert list(folder.entries()) == []
    assert told == []


def test_a_learner_whose_code_can_not_be_followed_is_measured_each_time_and_that_is_said(
    folder: CacheFolder,
) -> None:
    study, told = planned(f"{TOYS}:Memory"), list[str]()
    reuse = Reuse(study, folder, time.time(), told.append)
    for _ in range(2):
        assert not reuse.scores(study.entrants[0], study.units[0].seeds, study.conditions).is_reused
    assert list(folder.entries()) == []
    assert "is neither kept in the cache nor reused: toys.py may read what can't be followed" in told[0]


@pytest.mark.parametrize("damage", ["cut short", "one bit", "empty", "of another unit", "no file"])
def test_an_entry_that_is_not_what_it_should_be_is_measured_anew_and_mended(
    folder: CacheFolder, damage: str
) -> None:
    first = found(folder)
    (file,) = folder.entries()
    content = file.read_bytes()
    if damage == "of another unit":
        found(folder, unit=1)
        (other,) = (path for path in folder.entries() if path != file)
        shutil.copy(other, file)
    elif damage == "no file":
        file.unlink()
        file.mkdir()
    else:
        middle = len(content) // 2
        flipped = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
        file.write_bytes({"cut short": content[:-1], "one bit": flipped, "empty": b""}[damage])
    told: list[str] = []
    anew = found(folder, told)
    assert not anew.is_reused
    assert anew.measurement.scores == first.measurement.scores
    assert f"cache entry {str(file)!r} can't be used (" in told[0]
    assert "measured anew" in told[0]
    if damage != "no file":
        assert len(told) == 1
        assert found(folder).is_reused


@contextmanager
def as_somebody_else() -> Iterator[None]:
    """Without the rights of root, who may write everywhere; others have none to lose."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_folder_that_can_only_be_read_is_read(folder: CacheFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    found(folder)
    for one in (folder.path.parent, *folder.path.parent.parents):  # pytest keeps its folders to itself
        if one.stat().st_uid == os.getuid() and one != Path("/"):
            one.chmod(one.stat().st_mode | 0o055)
    for one in [folder.path, *folder.path.rglob("*")]:
        one.chmod(0o555 if one.is_dir() else 0o444)
    told: list[str] = []
    with as_somebody_else():
        assert found(folder, told).is_reused
        assert not found(folder, told, unit=1).is_reused
    assert told == [
        f"the cache {str(folder.path)!r} can't be written (Permission denied):"
        " what is measured is not kept there"
    ]


def test_a_disk_that_is_full_costs_the_entry_and_nothing_else(folder: CacheFolder) -> None:
    told: list[str] = []
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, before[1]))
    try:
        first = found(folder, told)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert first.measurement.scores
    assert "can't be written (File too large)" in told[0]
    assert [path for path in folder.path.rglob("*") if path.is_file()] == []


def test_whoever_is_killed_while_it_writes_leaves_no_entry_or_a_whole_one(folder: CacheFolder) -> None:
    program = (
        "import sys; from pathlib import Path; from iml_general.study.cache.folder import CacheFolder\n"
        "folder = CacheFolder(Path(sys.argv[1]))\n"
        "print('begins', flush=True)\n"
        "for n in range(1000): folder.write(f'{n:064x}', b'x' * 50_000_000)"
    )
    child = subprocess.Popen([sys.executable, "-c", program, str(folder.path)], stdout=subprocess.PIPE)
    assert child.stdout is not None
    child.stdout.readline()
    while not list(folder.unfinished()):
        assert child.poll() is None
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    assert all(path.stat().st_size == 50_000_000 for path in folder.entries())
    assert len(list(folder.unfinished())) <= 1


def test_many_may_write_one_entry_at_once(folder: CacheFolder) -> None:
    program = (
        "import sys; from pathlib import Path; from iml_general.study.cache.folder import CacheFolder\n"
        "folder = CacheFolder(Path(sys.argv[1]))\n"
        "for _ in range(50):\n"
        "    folder.write('0' * 64, sys.argv[2].encode() * 10_000)\n"
        "    assert len(set(folder.read('0' * 64))) == 1"
    )
    children = [subprocess.Popen([sys.executable, "-c", program, str(folder.path), x]) for x in "ab"]
    assert [child.wait() for child in children] == [0, 0]


def test_others_may_read_what_the_users_mask_lets_them(folder: CacheFolder) -> None:
    before = os.umask(0o002)
    try:
        folder.write("0" * 64, b"x")
    finally:
        os.umask(before)
    assert folder.file("0" * 64).stat().st_mode & 0o777 == 0o664


@pytest.mark.parametrize(
    ("given", "variable", "expected"),
    [
        (None, None, "home/.cache/iml_general"),
        (None, "shared", "shared"),
        ("own", "shared", "own"),
        ("on", "shared", "home/.cache/iml_general"),
        ("off", "shared", None),
        (None, "off", None),
        ("~/here", None, "home/here"),
    ],
)
def test_the_folder_is_the_one_that_was_said(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    given: str | None,
    variable: str | None,
    expected: str | None,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.delenv("IML_CACHE") if variable is None else monkeypatch.setenv("IML_CACHE", variable)
    wanted = None if expected is None else CacheFolder(tmp_path / expected)
    assert cache_folder(given) == wanted


def test_the_xdg_variable_moves_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder("on") == CacheFolder(tmp_path / "iml_general")


def test_a_preregistered_run_measures_anew_unless_a_cache_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IML_CACHE", str(tmp_path))
    assert cache_folder(None) == CacheFolder(tmp_path)
    assert cache_folder(None, is_preregistered=True) is None
    assert cache_folder(str(tmp_path), is_preregistered=True) == CacheFolder(tmp_path)
