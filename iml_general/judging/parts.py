"""Cuts tables into parts that can be worked on one by one: the memory of a step is that of one part."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

MOST = 500_000
"""Rows of a part, unless what belongs together has more."""


def parts(frame: pl.DataFrame, together: Sequence[str], most: int = MOST) -> list[pl.DataFrame]:
    """Cut a table where the values of some columns change.

    Args:
        frame: A table in which rows that are alike in these columns stand together, as a run's rows do.
        together: The columns: rows that are alike in them stay in one part.
        most: Rows of a part; more only if all of them are alike.

    Returns:
        Its parts in order, none of them a copy; the whole table as one part if rows that are alike stand
        apart.
    """
    if frame.height <= most:
        return [frame]
    is_first = pl.repeat(False, frame.height, eager=True)
    for name in together:  # one column after the other, for each comparison makes a copy
        is_first |= frame[name].ne_missing(frame[name].shift())
    starts = [0, *(place for place in is_first.arg_true().to_list() if place)]
    if frame[starts].select(together).is_duplicated().any():
        return [frame]
    cuts = [0]
    for start, end in zip(starts, [*starts[1:], frame.height], strict=True):
        if end - cuts[-1] > most and start > cuts[-1]:
            cuts.append(start)
    return [frame[start:end] for start, end in zip(cuts, [*cuts[1:], frame.height], strict=True)]
