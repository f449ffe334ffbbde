"""A worker keeps freed memory, where the C library can be told to."""

import ctypes
import os
import subprocess
import sys

import pytest

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
KEEP = f"from {keep_freed_memory.__module__} import keep_freed_memory as keep\nkeep()\n"


def pages_fetched(before: str) -> int:
    """How often the system is asked for a page when 16 MB are taken and freed 20 times once more."""
    usual = {name: value for name, value in os.environ.items() if not name.startswith(("MALLOC_", "GLIBC_"))}
    command = [sys.executable, "-c", before + PAGES]
    return int(subprocess.run(command, capture_output=True, text=True, check=True, env=usual).stdout)


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallopt"), reason="a setting of glibc's")
def test_memory_that_was_freed_is_not_asked_for_again() -> None:
    assert pages_fetched(KEEP) < pages_fetched("") / 10
