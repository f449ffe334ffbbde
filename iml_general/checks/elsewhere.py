"""Takes a learner through both stages in a process of its own, once for all checks that ask.

The process has another hash seed and an empty working directory, and its libraries take many threads
unless they are asked for one: what the learner then prints, writes and leaves running is its own doing.
"""

from __future__ import annotations

import importlib
import os
import pickle
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from iml_general.checks import other_process
from iml_general.checks.result import CheckFailedError
from iml_general.checks.subject import FIT_SEED, UPDATE_SEED, Subject
from iml_general.learner import Probabilities
from iml_general.plugins.threads import XLA_POOL

THREAD_LIMITS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", XLA_POOL)
N_THREADS = 8  # whatever the machine has: a pool is as large on every one


@dataclass(frozen=True, eq=False)
class Notes:
    """How a learner behaved in the other process.

    Attributes:
        answers: Probabilities by update rule, and under ``""`` after `fit`.
        states: Pickled states by the same keys.
        printed: All that went to standard output and standard error.
        files: Files written to the working directory.
        threads: Names of Python's threads that were left running.
        n_library_threads: Number of threads that were left running by anything else; 0 where the
            system does not tell.
    """

    answers: dict[str, Probabilities]
    states: dict[str, bytes]
    printed: str
    files: list[str]
    threads: list[str]
    n_library_threads: int


def notes_on(subject: Subject) -> Notes:
    """Take a learner through both stages in another process.

    Args:
        subject: The learner; under `retrain` alone it is only fitted.

    Returns:
        How it behaved.

    Raises:
        CheckFailedError: If the learner doesn't get there, or raises there.
    """
    expected = "a learner that pickles and whose module can be imported: studies use several processes"
    try:
        work = pickle.dumps((subject.learner, subject.stage1, subject.stage2, subject.probes))
    except Exception as error:  # whatever a class does when pickled
        raise CheckFailedError(f"pickle raised {type(error).__name__}: {error}", expected) from error
    module = type(subject.learner).__module__
    rules = tuple(rule for rule in subject.learner.info.rules if rule != "retrain")
    notes = _notes(module, rules, work)
    if notes["error"]:
        raise CheckFailedError(f"the other process raised {notes['error']}", expected)
    return Notes(**{name: notes[name] for name in Notes.__dataclass_fields__})


@lru_cache(maxsize=4)  # four checks ask for each learner, one after the other
def _notes(module: str, rules: tuple[str, ...], work: bytes) -> dict[str, Any]:
    file = getattr(importlib.import_module(module), "__file__", None) or ""
    task = {
        "module": (module, file),
        "work": work,
        "rules": rules,
        "fit_seed": FIT_SEED,
        "update_seed": UPDATE_SEED,
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "empty").mkdir()
        (folder / "task.pickle").write_bytes(pickle.dumps(task))
        # -P: a module beside the script must not hide another one of its name.
        command = [sys.executable, "-P", other_process.__file__, name]
        done = subprocess.run(command, env=_environment(), capture_output=True, text=True, check=False)
        if done.returncode != 0:
            last = (done.stderr.strip() or f"ended with exit code {done.returncode}").splitlines()[-1]
            return {"error": last}
        notes: dict[str, Any] = pickle.loads((folder / "notes.pickle").read_bytes())
        return notes


def _environment() -> dict[str, str]:
    """This process's environment, with another hash seed and many threads for whoever asks for no number."""
    hash_seed = "2" if os.environ.get("PYTHONHASHSEED") == "1" else "1"
    path = os.pathsep.join(entry for entry in sys.path if entry)
    limits = dict.fromkeys(THREAD_LIMITS, str(N_THREADS))
    return {**os.environ, **limits, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": path}
