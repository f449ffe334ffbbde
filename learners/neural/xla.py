"""The CPU as XLA sees it, which compiles the training of networks there."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

import jax

from iml_general.plugins.threads import one_thread

COMPILER_OPTIONS = {"xla_cpu_prefer_vector_width": 512}
"""Vectors as wide as the processor has; by default loops over elements keep to 256 bits."""


@lru_cache(maxsize=1)
@one_thread()
def cpu() -> jax.Device:
    """Find the CPU, on one thread of which XLA then computes unless the process has used JAX before."""
    with _without_advice():
        return jax.local_devices(backend="cpu")[0]


@contextmanager
def _without_advice() -> Iterator[None]:
    """JAX warns that a GPU is there and not used: nobody asked for it, and every worker would say so."""
    logger = logging.getLogger("jax")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)
