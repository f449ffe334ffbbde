"""Reading a user's table from disk: Parquet or delimited text, told apart by content."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from iml_general.errors import UsageError

if TYPE_CHECKING:
    import polars as pl

SEPARATORS = (",", ";", "\t", "|")
HEAD = 65_536  # bytes looked at to tell what kind of file it is


class TableFile(NamedTuple):
    """A file as it is now; a later change of the file makes another `TableFile`.

    Attributes:
        path: Absolute path.
        modified: Time of the last change, in nanoseconds.
        size: In bytes.
    """

    path: Path
    modified: int
    size: int


def locate(path: str | Path, where: str) -> TableFile:
    """Find a table's file.

    Args:
        path: As the user wrote it; ``~`` is the home directory.
        where: What the file belongs to, for messages, such as ``"table 'animals.csv'"``.

    Returns:
        The file, not yet read.

    Raises:
        UsageError: If there is no such file, or nothing is in it.
    """
    found = Path(path).expanduser().absolute()
    try:
        status = found.stat()
    except (OSError, ValueError):
        raise UsageError(f"{where}: no such file; give the path of a Parquet or CSV file") from None
    if not found.is_file():
        raise UsageError(f"{where}: is a directory or device; give the path of a Parquet or CSV file")
    if status.st_size == 0:
        raise UsageError(f"{where}: the file is empty; give a table with a header and one row per entity")
    return TableFile(found, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=4)
def read_table(file: TableFile, where: str) -> pl.DataFrame:
    """Read a table, once per process for every state of its file.

    Args:
        file: What `locate` found.
        where: As in `locate`.

    Returns:
        The table as polars infers it; dates in CSV files are recognised.

    Raises:
        UsageError: If the file is no table, is damaged, or has no rows.
    """
    import polars as pl

    try:
        with file.path.open("rb") as stream:
            head = stream.read(HEAD)
        if head.startswith(b"PAR1"):
            frame = pl.read_parquet(file.path)
        elif b"\0" in head:
            raise UsageError(f"{where}: is neither Parquet nor text; save it as Parquet or as CSV in UTF-8")
        else:
            # Types are inferred from all rows: a first word in row 101 must not be an error.
            frame = pl.read_csv(
                file.path, separator=separator(head), infer_schema_length=None, try_parse_dates=True
            )
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        reason = str(error).strip().split("\n")[0]
        raise UsageError(
            f"{where}: can't be read as a table ({reason}); save it anew as Parquet or as CSV in UTF-8"
        ) from None
    if frame.height == 0 or frame.width == 0:
        raise UsageError(f"{where}: has no rows; give a table with a header and one row per entity")
    return frame


def separator(head: bytes) -> str:
    """Tell what separates the fields of a text file.

    Args:
        head: The beginning of the file.

    Returns:
        The separator that occurs most often in the first line; a comma if none does.
    """
    line = head.split(b"\n", 1)[0].decode(errors="replace")
    return max(SEPARATORS, key=line.count)
