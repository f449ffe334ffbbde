"""One entry of a cache as bytes: JSON and Parquet under one checksum; nothing in it is ever run.

The first line is the SHA-256 of all that follows, the second line is JSON, the rest is a Parquet file, which
``tail -n +3`` brings out.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from iml_general.measuring.measure import Measurement
from iml_general.rows import MEASURED, SCORE_SCHEMA

SCHEMA = {name: SCORE_SCHEMA[name] for name in MEASURED}
DIGITS = 64  # of SHA-256
LONGEST_HEAD = 10_000_000  # bytes


class DamagedError(Exception):
    """An entry is not what it should be; says in which respect."""


@dataclass(frozen=True, eq=False)
class Entry:
    """What was measured once.

    Attributes:
        measurement: Score rows, costs and competence.
        competences: Competence on each seed, where nothing else was measured; then there are no rows.
        began: When its measurement began, UTC, in words.
    """

    measurement: Measurement
    competences: tuple[float, ...]
    began: str


def as_bytes(parts: Mapping[str, Any], entry: Entry) -> bytes:
    """Write an entry down.

    Args:
        parts: The parts of its key.
        entry: The entry.

    Returns:
        The content of its file.
    """
    head = {
        "key": parts,
        "began": entry.began,
        "competence": entry.measurement.competence,
        "competences": entry.competences,
        "costs": [[rule, phase, seconds] for (rule, phase), seconds in entry.measurement.costs.items()],
    }
    rows = io.BytesIO()
    pl.DataFrame(entry.measurement.scores, SCHEMA).write_parquet(rows)
    content = json.dumps(head).encode() + b"\n" + rows.getvalue()
    return hashlib.sha256(content).hexdigest().encode() + b"\n" + content


def from_bytes(content: bytes, parts: Mapping[str, Any]) -> Entry:
    """Read an entry.

    Args:
        content: The content of its file.
        parts: The parts of the key that is wanted.

    Returns:
        The entry, equal to the one that was written down.

    Raises:
        DamagedError: If the checksum is another, or it is an entry of another key.
    """
    checksum, body = content[:DIGITS], content[DIGITS + 1 :]
    if hashlib.sha256(body).hexdigest().encode() != checksum:
        raise DamagedError("its checksum is another")
    text, _, rows = body.partition(b"\n")
    try:
        head = json.loads(text)
        if json.dumps(head["key"]) != json.dumps(parts):
            raise DamagedError("it is of another unit")
        frame = pl.read_parquet(io.BytesIO(rows))
        if dict(frame.schema) != SCHEMA:
            raise DamagedError("its rows have other columns")
        costs = {(rule, phase): float(seconds) for rule, phase, seconds in head["costs"]}
        measurement = Measurement(frame.to_dicts(), costs, float(head["competence"]))
        return Entry(measurement, tuple(map(float, head["competences"])), str(head["began"]))
    except (
        ValueError,
        KeyError,
        TypeError,
        pl.exceptions.PolarsError,
        pl.exceptions.PanicException,
    ) as error:
        raise DamagedError(f"it is no entry: {str(error).splitlines()[0]}") from None


def learner_of(file: Path) -> str | None:
    """Read which learner an entry is of, without reading its rows; None if that can't be told."""
    try:
        with file.open("rb") as stream:
            stream.readline(DIGITS + 1)
            head = json.loads(stream.readline(LONGEST_HEAD))
        return str(head["key"]["learner"][0])
    except (OSError, ValueError, KeyError, TypeError, IndexError):
        return None
