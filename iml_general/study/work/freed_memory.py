"""A worker keeps the memory that a learner frees for what comes next.

As Linux starts a process, its C library (glibc) gives freed memory back and takes larger blocks from the
system anew each time: small learners then wait for pages as long as they compute. In the process of somebody
who calls `iml_general.measuring.measure.measure` nothing of this is changed.
"""

from __future__ import annotations

import ctypes

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # malloc.h

SETTINGS = {M_MMAP_THRESHOLD: 2**25, M_TRIM_THRESHOLD: 2**26}
"""What glibc is told, in bytes (mallopt(3)): from which size on a block is the system's own, which gets it
back when it is freed; and how much may be free at the end of the heap before the system gets that back. They
are the largest values to which glibc raises its own where a program frees ever larger blocks, so no more is
kept than it might keep anyway."""


def keep_freed_memory() -> None:
    """Have this process keep freed memory; does nothing where the C library has no such settings."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        for parameter, value in SETTINGS.items():
            mallopt(parameter, value)
