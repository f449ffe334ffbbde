"""Slopes through the origin against fixtures by hand and statsmodels."""

import math

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.meta_analysis import combine_effects

from iml_general.judging.slopes import Slope, own_slope, pool


def slope(value: float, error: float) -> Slope:
    return Slope(value, error, 5, value - 2 * error, value + 2 * error)


def test_a_slope_and_its_interval_are_those_of_least_squares() -> None:
    generator = np.random.default_rng(3)
    x = generator.normal(size=12)
    y = 0.7 * x + 0.1 * generator.normal(size=12)
    found = own_slope(x, y)
    wanted = sm.OLS(y, x).fit()
    assert found is not None
    assert (found.value, found.error, found.n) == (
        pytest.approx(wanted.params[0]),
        pytest.approx(wanted.bse[0]),
        12,
    )
    assert (found.low, found.high) == pytest.approx(tuple(wanted.conf_int()[0]))


@pytest.mark.parametrize(
    ("x", "y"), [([0.0, 0.0, 0.0], [1.0, 2.0, 3.0]), ([1.0, 2.0], [2.0, 4.0]), ([1.0], [2.0])]
)
def test_where_nothing_varies_there_is_no_slope(x: list[float], y: list[float]) -> None:
    assert own_slope(np.array(x), np.array(y)) is None


def test_slopes_that_differ_are_pooled_as_statsmodels_does() -> None:
    values, errors = np.array([1.0, 1.5, 0.4]), np.array([0.1, 0.2, 0.3])
    found = pool([slope(value, error) for value, error in zip(values, errors, strict=True)])
    wanted = combine_effects(values, errors**2, method_re="iterated", use_t=True)
    assert found.spread == pytest.approx(math.sqrt(wanted.tau2), rel=1e-4)
    assert found.slope.value == pytest.approx(wanted.mean_effect_re, rel=1e-4)
    assert found.slope.error == pytest.approx(math.sqrt(wanted.var_hksj_re), rel=1e-4)
    _, hartung_knapp = wanted.conf_int()[2:]
    assert (found.slope.low, found.slope.high) == pytest.approx(hartung_knapp, rel=1e-4)
    assert found.slope.n == 15


def test_one_very_sure_slope_does_not_hide_how_much_the_others_differ() -> None:
    found = pool([slope(0.0, 0.001), slope(1.0, 0.1), slope(0.5, 0.1), slope(1.2, 0.1)])
    assert found.spread > 0.4
    assert found.shrink(slope(1.2, 0.1)).value > 1.1


def test_slopes_that_agree_have_no_spread_and_are_drawn_together() -> None:
    slopes = [slope(1.0, 0.5), slope(1.1, 0.5), slope(0.95, 0.5)]
    found = pool(slopes)
    assert found.spread == 0
    assert found.slope.value == pytest.approx(3.05 / 3)
    assert [found.shrink(one).value for one in slopes] == [pytest.approx(3.05 / 3)] * 3


@given(
    st.lists(st.tuples(st.floats(-5, 5), st.floats(0.05, 3)), min_size=2, max_size=8),
)
def test_a_slope_is_drawn_to_the_common_one_and_never_past_it(groups: list[tuple[float, float]]) -> None:
    slopes = [slope(value, error) for value, error in groups]
    pooled = pool(slopes)
    for own in slopes:
        drawn = pooled.shrink(own)
        ends = sorted((own.value, pooled.slope.value))
        assert ends[0] - 1e-9 <= drawn.value <= ends[1] + 1e-9
        assert drawn.low <= drawn.value <= drawn.high
