"""Pictures as characters, two lines of pixels to a line of text."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

BLOCKS, PLAIN = " ▀▄█", " '.#"
"""Nothing, ink in the upper pixel, in the lower one, in both; and the same where there are no blocks."""

DARK = 0.5  # ink from which a pixel is black
GAP = 3  # columns between pictures


def in_characters(pictures: NDArray[np.float32], width: int, encoding: str) -> Iterator[str]:
    """Draw pictures side by side, as many as there is room for.

    Args:
        pictures: Ink from 0 to 1, shape (n_pictures, height, width).
        width: Columns of the terminal.
        encoding: Of what is written to: without Unicode, plain characters stand for blocks.

    Yields:
        Lines, one empty after each row of pictures.
    """
    characters = BLOCKS if encoding.lower().startswith("utf") else PLAIN
    dark = np.pad(pictures >= DARK, ((0, 0), (0, pictures.shape[1] % 2), (0, 0)))
    drawn = dark[:, ::2] + 2 * dark[:, 1::2]
    at_once = max(1, (width + GAP) // (pictures.shape[2] + GAP))
    for start in range(0, len(pictures), at_once):
        for line in range(drawn.shape[1]):
            beside = ("".join(characters[i] for i in one[line]) for one in drawn[start : start + at_once])
            yield (" " * GAP).join(beside).rstrip()
        yield ""
