"""The pixels of a row: the alias's picture, and below it a band for the question and the tag.

The left half of the band shows the question as a black square, whose place says which; the right half
the tag as a chequered pattern, and stays white where there is none.
"""

from __future__ import annotations

from collections.abc import Callable
from math import comb

import numpy as np
from numpy.typing import NDArray

from iml_general.encoding.form import Coder, Numbered, Things
from iml_general.errors import UsageError
from iml_general.learner import Inputs, Schema
from iml_general.worlds.pictures import Pictures

BAND = 8
"""Rows of pixels of the band."""

CELL = 2
"""Pixels of a pattern's cell, either way."""


def pixel_coder(
    form: str, things: Things, pictures: Pictures, generator: Callable[[str], np.random.Generator]
) -> Coder:
    """Draw the markers of questions and the patterns of tags.

    Args:
        form: Name of the form.
        things: How many questions and tag symbols there are.
        pictures: What aliases look like.
        generator: Gives the randomness of a part.

    Returns:
        What encodes rows as pictures, of shape (n_rows, height, width).

    Raises:
        UsageError: If the pictures are too narrow for so many questions or tags, or have to show a statement.
    """
    if things.n_beside:
        raise UsageError(
            f"form {form!r}: pictures don't show a statement beside a question: leave out"
            " protocol.in_context, or choose another world"
        )
    left = pictures.width // 2
    markers = question_markers(things.n_questions, left, generator("question"))
    patterns = tag_patterns(things.n_symbols - 1, pictures.width - left, generator("tag"))
    patterns = np.concatenate([np.zeros_like(patterns[:1]), patterns])
    height, width = pictures.height + BAND, pictures.width

    def encode(rows: Numbered) -> Inputs:
        pixels = np.empty((len(rows.aliases), height, width), dtype=np.float32)
        pixels[:, : pictures.height] = pictures.show(rows.aliases, rows.stage)
        pixels[:, pictures.height :, :left] = markers[rows.questions]
        pixels[:, pictures.height :, left:] = patterns[rows.tags]
        return pixels

    columns = tuple(f"pixel[{row},{column}]" for row in range(height) for column in range(width))
    tags = np.arange(height * width).reshape(height, width)[pictures.height :, left:]
    schema = Schema(form, columns, (), tuple(tags.ravel().tolist()), picture=(height, width))
    return Coder(schema, encode, pictures.per_row)


def question_markers(n: int, width: int, generator: np.random.Generator) -> NDArray[np.float32]:
    """Draw one marker per question: a square, as large as leaves a place of its own for each.

    Args:
        n: Number of questions.
        width: Columns of pixels.
        generator: Decides which question has which place.

    Returns:
        float32 of shape (n, `BAND`, width), distinct.

    Raises:
        UsageError: If there are not as many places.
    """
    for side in range(BAND // 2, 0, -1):
        lines, across = BAND // side, width // side
        if lines * across >= n:
            break
    else:
        raise UsageError(f"form 'pictures': {width} x {BAND} pixels are too few for {n} questions; ask fewer")
    markers = np.zeros((n, BAND, width), dtype=np.float32)
    for marker, place in zip(markers, generator.permutation(lines * across)[:n], strict=True):
        top, start = place // across * side, place % across * side
        marker[top : top + side, start : start + side] = 1
    return markers


def tag_patterns(n: int, width: int, generator: np.random.Generator) -> NDArray[np.float32]:
    """Draw one pattern per tag: half of its cells are black, so that none is darker than another.

    Args:
        n: Number of tags.
        width: Columns of pixels.
        generator: The only source of randomness.

    Returns:
        float32 of shape (n, `BAND`, width), distinct.

    Raises:
        UsageError: If there are not as many patterns.
    """
    across = width // CELL
    n_cells = BAND // CELL * across
    if comb(n_cells, n_cells // 2) < n:
        raise UsageError(f"form 'pictures': {width} x {BAND} pixels are too few for {n} tags; have fewer")
    cells = np.zeros((0, n_cells), dtype=np.float32)
    while len(cells) < n:
        one = generator.permutation(np.arange(n_cells) < n_cells // 2).astype(np.float32)
        if not (cells == one).all(axis=1).any():
            cells = np.concatenate([cells, one[None]])
    patterns = np.zeros((n, BAND, width), dtype=np.float32)
    blocks = cells.reshape(n, BAND // CELL, across).repeat(CELL, axis=1).repeat(CELL, axis=2)
    patterns[:, :, : across * CELL] = blocks
    return patterns
