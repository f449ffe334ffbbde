"""A key takes in all that rows depend on: with another of these, what was kept is not found."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from iml_general.plugins import registry
from iml_general.study.cache import libraries, machine
from iml_general.study.cache.closure import Root, closure_of
from iml_general.study.cache.files import CantTellError
from iml_general.study.cache.key import MEASURING, Key, Keys
from iml_general.study.plan.keys import check_plan
from iml_general.study.plan.resolve import Study, resolve

SMALL: dict[str, Any] = {
    **dict.fromkeys(("undefined", "new_conflict", "unseen"), 8),
    "sources": {
        "reliable": {"stage1": 8, "stage2": 8},
        "unreliable": {"stage1": 8, "stage2": 8},
        "neutral": {"stage2": 8},
    },
}
BAYES = {"name": "naive-bayes"}
LEARNER = """
from dataclasses import dataclass
from typing import ClassVar
from iml_general.learner import LearnerInfo
from learners.classical.bayes import NaiveBayes
{imports}

@dataclass(frozen=True)
class Mine(NaiveBayes):
    info: ClassVar = LearnerInfo("mine", "toys", "A toy.", "vectors", ("continue", "retrain"))

@dataclass(frozen=True)
class Other(NaiveBayes):
    info: ClassVar = LearnerInfo("mine", "toys", "A toy.", "vectors", ("continue", "retrain"))

def unused():
    {body}
"""
CONDITION = """
from iml_general.protocol.condition import Condition
NAMED = Condition("named", "named", "A condition.", "shuffled", lambda drawn: ({stages}))
"""


def planned(learner: Mapping[str, Any] = BAYES, **values: Any) -> Study:
    plan = {"name": "x", "seeds": 2, "protocol": SMALL, "learners": [dict(learner)], **values}
    return resolve(check_plan(plan, "test"))


def key(learner: Mapping[str, Any] = BAYES, since: float | None = None, **values: Any) -> Key:
    """The key of the first unit of the plan's learner, as a process finds it that has just begun."""
    closure_of.cache_clear()
    study = planned(learner, **values)
    unit = next(unit for unit in study.units if unit.who.name == learner["name"])
    keys = Keys(study, time.time() + 1 if since is None else since)
    return keys.of("scores", unit.who, unit.seeds, study.conditions, study.plan["readings"])


def mine(folder: Path, imports: str = "", body: str = "pass", name: str = "mine.py") -> dict[str, Any]:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(LEARNER.format(imports=imports, body=body))
    return {"name": f"{folder / name}:Mine"}


def test_what_changes_no_row_is_not_in_the_key() -> None:
    others = {
        "name": "another",
        "seeds": 3,
        "levels": ["default", "tuned"],
        "search": {"trials": 3},
        "limits": {"seconds": 9.0},
        "verdict": {"sesoi": 0.1},
    }
    study = planned(learners=[{"name": "chance", "levels": ["default"]}, BAYES], **others)
    unit = next(unit for unit in study.units if unit.who.name == "naive-bayes")
    again = Keys(study, time.time()).of("scores", unit.who, unit.seeds, study.conditions, [])
    assert again.digest == key().digest


def test_the_order_of_sources_counts_since_their_tags_are_dealt_out_in_it() -> None:
    more = {"first": {"stage1": 4, "stage2": 4}, "second": {"stage1": 4, "stage2": 4}}
    backwards = dict(reversed(more.items()))
    both = [{**SMALL, "sources": {**SMALL["sources"], **one}} for one in (more, backwards)]
    assert key(protocol=both[0]).digest != key(protocol=both[1]).digest


@pytest.mark.parametrize(
    "change",
    [
        {"learner": {**BAYES, "options": {"var_smoothing": 1e-3}}},
        {"learner": {**BAYES, "rules": ["retrain"]}},
        {"learner": {**BAYES, "encoding": {"alias_width": 33}}},
        {"learner": {"name": "nearest-neighbors"}},
        {"encoding": {"seed": 1}},
        {"root_seed": 1},
        {"protocol": {**SMALL, "unseen": 9}},
        {"world": {"options": {"n_answers": 3}}},
        {"conditions": ["informative", "shuffled"]},
        {"readings": ["influence"]},
    ],
    ids=str,
)
def test_whatever_rows_depend_on_is_in_the_key(change: dict[str, Any]) -> None:
    assert key(**change).digest != key().digest


def test_seeds_that_are_measured_together_are_one_key() -> None:
    study = planned({"name": "naive-bayes"}, seeds=3)
    units = [unit for unit in study.units if unit.who.name == "naive-bayes"]
    keys = Keys(study, time.time())
    blocks = [units[0].seeds, units[1].seeds, units[0].seeds + units[1].seeds]
    found = {keys.of("scores", units[0].who, seeds, study.conditions, []).digest for seeds in blocks}
    assert len(found) == 3


