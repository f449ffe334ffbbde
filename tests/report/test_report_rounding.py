from __future__ import annotations

import math

import pytest

from iml_general.report.text import rounding


@pytest.mark.parametrize(
    ("low", "high", "digits"),
    [(0.10, 0.90, 2), (0.30, 0.36, 3), (0.300, 0.306, 4), (-3.0, 57.0, 0), (-1.0, 2.0, 1)],
)
def test_digits_show_two_significant_digits_of_the_half_width(low: float, high: float, digits: int) -> None:
    assert rounding.digits_of(low, high) == digits


@pytest.mark.parametrize(
    ("low", "high"), [(None, None), (0.1, None), (0.1, 0.1), (math.nan, 1.0), (0.0, math.inf)]
)
def test_an_interval_without_width_gets_a_fixed_number_of_digits(
    low: float | None, high: float | None
) -> None:
    assert rounding.digits_of(low, high) == rounding.DIGITS_WITHOUT_SPREAD


def test_a_very_narrow_interval_does_not_get_endless_digits() -> None:
    assert rounding.digits_of(0.5, 0.5 + 1e-9) == rounding.MOST_DIGITS


@pytest.mark.parametrize(
    ("value", "text"), [(0.333, "+0.33"), (-0.021, "-0.02"), (0.0, "0.00"), (-0.001, "0.00")]
)
def test_effects_carry_their_sign_and_zero_none(value: float, text: str) -> None:
    assert rounding.signed(value, 2) == text


def test_an_interval_end_that_rounds_to_zero_keeps_its_side() -> None:
    assert rounding.interval(0.0001, 0.09, 3) == "[+0.000, +0.090]"
    assert rounding.interval(-0.0001, 0.0, 3) == "[-0.000, 0.000]"


@pytest.mark.parametrize("value", [None, math.nan, math.inf])
def test_what_is_missing_is_said_in_words(value: float | None) -> None:
    texts = [rounding.signed(value, 2), rounding.share(value), rounding.percent(value)]
    texts += [rounding.p_value(value), rounding.seconds(value)]
    assert set(texts) == {"not measured"}
    assert rounding.interval(value, 1.0, 2) == "[no interval]"


def test_percentages_are_whole_and_have_no_negative_zero() -> None:
    assert [rounding.percent(x) for x in (0.451, -0.06, -0.001, 1.0)] == ["45%", "-6%", "0%", "100%"]


def test_p_values_below_the_bound_are_given_as_a_bound() -> None:
    assert [rounding.p_value(x) for x in (1.0, 0.0312, 0.0001, 0.00009)] == [
        "1",
        "0.031",
        "0.0001",
        "< 0.0001",
    ]


def test_seconds_have_three_significant_digits_and_no_exponent() -> None:
    values = [0.0001, 0.00123, 0.0456, 1.234, 12.345, 1234.5]
    assert [rounding.seconds(x) for x in values] == ["< 0.001", "0.001", "0.046", "1.23", "12.3", "1234"]


def test_counts_are_one_number_or_a_range() -> None:
    assert [rounding.count_range(c) for c in ([], [20, 20], [20, 18, 19])] == ["no", "20", "18 to 20"]
