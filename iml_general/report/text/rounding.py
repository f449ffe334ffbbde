"""How numbers are written, in every kind of report alike.

An effect is rounded to two significant digits of its interval's half-width: further digits would be
noise, fewer would hide what was measured. What was not measured is said in words, never as a zero.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

MISSING = "not measured"
MOST_DIGITS = 4
ZERO = 1e-12  # what floating-point noise leaves of a zero
DIGITS_WITHOUT_SPREAD = 3  # where the interval has no width, or there is none


def digits_of(low: float | None, high: float | None) -> int:
    """Decimal places that an interval's width justifies.

    Args:
        low: Lower end.
        high: Upper end.

    Returns:
        Decimal places that show two significant digits of the half-width, 0 to `MOST_DIGITS`.
    """
    if low is None or high is None or not math.isfinite(high - low) or high <= low:
        return DIGITS_WITHOUT_SPREAD
    places = 1 - math.floor(math.log10((high - low) / 2))
    return min(max(places, 0), MOST_DIGITS)


def signed(value: float | None, digits: int) -> str:
    """Write an effect with its sign, zero without one.

    Args:
        value: The effect.
        digits: Decimal places.

    Returns:
        Text such as ``"+0.33"``, ``"-0.02"`` or ``"0.00"``.
    """
    if value is None or not math.isfinite(value):
        return MISSING
    text = f"{value:+.{digits}f}"
    return text[1:] if float(text) == 0 else text


def interval(low: float | None, high: float | None, digits: int) -> str:
    """Write an interval.

    Args:
        low: Lower end.
        high: Upper end.
        digits: Decimal places.

    Returns:
        Text such as ``"[+0.314, +0.346]"``.
    """
    if low is None or high is None or not math.isfinite(high - low):
        return "[no interval]"
    return f"[{_end(low, digits)}, {_end(high, digits)}]"


def _end(value: float, digits: int) -> str:
    # An end that only rounds to zero keeps its sign: it says on which side of zero it lies.
    return signed(value, digits) if abs(value) < ZERO else f"{value:+.{digits}f}"


def share(value: float | None) -> str:
    """Write a share such as EM, or R2, with two decimal places."""
    # Adding 0 takes the sign off a zero: R2 may lie a hair's breadth below it.
    return MISSING if value is None or not math.isfinite(value) else f"{round(value, 2) + 0:.2f}"


def percent(value: float | None) -> str:
    """Write a share as a whole percentage."""
    return MISSING if value is None or not math.isfinite(value) else f"{round(100 * value) + 0}%"


def p_value(value: float | None) -> str:
    """Write a p value with two significant digits; very small ones only as a bound."""
    if value is None or not math.isfinite(value):
        return MISSING
    return "< 0.0001" if value < 0.0001 else f"{value:.2g}"


def seconds(value: float | None) -> str:
    """Write seconds with three significant digits, without an exponent."""
    if value is None or not math.isfinite(value):
        return MISSING
    if value < 0.0005:
        return "< 0.001"
    digits = max(0, 2 - math.floor(math.log10(value)))
    return f"{value:.{min(digits, 3)}f}"


def count_range(counts: Sequence[int]) -> str:
    """Write counts that are mostly one number: ``"20"``, or ``"18 to 20"``."""
    if not counts:
        return "no"
    low, high = min(counts), max(counts)
    return str(low) if low == high else f"{low} to {high}"
