"""A cache's folder: a file for each entry, which any number of processes and machines may read and write.

An entry is written under a name of its own and then renamed, so that it is there whole or not at all.
"""

from __future__ import annotations

import os
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from iml_general.errors import UsageError

ENTRY, UNFINISHED = ".unit", ".part"
"""Endings of names of entries, and of what is being written."""
OFF, ON = "off", "on"
"""What a user writes in place of a folder: none, or the default one."""
VARIABLE = "IML_CACHE"


@dataclass(frozen=True)
class CacheFolder:
    """Where entries lie; it need not exist.

    Attributes:
        path: The folder, absolute.
    """

    path: Path

    def file(self, digest: str) -> Path:
        """The file of an entry.

        Args:
            digest: Of its key.
        """
        return self.path / digest[:2] / f"{digest}{ENTRY}"

    def read(self, digest: str) -> bytes | None:
        """Read an entry.

        Args:
            digest: Of its key.

        Returns:
            Its bytes, whatever they are; None if there is none.

        Raises:
            OSError: If there is one that can't be read.
        """
        try:
            return self.file(digest).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def write(self, digest: str, content: bytes) -> None:
        """Write an entry, in place of one that is there.

        Args:
            digest: Of its key.
            content: Its bytes.

        Raises:
            OSError: If it can't be written; then nothing of it is left.
        """
        file = self.file(digest)
        file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = file.with_name(f"{uuid.uuid4().hex}{UNFINISHED}")
        try:
            with unfinished.open("xb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            unfinished.replace(file)
        finally:
            unfinished.unlink(missing_ok=True)

    def entries(self) -> Iterator[Path]:
        """Files of all entries."""
        return self._named(rf"[0-9a-f]{{64}}{re.escape(ENTRY)}")

    def unfinished(self) -> Iterator[Path]:
        """What is being written, or was when its process was killed."""
        return self._named(rf"[0-9a-f]{{32}}{re.escape(UNFINISHED)}")

    def _named(self, pattern: str) -> Iterator[Path]:
        """Files of ours: whatever else lies there is not looked at."""
        for folder in sorted(self.path.glob("[0-9a-f][0-9a-f]")):
            yield from (path for path in sorted(folder.iterdir()) if re.fullmatch(pattern, path.name))


def cache_folder(given: str | None, is_preregistered: bool = False) -> CacheFolder | None:
    """Find the cache that a user means.

    Args:
        given: A folder, ``"off"``, or ``"on"`` for the default one. None if nothing was said: then the
            environment variable ``IML_CACHE`` says it, or else it is the default one.
        is_preregistered: Whether the run was written down beforehand: what it finds is then measured
            afterwards, with no cache unless one is given.

    Returns:
        The cache; None for none.

    Raises:
        UsageError: If it is a file, or an empty text is given.
    """
    unsaid = OFF if is_preregistered else os.environ.get(VARIABLE, ON)
    said = given if given is not None else unsaid
    if said == OFF:
        return None
    if (
        given == ""
    ):  # as where a variable of the shell is empty: the default one is nobody's to clear by a slip
        raise UsageError(f"--cache is empty: name a folder, or say '{ON}' or '{OFF}'")
    path = _default() if said in ("", ON) else Path(said)
    if path is None:
        return None
    try:
        path = path.expanduser().absolute()
    except RuntimeError:
        raise UsageError(
            f"cache {said!r}: there is no home folder; give --cache DIR or --cache off"
        ) from None
    if path.exists() and not path.is_dir():
        raise UsageError(f"cache {said!r} is a file: give --cache another folder, or --cache {OFF}")
    return CacheFolder(path)


def _default() -> Path | None:
    """In the place for what can be made again, as the XDG base directory specification has it."""
    base = Path(os.environ.get("XDG_CACHE_HOME", ""))
    try:
        return (base if base.is_absolute() else Path.home() / ".cache") / "iml_general"
    except RuntimeError:
        return None  # nobody's home: nothing is kept
