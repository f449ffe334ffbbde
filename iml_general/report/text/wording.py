"""Words and symbols that every kind of report shares."""

from __future__ import annotations

from collections.abc import Sequence

ENDPOINTS = {"iml_gap": "IML gap", "conflict_preference": "conflict preference"}

SYMBOLS = {
    "present": "▲",
    "reversed": "▼",
    "absent": "●",
    "not internalised": "\N{MULTIPLICATION SIGN}",
    "inconclusive": "◆",
    "not measured": "?",
}
"""A symbol beside every verdict's word, so that colour is never the only sign of it."""

CONTROLS = "controls and references"

LEVELS = ("default", "default or chosen", "chosen", "tuned", "sought")
"""Levels of evidence, from the plainest to the most sought-after."""


def level_rank(level: str) -> int:
    """Where a level belongs among others; points of a sweep come last.

    Args:
        level: A level's name.

    Returns:
        Its place.
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
    seen = (c if c.isprintable() or c.isspace() else "\N{REPLACEMENT CHARACTER}" for c in str(text))
    return " ".join("".join(seen).split())


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
