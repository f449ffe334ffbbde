"""Words and symbols that every kind of report shares."""

from __future__ import annotations

import re
from collections.abc import Sequence

SYMBOLS = {
    "trusts": "▲",
    "distrusts": "▼",
    "gap only": "△",
    "no trust": "●",
    "undecided": "◆",
    "present": "▲",
    "reversed": "▼",
    "absent": "●",
    "saturated": "■",
    "not internalised": "\N{MULTIPLICATION SIGN}",
    "inconclusive": "◆",
    "not measured": "?",
}
"""A symbol beside every finding's and verdict's word, so that colour is never the only sign of it."""

CONTROLS = "controls and references"

LEVELS = ("default", "default or chosen", "chosen", "tuned", "sought")
"""Levels of evidence, from the plainest to the most sought-after."""


def level_rank(level: str) -> int:
    """Where a level belongs among others.

    Args:
        level: A level's name.

    Returns:
        Its place; one that is not known comes last.
    """
    return LEVELS.index(level) if level in LEVELS else len(LEVELS)


def plain(text: object) -> str:
    """Make one harmless line of a text that a plan, a plugin or an exception chose.

    Args:
        text: Anything.

    Returns:
        Its text with every run of white space as one blank, and every character that can't be
        seen (control, direction, surrogate) as U+FFFD.
    """
    line = str(text)
    if not line.isprintable():
        line = "".join(c if c.isprintable() or c.isspace() else "\N{REPLACEMENT CHARACTER}" for c in line)
    return " ".join(line.split())


def readable(name: str) -> str:
    """Make words of the name of a group or a moment, such as ``"stage 2"`` of ``"stage2"``."""
    return plain(re.sub(r"(?<=[a-z])(?=\d+$)", " ", name.replace("_", " ")))


def value_text(value: object) -> str:
    """Write a value of a plan as one harmless line.

    Args:
        value: A JSON value; of a float every digit is kept, so that no two numbers look the same.

    Returns:
        Text such as ``"0.5"``, ``"bits"`` or ``"true"``.
    """
    if isinstance(value, float) and value.is_integer():
        return plain(f"{value:g}" if abs(value) < 1e6 else value)
    return plain(str(value).lower() if isinstance(value, bool) else value)


def listing(words: Sequence[str], most: int | None = None) -> str:
    """Join words as a sentence does, the later ones only counted if there are many.

    Args:
        words: What to list.
        most: How many to name; all if not given.

    Returns:
        Text such as ``"a, b and c"`` or ``"a, b and 3 more"``.
    """
    named = list(words)
    if most is not None and len(named) > most:
        named = [*named[:most], f"{len(words) - most} more"]
    if len(named) < 2:
        return "".join(named)
    return f"{', '.join(named[:-1])} and {named[-1]}"
