"""Lengths of time, as people write and read them."""

from __future__ import annotations

import re
from datetime import timedelta

from iml_general.errors import UsageError

SECONDS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}


def seconds_of(text: str, option: str) -> float:
    """Read a length of time.

    Args:
        text: Numbers, each with its unit, such as ``"30m"``, ``"1h30m"`` or ``"90s"``.
        option: Where it was given, for the message.

    Returns:
        Seconds, more than 0.

    Raises:
        UsageError: If it is no such text, or no time at all.
    """
    parts = re.findall(r"(\d+(?:\.\d+)?)([dhms])", text)
    seconds = sum(float(number) * SECONDS[unit] for number, unit in parts)
    if "".join(number + unit for number, unit in parts) != text or seconds <= 0:
        raise UsageError(f"{option} {text!r} is not a length of time: write it as 90s, 30m, 8h or 1h30m")
    return seconds


def in_words(seconds: float) -> str:
    """Write a length of time as hours, minutes and seconds."""
    return str(timedelta(seconds=round(seconds)))
