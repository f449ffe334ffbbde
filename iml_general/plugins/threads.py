"""One thread for whatever libraries a learner computes with."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

POOLS = ("scipy.linalg", "sklearn", "torch", "xgboost")
"""Modules that bring pools of threads of their own."""


@contextmanager
def one_thread() -> Iterator[None]:
    """Pin BLAS, OpenMP and torch to one thread and restore their own numbers afterwards.

    Studies run in parallel across jobs, and sums split over threads are not exactly reproducible. As a
    decorator or in a ``with`` statement; a library that is not loaded yet is not loaded by this.
    """
    torch = sys.modules.get("torch")
    before = torch.get_num_threads() if torch else 0
    with _controller(tuple(name for name in POOLS if name in sys.modules)).limit(limits=1):
        try:
            if torch:  # it counts its threads itself, whatever OpenMP is told
                torch.set_num_threads(1)
            yield
        finally:
            if torch:
                torch.set_num_threads(before)


@lru_cache(maxsize=8)
def _controller(loaded: tuple[str, ...]) -> Any:
    """Find the pools of the libraries that are loaded: it takes 10 ms, so do it once for each of them."""
    del loaded
    import threadpoolctl

    return threadpoolctl.ThreadpoolController()
