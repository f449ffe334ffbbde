"""How often Python looks for objects that hold each other, in the processes that are ours."""

from __future__ import annotations

import atexit
import gc

ALLOCATIONS = 10_000
"""Objects that are made between two looks at the youngest ones, in place of Python's 700. The libraries of
all learners make so many when they are loaded that looking took a seventh of the time."""


def collect_seldom() -> None:
    """Look seldom from now on, and not at all when the process ends.

    At the end Python looks at whatever the libraries have made once more, which takes most of a second. Who
    calls `iml_general` from a program or notebook has a collector of his own; nothing is changed there.
    """
    gc.set_threshold(ALLOCATIONS)
    atexit.register(gc.freeze)
