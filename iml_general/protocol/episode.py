"""An episode: the rows of stage 1 and stage 2 and the probes, as typed polars frames."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from iml_general.seeds import Seed
from iml_general.worlds.world import World

GROUPS = (
    "corroborated",
    "contradicted",
    "undefined",
    "new_reliable",
    "new_unreliable",
    "new_neutral",
    "new_conflict",
    "unseen",
)
SYMBOLS = ("none", "A", "B", "C")
"""Tag symbols: A and B are the sources of stage 1, C is first seen in stage 2."""

CONDITIONS = ("informative", "shuffled", "no_stage1")
KINDS = ("question", "statement")

ROW_SCHEMA: dict[str, pl.DataType] = {
    "tag": pl.Enum(SYMBOLS),
    "alias": pl.UInt32(),
    "question": pl.UInt16(),
    "answer": pl.UInt16(),
    "group": pl.Enum(GROUPS),
    "kind": pl.Enum(KINDS),
}
PROBE_SCHEMA: dict[str, pl.DataType] = {
    **ROW_SCHEMA,
    "said_reliable": pl.UInt16(),  # what the reliable tag said of it; null outside new_conflict
    "said_unreliable": pl.UInt16(),
}


@dataclass(frozen=True, eq=False)
class Episode:
    """What one learner sees under one condition of one seed.

    Attributes:
        seed: The replicate; conditions of one seed share world, split, stage 2 and probes.
        condition: One of `CONDITIONS`.
        world: What is true.
        reliable_symbol: The tag symbol that is the reliable one for this seed, A or B.
        stage1: Rows of `ROW_SCHEMA`; none under ``no_stage1``.
        stage2: Rows of `ROW_SCHEMA`, statements only.
        probes: Rows of `PROBE_SCHEMA`; `answer` is what counts as right.
    """

    seed: Seed
    condition: str
    world: World
    reliable_symbol: str
    stage1: pl.DataFrame
    stage2: pl.DataFrame
    probes: pl.DataFrame


def rows(
    kind: str,
    group: NDArray[np.int64],
    tag: NDArray[np.int64] | int,
    alias: NDArray[np.int64],
    said: NDArray[np.int16],
    asked: NDArray[np.bool_] | None = None,
) -> dict[str, NDArray[np.int64]]:
    """Spell out one row for every question about each alias.

    Args:
        kind: ``"question"`` or ``"statement"``.
        group: Index into `GROUPS` of each alias, shape (n,).
        tag: Index into `SYMBOLS` of each alias's tag, shape (n,), or one for all.
        alias: Alias indices, shape (n,).
        said: The answers given, shape (n, n_questions).
        asked: Which (alias, question) pairs get a row, bool of shape (n, n_questions); all if
            not given.

    Returns:
        Physical column values by name, alias by alias, in the order of `ROW_SCHEMA`.
    """
    chosen = np.ones(said.shape, dtype=bool) if asked is None else asked
    who, question = np.nonzero(chosen)
    return {
        "tag": np.broadcast_to(np.asarray(tag, dtype=np.int64), alias.shape)[who],
        "alias": alias[who],
        "question": question,
        "answer": said[who, question].astype(np.int64),
        "group": group[who],
        "kind": np.full(len(who), KINDS.index(kind)),
    }


def frame(
    parts: list[dict[str, NDArray[np.int64]]], schema: dict[str, pl.DataType] = ROW_SCHEMA
) -> pl.DataFrame:
    """Put parts made by `rows` under one another as a typed frame.

    Args:
        parts: Column values by name; a column that a part lacks is null there.
        schema: The frame's columns and types.

    Returns:
        A frame of exactly the columns of `schema`.
    """
    return pl.DataFrame([_column(name, dtype, parts) for name, dtype in schema.items()])


def _column(name: str, dtype: pl.DataType, parts: list[dict[str, NDArray[np.int64]]]) -> pl.Series:
    values = [pl.Series(name, part.get(name, [None] * len(part["alias"])), dtype=pl.Int64) for part in parts]
    column = pl.concat(values) if values else pl.Series(name, [], dtype=pl.Int64)
    if isinstance(dtype, pl.Enum):
        return pl.Series(name, dtype.categories, dtype=dtype).gather(column.to_numpy()).alias(name)
    return column.cast(dtype)
