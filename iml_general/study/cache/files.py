"""Files that a key is made from: their content, as it has been since before this process began.

A process that measures has loaded its code, and may have read its tables, at some moment that nobody wrote
down. So what it finds on disk later is only believed of files that have stood still all the time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

TICK_S = 0.05
"""How much earlier than the clock a file system may date a change: it goes by the kernel's ticks."""

Signature = tuple[int, int, int, int]


class CantTellError(Exception):
    """It can't be told what some rows depend on, so they are neither kept nor reused; says why."""


class StillFiles:
    """Files that have not changed since a moment."""

    def __init__(self, since: float) -> None:
        """Begin to watch.

        Args:
            since: Seconds since 1970; before the process loaded or read any of the files.
        """
        self._since = since
        self._known: dict[Path, tuple[Signature, str]] = {}

    def sha256(self, path: Path) -> str:
        """Digest of a file's content.

        Args:
            path: The file.

        Returns:
            SHA-256, 64 hexadecimal digits.

        Raises:
            CantTellError: If the file has changed since the process began, or can't be read.
        """
        signature = self._signature(path)
        known = self._known.get(path)
        if known is None:
            try:
                digest = hashlib.sha256(path.read_bytes()).hexdigest()
            except OSError as error:
                raise CantTellError(f"{str(path)!r} can't be read ({error.strerror})") from None
            known = self._known[path] = (signature, digest)
            signature = self._signature(path)
        if known[0] != signature:
            raise CantTellError(f"{str(path)!r} has changed since this process began")
        return known[1]

    def are_still(self, paths: Iterable[Path]) -> bool:
        """Whether files are what they were when their digests were taken."""
        try:
            return all(self._signature(path) == self._known[path][0] for path in paths)
        except CantTellError:
            return False

    def _signature(self, path: Path) -> Signature:
        try:
            found = path.stat()
        except OSError as error:
            raise CantTellError(f"{str(path)!r} can't be read ({error.strerror})") from None
        # The time of the last change of the entry can't be set back, as that of the content can.
        if max(found.st_mtime, found.st_ctime) > self._since - TICK_S:
            raise CantTellError(f"{str(path)!r} has changed since this process began")
        return (found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino)
