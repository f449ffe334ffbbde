"""Run as a script: takes a learner through both stages and notes how it behaves.

The first argument is a folder with ``task.pickle`` (of the process that started this one) and, to be
written, ``notes.pickle``. Nothing heavy is imported here: what is loaded is what the learner loads.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import os
import pickle
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from iml_general.learner import AnyLearner, Inputs, Rows

KEPT = 2
"""Threads that a library may keep: no need to wait for their end."""
COMPUTES = "tf_XLAEigen"
"""Name of the threads that share out XLA's products. It keeps others, which wait whatever it is offered."""
ENDING_S = 3.0
"""How long threads may take to end: some libraries tell theirs to, and don't wait for it."""


def main(folder: Path) -> None:
    """Carry out the task.

    Args:
        folder: Where the task lies, and where the notes go.
    """
    task = pickle.loads((folder / "task.pickle").read_bytes())
    notes: dict[str, Any] = {"error": "", "states": {}, "answers": {}}
    os.chdir(folder / "empty")
    with _streams_to(folder / "printed"):
        try:
            _import(*task["module"])
            learner, stage1, stage2, probes = pickle.loads(task["work"])
            # Loading libraries may print and start threads: that isn't the learner's doing.
            sys.stdout.flush()
            (folder / "printed").write_bytes(b"")
            before = threading.enumerate(), set(_threads())
            _work(learner, stage1, stage2, probes, task, notes)
            left = [thread for thread in threading.enumerate() if thread not in before[0]]
            notes["threads"] = [thread.name for thread in left]
            notes["n_library_threads"] = _n_threads_left({*before[1], *(thread.native_id for thread in left)})
        except Exception:
            notes["error"] = traceback.format_exc().strip().splitlines()[-1]
    notes["printed"] = (folder / "printed").read_text(errors="replace")
    notes["files"] = sorted(str(path.relative_to(folder / "empty")) for path in folder.glob("empty/**/*"))
    (folder / "notes.pickle").write_bytes(pickle.dumps(notes))


def _work(
    learner: AnyLearner[Any], stage1: Rows, stage2: Rows, probes: Inputs, task: Any, notes: dict[str, Any]
) -> None:
    def note(rule: str, state: Any) -> None:
        notes["answers"][rule] = learner.predict(state, probes)
        notes["states"][rule] = pickle.dumps(state)

    state = learner.fit(stage1, task["fit_seed"])
    note("", state)
    for rule in task["rules"]:
        changes: dict[str, Any] = {"rule": rule} if len(learner.info.rules) > 1 else {}
        updating = replace(learner, **changes)  # type: ignore[type-var]
        note(rule, updating.update(state, stage2, task["update_seed"]))


def _import(name: str, file: str) -> None:
    """Import a module by name or, if it is known by its file alone, from there under that name."""
    try:
        importlib.import_module(name)
    except ImportError:
        spec = importlib.util.spec_from_file_location(name, file)
        if spec is None or spec.loader is None:
            raise
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)


def _n_threads_left(known: set[int | None]) -> int:
    """Threads beyond those known, once those that were told to end have had the time to."""
    end = time.monotonic() + ENDING_S
    while (n := _n_others(known)) > KEPT and time.monotonic() < end:
        time.sleep(0.02)
    return n


def _n_others(known: set[int | None]) -> int:
    others = [name for number, name in _threads().items() if number not in known]
    return sum(COMPUTES in name for name in others) if "jaxlib" in sys.modules else len(others)


def _threads() -> dict[int, str]:
    """Names of all threads of this process, those of libraries too; none where the system does not tell."""
    found = {}
    for folder in Path("/proc/self/task").glob("*"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            found[int(folder.name)] = (folder / "comm").read_text()
    return found


@contextlib.contextmanager
def _streams_to(path: Path) -> Iterator[None]:
    """Send standard output and error to a file, also those of libraries that aren't written in Python."""
    kept = [os.dup(1), os.dup(2)]
    with path.open("ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
        try:
            yield
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            for number, old in zip((1, 2), kept, strict=True):
                os.dup2(old, number)
                os.close(old)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
