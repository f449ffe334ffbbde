"""scikit-learn checks rows again as soon as our learners are done with it."""

import numpy as np
import pytest
from sklearn.naive_bayes import GaussianNB

from learners.classical.unchecked import unchecked

ROWS, CLASSES = np.array([[0.0], [1.0], [np.nan]]), np.array([0, 1, 1])


@unchecked()
def inside(var_smoothing: float, fails: bool = False) -> None:
    GaussianNB(var_smoothing=var_smoothing).fit(ROWS, CLASSES)
    if fails:
        raise ZeroDivisionError


def test_nobody_looks_for_nan_inside_and_everybody_does_afterwards_even_after_an_error() -> None:
    inside(1e-9)
    with pytest.raises(ZeroDivisionError):
        inside(1e-9, fails=True)
    with pytest.raises(ValueError, match="NaN"):
        GaussianNB().fit(ROWS, CLASSES)


def test_options_are_not_looked_at_again_inside() -> None:
    inside(-1e-9)
    with pytest.raises(ValueError, match="var_smoothing"):
        GaussianNB(var_smoothing=-1e-9).fit(ROWS[:2], CLASSES[:2])
