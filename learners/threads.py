"""One thread for numpy's and scikit-learn's linear algebra."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sklearn  # noqa: F401  (loads the libraries that the controller below looks for)
import threadpoolctl

CONTROLLER = threadpoolctl.ThreadpoolController()  # finding the loaded libraries takes 10 ms: do it once


@contextmanager
def one_thread() -> Iterator[None]:
    """Pin BLAS and OpenMP to one thread and restore their own numbers afterwards.

    Studies run in parallel across jobs, and sums split over threads are not exactly reproducible.
    """
    with CONTROLLER.limit(limits=1):
        yield
