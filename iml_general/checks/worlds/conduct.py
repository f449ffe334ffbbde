"""Claims about how a world behaves in a process: it is light, says what it asks, and does nothing else.

It is imported and drawn from in a process of its own, in an empty working directory.
"""

from __future__ import annotations

import importlib.util
import inspect
import json
import os
import subprocess
import sys
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any

from iml_general.checks.result import CheckFailedError, CheckSkippedError, require
from iml_general.checks.worlds import other_process
from iml_general.checks.worlds.other_process import digest
from iml_general.checks.worlds.subject import WorldSubject
from iml_general.options import options_of
from iml_general.plugins.loading import file_of

SEED = 5
HASH_SEEDS = ("1", "2")
"""Of the other processes: by two it does not hang on this process's own whether a world is found out."""


def says_what_it_asks(subject: WorldSubject) -> str:
    """`describe` gives a line or more, none of them empty."""
    told = subject.source.describe()
    lines = told.split("\n")
    right = all(line.strip() for line in lines)
    require(right, f"describe() gave {told!r:.80}", "a line or more, none of them empty")
    return lines[0]


def same_world_elsewhere(subject: WorldSubject) -> None:
    """The same generator gives the same world in other processes with other hash seeds."""
    expected = "a class that another process can import: studies use several processes"
    here = digest(subject.draw(subject.n_aliases, SEED))
    for hash_seed in HASH_SEEDS:
        notes = _notes_on(subject, hash_seed)
        require(not notes["error"], f"the other process raised {notes['error']}", expected)
        require(notes["digest"] == here, "another world", "the same world, whatever PYTHONHASHSEED is")


def imports_nothing_heavy(subject: WorldSubject) -> None:
    """Importing it loads no library that takes a second: lists of what there is import every world."""
    heavy = _noted(subject)["heavy"]
    require(
        not heavy, f"importing it loads {', '.join(heavy)}", "heavy libraries imported where they are used"
    )


def prints_nothing(subject: WorldSubject) -> None:
    """Nothing goes to standard output or error; warnings would."""
    lines = _noted(subject)["printed"].strip().splitlines()
    require(not lines, f"{len(lines)} lines, the last: {lines[-1:]}", "nothing on either stream")


def writes_no_files(subject: WorldSubject) -> None:
    """Nothing is written to the working directory."""
    files = _noted(subject)["files"]
    require(not files, f"wrote {', '.join(files[:5])}", "no files in the working directory")


def files_are_there(subject: WorldSubject) -> None:
    """`files` names files that exist: a run records what is in them."""
    absent = [str(path) for path in subject.source.files() if not Path(path).is_file()]
    require(not absent, f"no such file: {', '.join(absent)}", "files that worlds are drawn from")


def _noted(subject: WorldSubject) -> dict[str, Any]:
    """What was noted; that it can't be drawn from there is another check's claim."""
    notes = _notes_on(subject)
    if notes["error"]:
        raise CheckSkippedError(f"it doesn't run in another process: {notes['error']}")
    return notes


def _notes_on(subject: WorldSubject, hash_seed: str = HASH_SEEDS[0]) -> dict[str, Any]:
    task = {
        "target": _target(type(subject.source)),
        "options": options_of(subject.source),
        "n_aliases": subject.n_aliases,
        "seed": SEED,
    }
    return _notes(json.dumps(task), os.getcwd(), hash_seed)


@lru_cache(maxsize=4)  # four checks ask for each world, one after the other
def _notes(task: str, here: str, hash_seed: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "empty").mkdir()
        (folder / "task.json").write_text(task, encoding="utf-8")
        # -P: a module beside the script must not hide another one of its name.
        command = [sys.executable, "-P", other_process.__file__, name]
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": _path(here)}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if not (folder / "notes.json").is_file():
            last = (done.stderr.strip() or f"ended with exit code {done.returncode}").splitlines()[-1]
            raise CheckFailedError(f"the other process: {last}", "a world that can be drawn from there")
        notes: dict[str, Any] = json.loads((folder / "notes.json").read_text(encoding="utf-8"))
        files = sorted(str(path.relative_to(folder / "empty")) for path in folder.glob("empty/**/*"))
        return {**notes, "printed": done.stdout + done.stderr, "files": files}


def _path(here: str) -> str:
    return os.pathsep.join(entry or here for entry in sys.path)


def _target(cls: type[Any]) -> str:
    """Where the class lies: its module if any process finds that, else its file."""
    module = cls.__module__.split(".")[0]
    is_found = not file_of(cls.__module__) and module != "__main__" and importlib.util.find_spec(module)
    where = cls.__module__ if is_found else str(Path(inspect.getfile(cls)).resolve())
    return f"{where}:{cls.__qualname__}"
