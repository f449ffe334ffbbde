"""What is wrong with probabilities is found, and said, whatever it is."""

import numpy as np
import pytest

from iml_general.learner import Batch, Schema
from iml_general.measuring.faults import fault_in

ROWS = Batch(np.zeros((1, 1)), np.zeros(1, dtype=np.int64), 2, Schema("vectors", ("x",), (), ()))


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ([0.25, 0.75], ""),
        ([0.2505, 0.75], ""),  # single precision adds up no better
        ([0.0, 1.0], ""),
        ([np.nan, 1.0], "NaN or infinity in 1 of 3 rows"),
        ([np.inf, 0.0], "NaN or infinity in 1 of 3 rows"),
        ([-np.inf, np.inf], "NaN or infinity in 1 of 3 rows"),
        ([-0.5, 1.5], "rows that are not probabilities in 1 of 3 rows (first sums to 1, least value -0.5)"),
        ([0.3, 0.75], "rows that are not probabilities in 1 of 3 rows (first sums to 1.05, least value 0.3)"),
    ],
)
@pytest.mark.parametrize("order", ["C", "F"])
def test_a_row_that_is_no_distribution_is_found(row: list[float], words: str, order: str) -> None:
    given = np.array([[0.5, 0.5], row, [0.5, 0.5]], order=order)
    assert fault_in(given, ROWS, 3) == words
