"""All code that some modules may run, found by following their imports without running anything."""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.machinery import EXTENSION_SUFFIXES, SOURCE_SUFFIXES, ModuleSpec
from pathlib import Path

from iml_general.study.cache.files import CantTellError
from iml_general.study.cache.libraries import library_of
from iml_general.study.cache.source import Source, read_source

OURS = __name__.partition(".")[0]
"""This package's loaders import what a plan names, which is followed by itself; worlds name its data."""
MOST_DATA = 64 * 2**20
"""Bytes of data beside a package's code up to which they are taken to belong to it."""


@dataclass(frozen=True)
class Root:
    """Where to begin.

    Attributes:
        place: A module's full name, or the path of a Python file.
        is_source: Whether it counts by its content even where it is installed as a library.
        tells_files: Whether the files that its package reads are told otherwise, by `Learner.files`.
    """

    place: str
    is_source: bool = True
    tells_files: bool = False

    @property
    def top(self) -> str:
        """Name of the package or module on the top level."""
        return self.place.partition(".")[0]

    @property
    def followed_as(self) -> str:
        """The same, and of a file its own name."""
        return Path(self.place).stem if self.place.endswith(".py") else self.top


@dataclass(frozen=True)
class Closure:
    """Code that was found.

    Attributes:
        files: Source files, and data beside the code of packages, each with a name that is the same
            wherever it lies.
        libraries: Names of distributions.
    """

    files: tuple[tuple[str, Path], ...]
    libraries: frozenset[str]


@lru_cache(maxsize=256)
def closure_of(roots: tuple[Root, ...]) -> Closure:
    """Follow the imports of some modules.

    Args:
        roots: Where to begin.

    Returns:
        All code that they may run: our own and other people's by its files, libraries by their names.

    Raises:
        CantTellError: If a source reaches for what its text does not tell, or can't be found.
    """
    tops = {root.top for root in roots if root.is_source}
    walk = _Walk(tops, {root.followed_as for root in roots if root.tells_files})
    for root in roots:
        walk.begin(root)
    return walk.result()


class _Walk:
    def __init__(self, tops: set[str], telling: set[str]) -> None:
        self._is_source = dict.fromkeys({*tops, OURS}, True)  # by name on the top level
        self._telling = {*telling, OURS}
        self._files: dict[str, Path] = {}
        self._libraries: set[str] = set()
        self._seen: set[str] = set()

    def begin(self, root: Root) -> None:
        if not root.place.endswith(".py"):
            if _find(root.place) is None:
                raise CantTellError(f"module {root.place!r} is in no file")
            self._visit(root.place)
            return
        path = Path(root.place).resolve()
        if path not in self._files.values():
            # Two files of one name are two files; where they lie is of no account.
            self._follow(f"file {len(self._files)} {path.name}", path, path.stem, is_package=False)

    def result(self) -> Closure:
        packages = {name.partition(".")[0] for name in self._files} - {OURS}
        for package in sorted(packages):
            spec = _find(package)
            for folder in (spec.submodule_search_locations if spec else None) or ():
                self._files |= dict(_data(package, Path(folder)))
        return Closure(tuple(sorted(self._files.items())), frozenset(self._libraries))

    def _visit(self, module: str) -> None:
        """Take in a module and the packages that it is in; of a name in a module, the module."""
        parts = module.split(".")
        if not self._counts(parts[0]):
            return
        for n in range(1, len(parts) + 1):
            name = ".".join(parts[:n])
            if name in self._seen:
                continue
            self._seen.add(name)
            spec = _find(name)
            if spec is None:
                return  # should it be there one day, it is found, and the key is another
            if spec.origin and spec.has_location:
                is_package = spec.submodule_search_locations is not None
                self._follow(name, Path(spec.origin), name, is_package)

    def _counts(self, top: str) -> bool:
        """Whether the files of a module on the top level count; or else its library, or Python's version."""
        if top not in self._is_source:
            spec = _find(top)
            origin = Path(spec.origin) if spec and spec.origin and spec.has_location else None
            is_own = spec is not None and not (top in sys.stdlib_module_names and _is_pythons(origin))
            library = library_of(top, origin) if is_own else None
            self._libraries |= {library} if library else set()
            self._is_source[top] = is_own and library is None
        return self._is_source[top]

    def _follow(self, name: str, path: Path, module: str, is_package: bool) -> None:
        self._files[name] = path
        if path.suffix not in SOURCE_SUFFIXES:
            if not any(path.name.endswith(suffix) for suffix in EXTENSION_SUFFIXES):
                raise CantTellError(f"{str(path)!r} is no source")
            return
        source = _read(path, module, is_package)
        if source.reaches and module.partition(".")[0] not in self._telling:
            raise CantTellError(f"{path.name} may read what can't be followed ({source.reaches})")
        for imported in source.imports:
            self._visit(imported)


def _is_pythons(origin: Path | None) -> bool:
    """Whether a file is of the standard library, and not one of somebody's that has a name of its."""
    if origin is None:
        return True
    folders = (Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib"))
    inside = [origin.relative_to(folder) for folder in folders if origin.is_relative_to(folder)]
    return any("site-packages" not in path.parts for path in inside)


def _read(path: Path, module: str, is_package: bool) -> Source:
    try:
        return read_source(path.read_bytes(), module, is_package, path.parent)
    except OSError as error:
        raise CantTellError(f"{str(path)!r} can't be read ({error.strerror})") from None


def _find(name: str) -> ModuleSpec | None:
    """Where a module is, or would be, imported from; its packages are not imported for it."""
    loaded = getattr(sys.modules.get(name), "__spec__", None)
    if isinstance(loaded, ModuleSpec):
        return loaded
    parent, _, _ = name.rpartition(".")
    within = None
    if parent:
        spec = _find(parent)
        if spec is None or spec.submodule_search_locations is None:
            return None
        within = list(spec.submodule_search_locations)
    for finder in sys.meta_path:
        find = getattr(finder, "find_spec", None)
        found = find(name, within) if find else None
        if isinstance(found, ModuleSpec):
            return found
    return None


def _data(package: str, folder: Path) -> Iterator[tuple[str, Path]]:
    """What lies beside a package's code: tables, weights, compiled parts."""
    total = 0
    for path in sorted(folder.rglob("*")):
        if path.suffix in SOURCE_SUFFIXES or "__pycache__" in path.parts or not path.is_file():
            continue
        total += path.stat().st_size
        if total > MOST_DATA:
            raise CantTellError(
                f"more than {MOST_DATA // 2**20} MB of data lie beside the code of {package!r}"
            )
        yield f"{package} {path.relative_to(folder).as_posix()}", path
