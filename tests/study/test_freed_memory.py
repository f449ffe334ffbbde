"""A worker keeps freed memory, where the C library can be told to."""

import ctypes
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from iml_general.study import engine
from iml_general.study.plan.keys import check_plan
from iml_general.study.plan.resolve import resolve
from iml_general.study.storage.place import Place
from iml_general.study.work.freed_memory import keep_freed_memory

PAGES = """
import resource
import numpy as np

def fetched():
    for _ in range(20):
        kept = [np.ones(2**17) for _ in range(16)]  # 1 MB each
        del kept
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

first = fetched()
print(fetched() - first)
"""
SMALL = dict.fromkeys(("undefined", "new_conflict", "unseen"), 8)
KEEP = f"from {keep_freed_memory.__module__} import keep_freed_memory as keep\nkeep()\n"


def pages_fetched(before: str) -> int:
    """How often the system is asked for a page when 16 MB are taken and freed 20 times once more."""
    usual = {name: value for name, value in os.environ.items() if not name.startswith(("MALLOC_", "GLIBC_"))}
    command = [sys.executable, "-c", before + PAGES]
    return int(subprocess.run(command, capture_output=True, text=True, check=True, env=usual).stdout)


GLIBC = pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallopt"), reason="a setting of glibc's")


@GLIBC
def test_memory_that_was_freed_is_not_asked_for_again() -> None:
    assert pages_fetched(KEEP) < pages_fetched("") / 10


@GLIBC
def test_a_worker_does_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("MALLOC_", "GLIBC_"))]:
        monkeypatch.delenv(name)
    learner = f"{Path(__file__).with_name('frees.py')}:Frees"
    plan = check_plan({"name": "x", "seeds": 2, "protocol": SMALL, "learners": [{"name": learner}]}, "test")
    record = engine.run(resolve(plan), Place.of(tmp_path, None), "test", lambda *_: None)
    told = " ".join(record.failures["reason"])
    pages = [int(number) for number in re.findall(r"pages: (\d+)\.", told)]
    assert pages
    assert max(pages) < pages_fetched("") / 10