def test_a_plugin_that_was_edited_is_another(tmp_path: Path) -> None:
    before = key(mine(tmp_path))
    assert key(mine(tmp_path / "elsewhere")).digest == before.digest  # where it lies is of no account
    assert key(mine(tmp_path, body="return 1")).digest != before.digest


def test_so_is_one_of_which_a_module_that_it_imports_was_edited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "deep_helper.py").write_text("SIZE = 1\n")
    (tmp_path / "helper_of_mine.py").write_text(
        "def size():\n    from deep_helper import SIZE\n    return SIZE\n"
    )
    learner = mine(tmp_path, imports="import helper_of_mine")
    before = key(learner)
    (tmp_path / "deep_helper.py").write_text("SIZE = 2\n")
    assert key(learner).digest != before.digest


def test_data_beside_a_packages_code_count_and_its_other_modules_do_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    package = tmp_path / "lab_of_mine"
    mine(package)
    (package / "__init__.py").touch()
    (package / "weights.bin").write_bytes(b"1")
    learner = {"name": "lab_of_mine.mine:Mine"}
    before = key(learner)
    (package / "another_learner.py").write_text("X = 1\n")
    assert key(learner).digest == before.digest
    (package / "weights.bin").write_bytes(b"2")
    assert key(learner).digest != before.digest


def test_classes_and_pipelines_of_one_file_are_told_apart(tmp_path: Path) -> None:
    place = mine(tmp_path)["name"].removesuffix("Mine")
    assert key({"name": f"{place}Mine"}).digest != key({"name": f"{place}Other"}).digest
    pipeline = "make_pipeline(SelectKBest({}), GaussianNB())"
    file = tmp_path / "pipelines.py"
    file.write_text(
        "from sklearn.feature_selection import SelectKBest, chi2, f_classif\n"
        "from sklearn.naive_bayes import GaussianNB\nfrom sklearn.pipeline import make_pipeline\n"
        f"A = {pipeline.format('chi2')}\nB = {pipeline.format('f_classif')}\n"
    )
    of_a = key({"name": f"{file}:A"})
    assert of_a.digest != key({"name": f"{file}:B"}).digest
    file.write_text(
        file.read_text().replace("A = ", "A = B = ").replace("SelectKBest(chi2)", "SelectKBest()")
    )
    assert key({"name": f"{file}:A"}).digest != of_a.digest


def test_files_of_one_name_are_two_files(tmp_path: Path) -> None:
    (tmp_path / "conditions").mkdir()
    conditions = tmp_path / "conditions" / "mine.py"
    conditions.write_text(CONDITION.format(stages="drawn.stage1, drawn.stage2"))
    learner, names = mine(tmp_path), [f"{conditions}:NAMED", "shuffled"]
    before = key(learner, conditions=names)
    assert sum(path.name == "mine.py" for path in before.files) == 2
    mine(tmp_path, body="return 1")
    assert key(learner, conditions=names).digest != before.digest


def test_a_condition_that_was_edited_is_another(tmp_path: Path) -> None:
    file = tmp_path / "conditions.py"
    file.write_text(CONDITION.format(stages="drawn.stage1, drawn.stage2"))
    names = [f"{file}:NAMED", "shuffled"]
    before = key(conditions=names)
    file.write_text(CONDITION.format(stages="drawn.stage1, drawn.stage2,"))
    assert key(conditions=names).digest != before.digest


