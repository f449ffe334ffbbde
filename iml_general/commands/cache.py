"""What ``iml cache`` and ``iml cache clear`` do."""

from __future__ import annotations

import time
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from iml_general.errors import RunError
from iml_general.study.cache.entry import learner_of
from iml_general.study.cache.folder import OFF, CacheFolder, cache_folder

DAY_S = 86_400
LEFT_S = 3_600
"""Age of an unfinished entry, in seconds, from which on nobody is writing it any more."""


def show_cache(given: str | None) -> None:
    """Print what a cache has.

    Args:
        given: A folder, ``"off"`` or ``"on"``; None if the user did not say.

    Raises:
        UsageError: If it is no folder.
        RunError: If it can't be read.
    """
    folder = _folder(given)
    if folder is None:
        return
    files = _all(folder)
    sizes, counts = Counter[str](), Counter[str]()
    for path in files:
        learner = learner_of(path) or "(damaged)"
        with suppress(OSError):  # somebody has just cleared it
            sizes[learner] += path.stat().st_size
        counts[learner] += 1
    table = Table(box=None, pad_edge=False)
    table.add_column("learner")
    for name in ("units", "size"):
        table.add_column(name, justify="right")
    for learner, n in sorted(counts.items()):
        table.add_row(Text(learner), str(n), _size(sizes[learner]))
    if files:
        Console().print(table)
    _print(f"{_counted(len(files))}, {_size(sizes.total())}, in {str(folder.path)!r}.{_since(files)}")


def clear_cache(given: str | None, older_than: float | None) -> None:
    """Remove what a cache has, and nothing else that may lie there.

    Args:
        given: As in `show_cache`.
        older_than: Days; None to remove all.

    Raises:
        UsageError: If it is no folder.
        RunError: If it can't be read, or something can't be removed.
    """
    folder = _folder(given)
    if folder is None:
        return
    now, removed, freed = time.time(), 0, 0
    oldest = dict.fromkeys(_all(folder), 0.0 if older_than is None else older_than * DAY_S)
    left = dict.fromkeys(folder.unfinished(), float(LEFT_S))
    try:
        for path, age in {**oldest, **left}.items():
            with suppress(FileNotFoundError):
                found = path.stat()
                if now - found.st_mtime >= age:
                    path.unlink()
                    removed, freed = removed + (path in oldest), freed + found.st_size
    except OSError as error:
        raise RunError(f"{str(error.filename)!r} can't be removed: {error.strerror}") from None
    _print(f"Removed {_counted(removed)}, {_size(freed)}, from {str(folder.path)!r}.")


def _folder(given: str | None) -> CacheFolder | None:
    folder = cache_folder(given)
    if folder is None:
        _print(f"The cache is {OFF}: finished units are neither kept nor reused.")
    return folder


def _all(folder: CacheFolder) -> list[Path]:
    try:
        return list(folder.entries())
    except OSError as error:
        raise RunError(f"the cache {str(folder.path)!r} can't be read: {error.strerror}") from None


def _counted(n: int) -> str:
    return f"{n} {'unit' if n == 1 else 'units'} of work"


def _size(n_bytes: int) -> str:
    return f"{n_bytes / 2**20:.1f} MB" if n_bytes >= 2**20 else f"{n_bytes / 2**10:.1f} kB"


def _since(files: list[Path]) -> str:
    times = []
    for path in files:
        with suppress(OSError):
            times.append(path.stat().st_mtime)
    return f" The oldest is of {datetime.fromtimestamp(min(times), UTC):%Y-%m-%d %H:%M UTC}." if times else ""


def _print(text: str) -> None:
    Console().print(Text(text), soft_wrap=True)
