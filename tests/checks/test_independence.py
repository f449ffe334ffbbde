"""Independence within draws, held against scipy and against draws whose shares differ."""

import numpy as np
import pytest
from scipy.stats import chi2, chi2_contingency

from iml_general.checks.worlds.independence import p_value, p_value_within


def test_of_a_single_draw_it_is_chi_squared_but_for_one_degree() -> None:
    generator = np.random.default_rng(1)
    one, other = generator.integers(3, size=(1, 200)), generator.integers(4, size=(1, 200))
    table = np.zeros((3, 4))
    np.add.at(table, (one[0], other[0]), 1)
    expected = chi2.sf(chi2_contingency(table, correction=False).statistic * 199 / 200, 6)
    assert p_value_within(one, other) == pytest.approx(expected)


def test_draws_whose_shares_differ_are_no_dependence() -> None:
    generator = np.random.default_rng(2)
    share = np.repeat([0.1, 0.9], 30)[:, None]
    one, other = ((generator.random((60, 50)) < share).astype(np.int64) for _ in range(2))
    assert p_value(one.ravel(), other.ravel()) < 1e-100  # together they look alike
    assert p_value_within(one, other) > 0.01


def test_neighbours_that_are_alike_within_draws_are_found() -> None:
    generator = np.random.default_rng(3)
    one = generator.integers(3, size=(60, 50))
    other = np.where(generator.random(one.shape) < 0.2, one, generator.integers(3, size=one.shape))
    assert p_value_within(one, other) < 1e-6


def test_what_never_varies_tells_nothing() -> None:
    assert p_value_within(np.zeros((3, 10), np.int64), np.arange(30).reshape(3, 10) % 2) == 1.0
