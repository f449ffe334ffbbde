"""An episode: what a learner reads stage by stage, and the probes, as typed polars frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from iml_general.seeds import Seed
from iml_general.worlds.world import UNKNOWN, World

KINDS = ("question", "statement", "in_context", "fact", "attribution")


@dataclass(frozen=True, eq=False)
class Stage:
    """Rows that are learned together.

    Conditions share stages as one object, and whatever follows a common beginning is learned from the
    same state.

    Attributes:
        name: Names the moment after it, such as ``"stage1"``.
        rows: Columns as `row_schema` has them.
        twin: The same rows, but for every question about an alias of new_conflict the two answers change
            places between the tags (METHOD section 5a); None if nobody speaks of such an alias.
        is_all: Whether nothing else is learned: then its twin is learned from nothing, as it is itself.
            The twin of another first stage is never learned.
    """

    name: str
    rows: pl.DataFrame
    twin: pl.DataFrame | None = None
    is_all: bool = False


@dataclass(frozen=True, eq=False)
class Episode:
    """What one learner sees under one condition of one seed.

    Attributes:
        seed: The replicate; conditions of one seed share world, split and probes.
        condition: The condition's name.
        world: What is true.
        symbols: Tag symbol by source, for this seed.
        stages: The first is fitted, each later one is an update; all are scored after.
        probes: The columns of the rows; ``said_reliable`` and ``said_unreliable``: what the two said
            of it, or what follows from that; null where they don't disagree, as outside new_conflict;
            ``inverse``: what follows from a true statement for whoever takes it for a lie, null where lies
            can't be inverted, and outside the groups of which one source speaks in stage 2 or nobody ever;
            ``lie``: what an attacker says of it (of an unseen alias, would say), null where it tells the
            truth. `answer` is what counts as right.
        twin_probes: The questions about new_conflict as the twin has them: with what the two said there.
    """

    seed: Seed
    condition: str
    world: World
    symbols: Mapping[str, str]
    stages: tuple[Stage, ...]
    probes: pl.DataFrame
    twin_probes: pl.DataFrame


@dataclass(frozen=True, eq=False)
class Frames:
    """Makes typed frames of rows.

    Attributes:
        symbols: Tag symbols, that of no tag first.
        groups: Names of the groups.
        in_context: Whether statements stand beside questions: then there is a column for what they say.
    """

    symbols: tuple[str, ...]
    groups: tuple[str, ...]
    in_context: bool = False

    @property
    def row_schema(self) -> dict[str, pl.DataType]:
        """Columns and types of training rows."""
        return {
            "tag": pl.Enum(self.symbols),
            "alias": pl.UInt32(),
            "question": pl.UInt16(),
            "answer": pl.UInt16(),
            "group": pl.Enum(self.groups),
            "kind": pl.Enum(KINDS),
            **({"beside": pl.UInt16()} if self.in_context else {}),
        }

    def rows(self, parts: Sequence[Mapping[str, NDArray[np.int64]]]) -> pl.DataFrame:
        """Put parts made by `spelled_out` under one another as training rows."""
        return _frame(parts, self.row_schema)

    def probes(self, parts: Sequence[Mapping[str, NDArray[np.int64]]]) -> pl.DataFrame:
        """The same for probes; what nobody said, or what does not follow, is null."""
        more = dict.fromkeys(("said_reliable", "said_unreliable", "inverse", "lie"), pl.UInt16())
        return _frame(parts, {**self.row_schema, **more})


def spelled_out(
    kind: str,
    group: NDArray[np.int64],
    tag: NDArray[np.int64] | int,
    alias: NDArray[np.int64],
    said: NDArray[np.int16],
    asked: NDArray[np.bool_] | None = None,
) -> dict[str, NDArray[np.int64]]:
    """Spell out one row for every question about each alias that has an answer.

    Args:
        kind: One of `KINDS`; what stands in context is made of statements instead.
        group: Place of each alias's group among the groups, shape (n,).
        tag: Place of each alias's tag among the symbols, shape (n,), or one for all.
        alias: Alias indices, shape (n,).
        said: The answers given, shape (n, n_questions); `UNKNOWN` gets no row.
        asked: Which (alias, question) pairs get a row, bool of shape (n, n_questions), or (n_questions,) if
            of each alias the same; all that have an answer if not given.

    Returns:
        Physical column values by name, alias by alias, in the order of the columns.
    """
    has_answer = said != UNKNOWN
    who, question = np.nonzero(has_answer if asked is None else has_answer & asked)
    return {
        "tag": np.broadcast_to(np.asarray(tag, dtype=np.int64), alias.shape)[who],
        "alias": alias[who],
        "question": question,
        "answer": said[who, question].astype(np.int64),
        "group": group[who],
        "kind": np.full(len(who), KINDS.index(kind)),
    }


def _frame(
    parts: Sequence[Mapping[str, NDArray[np.int64]]], schema: Mapping[str, pl.DataType]
) -> pl.DataFrame:
    return pl.DataFrame([_column(name, dtype, parts) for name, dtype in schema.items()])


def _column(name: str, dtype: pl.DataType, parts: Sequence[Mapping[str, NDArray[np.int64]]]) -> pl.Series:
    values = [pl.Series(name, part.get(name, [None] * len(part["alias"])), dtype=pl.Int64) for part in parts]
    column = pl.concat(values) if values else pl.Series(name, [], dtype=pl.Int64)
    if isinstance(dtype, pl.Enum):
        return pl.Series(name, dtype.categories, dtype=dtype).gather(column.to_numpy()).alias(name)
    return column.cast(dtype)
