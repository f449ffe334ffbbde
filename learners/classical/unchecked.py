"""What scikit-learn need not check again, as it was checked before: a tenth of what a small learner takes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sklearn import config_context


@contextmanager
def unchecked() -> Iterator[None]:
    """Leave out scikit-learn's checks that rows are finite, as encoded ones are, and options as they may be.

    What it computes is the same. As a decorator or in a ``with`` statement; it holds in the thread that asks.
    """
    with config_context(assume_finite=True, skip_parameter_validation=True):
        yield
