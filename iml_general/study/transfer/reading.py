"""Reading an exported run: nothing of it is believed before its checksum was compared.

Parts are read into memory by the names that an export has, never unpacked; JSON and Parquet hold values
and no code.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from pydantic import TypeAdapter, ValidationError

from iml_general.errors import UsageError
from iml_general.rows import SCHEMA_VERSION
from iml_general.study.storage.tables import OF_TRIALS
from iml_general.study.transfer.manifest import (
    FORMAT_VERSION,
    FRAMES,
    MANIFEST,
    PARTS,
    RUN,
    TRIALS,
    Manifest,
    QueuePart,
    RunPart,
)

MANIFEST_BYTES = 1_000_000  # more than any manifest has


@dataclass(frozen=True, eq=False)
class ExportedRun:
    """An exported run, every checksum of which was right.

    Attributes:
        manifest: What it is.
        run: What it was begun as.
        queues: Its tasks.
        frames: Its rows, by the name of their part.
    """

    manifest: Manifest
    run: RunPart
    queues: list[QueuePart]
    frames: dict[str, pl.DataFrame]


def read_export(file: Path) -> ExportedRun:
    """Read an exported run.

    Args:
        file: What `iml export` wrote.

    Returns:
        All of it.

    Raises:
        UsageError: If it can't be read, is no export, is damaged, or is of another schema.
    """
    with _told(file):
        try:
            with zipfile.ZipFile(file) as archive:
                manifest = _manifest(archive)
                parts = {name: _part(archive, name, manifest) for name in PARTS}
        except OSError as error:
            raise UsageError(f"it can't be read: {error.strerror or error}") from None
        except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, UnicodeDecodeError) as error:
            raise UsageError(f"it is no export, or damaged: {error}") from None
        try:
            return ExportedRun(
                manifest,
                RunPart.model_validate(json.loads(parts[RUN])),
                TypeAdapter(list[QueuePart]).validate_python(json.loads(parts[TRIALS])),
                {name: _frame(name, parts[name]) for name in FRAMES},
            )
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"])
            raise UsageError(f"{error.title} {place}: {first['msg']}") from None
        except (ValueError, RecursionError) as error:
            raise UsageError(f"a part of it is not what it should be: {error}") from None


@contextmanager
def _told(file: Path) -> Iterator[None]:
    """Say of every fault which file has it."""
    try:
        yield
    except UsageError as error:
        raise UsageError(f"{str(file)!r} can't be imported: {error}") from error


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    names = [info.filename for info in archive.infolist()]
    others = [name for name in names if name not in (MANIFEST, *PARTS)]
    if others:
        raise UsageError(f"it has a part {others[0]!r} that no export has")
    for name in (MANIFEST, *PARTS):
        if names.count(name) != 1:
            raise UsageError(
                f"it has its part {name!r} {names.count(name)} times: it is no export, or damaged"
            )
    if archive.getinfo(MANIFEST).file_size > MANIFEST_BYTES:
        raise UsageError(f"its {MANIFEST} is far too long")
    _refuse_compressed(archive)
    try:
        values = json.loads(archive.read(MANIFEST))
        found = values if isinstance(values, dict) else {}
        for key, known in (("format_version", FORMAT_VERSION), ("schema_version", SCHEMA_VERSION)):
            if key in found and found[key] != known:
                raise UsageError(
                    f"its {key.replace('_', ' ')} is {found[key]!r}, and this program knows {known} only:"
                    " use the iml_general that made it"
                )
        return Manifest.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"its {MANIFEST}: {place}: {first['msg']}") from None
    except (ValueError, RecursionError) as error:
        raise UsageError(f"its {MANIFEST} is damaged: {error}") from None


def _refuse_compressed(archive: zipfile.ZipFile) -> None:
    """A few bytes could become more than there is memory for."""
    for info in archive.infolist():
        if info.compress_type != zipfile.ZIP_STORED:
            raise UsageError(f"its part {info.filename!r} is compressed, as no export is")


def _part(archive: zipfile.ZipFile, name: str, manifest: Manifest) -> bytes:
    facts = manifest.parts.get(name)
    if facts is None:
        raise UsageError(f"its {MANIFEST} says nothing of {name!r}")
    content = archive.read(name)
    if len(content) != facts.n_bytes or hashlib.sha256(content).hexdigest() != facts.sha256:
        raise UsageError(f"its part {name!r} is damaged: the checksum is another; export the run again")
    return content


def _frame(name: str, content: bytes) -> pl.DataFrame:
    try:
        frame = pl.read_parquet(io.BytesIO(content))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise UsageError(f"its part {name!r} is no Parquet file: {str(error).splitlines()[0]}") from None
    expected = {"trial": pl.Int64(), **OF_TRIALS[FRAMES[name]]}
    if dict(frame.schema) != expected or sum(frame.null_count().row(0)):
        raise UsageError(f"its part {name!r} has other columns than it must have, or values are missing")
    return frame
