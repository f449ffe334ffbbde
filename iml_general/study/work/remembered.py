"""What a process remembers of earlier tasks is not held against the one that it begins.

Drawn and encoded episodes of some dozens of seeds are remembered for the next learner that needs them. Of a
large world those of a few seeds are more than a task may take, and its supervisor would end it. Programs that
JAX has compiled are remembered too: a small transformer's takes 17 MB, and a search has one for every shape.
"""

from __future__ import annotations

import sys

import psutil

from iml_general.measuring.encoded import encode_episodes
from iml_general.protocol.conditions import episodes_of
from iml_general.protocol.drawing import draw
from iml_general.protocol.facts_first import facts

SHARE = 0.25
"""Share of the memory that a task may take with which a process may begin it: the rest is left to the task.
In a world so large, drawing and encoding anew is a small part of what a task takes."""


def forget() -> None:
    """Let go of all of it; whoever needs an episode draws it again, and gets the same rows."""
    for remembered in (encode_episodes, episodes_of, facts, draw):
        remembered.cache_clear()
    if jax := sys.modules.get("jax"):
        jax.clear_caches()


def forget_if_large(limit_mb: float) -> None:
    """Let go of all of it, if this process has become large.

    Args:
        limit_mb: Resident memory that a task may take, in MB.
    """
    if psutil.Process().memory_info().rss / 2**20 > SHARE * limit_mb:
        forget()