def test_a_table_counts_by_its_content_whatever_its_date_says(tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    rows = [f"{name},{name % 3},{name % 4}" for name in range(80)]
    world = {"name": "table", "options": {"path": str(table)}}
    table.write_text("\n".join(["name,a,b", *rows]))
    status = table.stat()
    before = key(world=world)
    table.write_text("\n".join(["name,a,b", *rows[:-1], "79,0,3"]))
    os.utime(table, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert table.stat().st_size == status.st_size
    assert key(world=world).digest != before.digest


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A library, as a package manager installs one; its learner imports it."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "toy_library", raising=False)
    facts = tmp_path / "toy_library-1.0.dist-info"
    for folder in (facts, tmp_path / "toy_library"):
        folder.mkdir()
    (tmp_path / "toy_library" / "__init__.py").write_text("X = 1\n")
    (facts / "RECORD").write_text("toy_library/__init__.py,,\n")
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: toy-library\nVersion: 1.0\n")
    return facts


def key_with_library(folder: Path) -> Key:
    libraries._claims.cache_clear()
    libraries.versions_of.cache_clear()
    return key(mine(folder, imports="import toy_library"))


def test_another_version_of_a_library_is_another_key(library: Path) -> None:
    before = key_with_library(library.parent)
    assert before.parts["libraries"]["toy-library"] == "1.0"
    (library / "METADATA").write_text("Metadata-Version: 2.1\nName: toy-library\nVersion: 1.1\n")
    assert key_with_library(library.parent).digest != before.digest


def test_a_library_that_was_installed_from_a_folder_counts_by_its_files(library: Path) -> None:
    (library / "direct_url.json").write_text('{"url": "file:///somewhere", "dir_info": {}}')
    before = key_with_library(library.parent)
    assert "toy-library" not in before.parts["libraries"]
    (library.parent / "toy_library" / "__init__.py").write_text("X = 2\n")
    assert key_with_library(library.parent).digest != before.digest


def test_another_kind_of_machine_is_another_key(monkeypatch: pytest.MonkeyPatch) -> None:
    before = key()
    monkeypatch.setenv("OPENBLAS_CORETYPE", "another")
    by_variable = key()
    monkeypatch.undo()
    found = [by_variable]
    for name, other in (("_processor", lambda: "another"), ("_graphics", lambda: ["another"])):
        with monkeypatch.context() as changed:
            changed.setattr(machine, name, other)
            machine._hardware.cache_clear()
            found.append(key())
    machine._hardware.cache_clear()
    assert key().digest == before.digest
    assert len({one.digest for one in (before, *found)}) == 4


@pytest.mark.parametrize(
    ("imports", "body", "told"),
    [
        ("", "open('weights')", "uses 'open'"),
        ("import os", "return os.environ['HOME']", "uses 'environ'"),
        ("from os import getenv as get", "pass", "imports 'os.getenv'"),
        ("import numpy as np", "return np.load('weights.npy')", "uses 'load'"),
        ("from importlib import import_module", "pass", "imports 'importlib.import_module'"),
        ("import subprocess", "pass", "imports 'subprocess'"),
        ("", "return __import__('x')", "uses '__import__'"),
        ("", "return 'weights.txt'", "names the file 'weights.txt'"),
    ],
)
def test_code_that_may_read_what_can_not_be_followed_has_no_key(
    tmp_path: Path, imports: str, body: str, told: str
) -> None:
    (tmp_path / "weights.txt").touch()
    with pytest.raises(CantTellError, match=f"mine.py may read what can't be followed .*{told}"):
        key(mine(tmp_path, imports=imports, body=body))


def test_what_only_type_checkers_import_does_not_count(tmp_path: Path) -> None:
    imports = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import subprocess"
    assert key(mine(tmp_path, imports=imports))


def test_a_file_that_was_changed_since_the_process_began_has_no_key(tmp_path: Path) -> None:
    learner = mine(tmp_path)
    study = planned(learner)
    unit = study.units[0]
    keys = Keys(study, time.time() + 1)
    found = keys.of("scores", unit.who, unit.seeds, study.conditions, [])
    assert keys.still_holds(found)
    mine(tmp_path, body="return 1")
    assert not keys.still_holds(found)
    with pytest.raises(CantTellError, match=r"mine\.py' has changed since this process began"):
        keys.of("scores", unit.who, unit.seeds, study.conditions, [])
    with pytest.raises(CantTellError, match=r"mine\.py' has changed since this process began"):
        key(learner, since=time.time() - 60)


def test_no_module_that_measuring_loads_is_left_out() -> None:
    program = (
        "import sys, iml_general.measuring.measure\n"
        "files = [m.__file__ for n, m in sys.modules.items() if n.split('.')[0] == 'iml_general']\n"
        "print(*files, sep='\\n')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    followed = {str(path) for _, path in closure_of((Root(MEASURING),)).files}
    assert set(done.stdout.split()) <= followed
    assert not any("/study/" in path or "/report/" in path for path in followed)


def test_every_registered_learner_can_be_kept() -> None:
    for name in registry.registered("learners"):
        place = registry.target("learners", name).partition(":")[0]
        if place.startswith("learners."):
            tells = "files" in vars(registry.learner(name))
            assert closure_of((Root(MEASURING), Root(place, tells_files=tells))).files


def test_the_files_that_a_learner_tells_are_in_its_key(tmp_path: Path) -> None:
    for name in ("config.json", "tokenizer.json", "model.safetensors"):
        (tmp_path / name).write_text("one")
    learner = {"name": "causal-lm", "options": {"checkpoint": str(tmp_path)}}
    before = key(learner)
    assert {tmp_path / "config.json", tmp_path / "model.safetensors"} < set(before.files)
    assert key(learner).digest == before.digest
    (tmp_path / "model.safetensors").write_text("another")
    assert key(learner).digest != before.digest


def test_a_learner_of_ones_own_that_reads_files_is_kept_if_it_tells_them(tmp_path: Path) -> None:
    reads = "return open('weights')"
    learner = mine(tmp_path, imports="from pathlib import Path", body=reads)
    with pytest.raises(CantTellError, match="uses 'open'"):
        key(learner)
    weights, file = tmp_path / "weights", tmp_path / "mine.py"
    method = f"    def files(self):\n        return (Path({str(weights)!r}),)\n"
    other = "@dataclass(frozen=True)\nclass Other"
    file.write_text(file.read_text().replace(other, f"{method}\n{other}"))
    weights.write_text("one")
    before = key(learner)
    weights.write_text("another")
    assert key(learner).digest != before.digest
