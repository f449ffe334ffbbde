"""One thread for whatever libraries a learner computes with."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

POOLS = ("scipy.linalg", "sklearn", "torch", "xgboost")
"""Modules that bring pools of threads of their own."""

XLA_POOL = "PJRT_NPROC"
"""The environment's variable that says how many threads share out the products of XLA, so of JAX. It is read
once, when JAX first looks for devices, and nothing changes their number afterwards."""


@contextmanager
def one_thread() -> Iterator[None]:
    """Pin BLAS, OpenMP and torch to one thread and restore their own numbers afterwards.

    Studies run in parallel across jobs, and sums split over threads are not exactly reproducible. As a
    decorator or in a ``with`` statement; a library that is not loaded yet is not loaded by this. JAX has to
    look for devices in here for the first time.
    """
    torch = sys.modules.get("torch")
    before = torch.get_num_threads() if torch else 1
    pools = _pools(tuple(name for name in POOLS if name in sys.modules))
    # Pools that have one thread as it is are left alone: in a worker all of them.
    pinned = [(pool, n) for pool in pools if (n := pool.num_threads or 1) > 1]
    xla = os.environ.get(XLA_POOL)
    try:
        if xla != "1":
            os.environ[XLA_POOL] = "1"
        for pool, _ in pinned:
            pool.set_num_threads(1)
        if torch and before > 1:  # it counts its threads itself, whatever OpenMP is told
            torch.set_num_threads(1)
        yield
    finally:
        for pool, n in pinned:
            pool.set_num_threads(n)
        if torch and before > 1:
            torch.set_num_threads(before)
        if xla is None:
            os.environ.pop(XLA_POOL, None)
        elif xla != "1":
            os.environ[XLA_POOL] = xla


@lru_cache(maxsize=8)
def _pools(loaded: tuple[str, ...]) -> list[Any]:
    """Find the pools of the libraries that are loaded: it takes 10 ms, so do it once for each of them.

    They are asked one by one: a limit of threadpoolctl's own takes four times as long, as long as a small
    learner's matrix product.
    """
    del loaded
    import threadpoolctl

    return list(threadpoolctl.ThreadpoolController().lib_controllers)
