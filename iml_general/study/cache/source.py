"""What a Python source imports, and whether it reaches for things that its text does not tell."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

NAMES = frozenset({"open", "exec", "eval", "compile", "input", "__import__", "__file__"})
"""Names whose use reads a file or runs code that the source does not show."""
ATTRIBUTES = frozenset(
    {
        *("open", "fdopen", "read_text", "read_bytes", "load", "loadtxt", "genfromtxt", "fromfile", "memmap"),
        *("read_csv", "read_parquet", "read_json", "read_table", "read_excel", "read_pickle", "read_ipc"),
        *("scan_csv", "scan_parquet", "load_model", "from_pretrained", "urlopen", "urlretrieve"),
        *("environ", "environb", "getenv", "argv"),
        *("import_module", "run_path", "run_module", "spec_from_file_location", "exec_module", "load_module"),
    }
)
"""The same for names after a dot, and for names that are imported from elsewhere."""
MODULES = frozenset(
    {
        *("subprocess", "socket", "urllib", "http", "requests", "httpx", "ctypes", "cffi", "mmap", "sqlite3"),
        *("runpy", "pkgutil", "zipimport", "shelve", "dbm", "pty", "multiprocessing"),
        "importlib.resources",
    }
)
"""Modules that are there for nothing else."""
LONGEST = 200  # letters of a text that may be the name of a file


@dataclass(frozen=True)
class Source:
    """What was read off a source.

    Attributes:
        imports: Every module that it may import, by full name; of ``from a import b`` both ``a`` and ``a.b``.
        reaches: The first thing because of which its text does not tell all that its results depend on, in
            words; empty if there is none.
    """

    imports: tuple[str, ...]
    reaches: str


@lru_cache(maxsize=1024)
def read_source(content: bytes, module: str, is_package: bool, folder: Path) -> Source:
    """Read a source; nothing of it is run.

    Args:
        content: The file's content.
        module: The module's full name; relative imports start from it.
        is_package: Whether it is a package's ``__init__``.
        folder: The folder that it lies in.

    Returns:
        What it imports, wherever that stands in it but for what is there for type checkers alone.
    """
    try:
        tree = ast.parse(content)
    except (SyntaxError, ValueError, RecursionError):
        return Source((), "it can't be parsed")
    package = module if is_package else module.rpartition(".")[0]
    imports: dict[str, None] = {}
    reaches = ""
    for node in _nodes(tree):
        named = tuple(_imports(node, package))
        imports |= dict.fromkeys(named)
        reached = _reached(node, named, folder)
        if reached and not reaches:
            reaches = f"line {getattr(node, 'lineno', 1)}: {reached}"
    return Source(tuple(imports), reaches)


def _nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes in the order of the text, but for blocks that only type checkers read."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        unread = isinstance(node, ast.If) and _is_for_type_checkers(node.test)
        inside = node.orelse if isinstance(node, ast.If) and unread else ast.iter_child_nodes(node)
        waiting += reversed(list(inside))


def _is_for_type_checkers(test: ast.expr) -> bool:
    name = test.attr if isinstance(test, ast.Attribute) else getattr(test, "id", "")
    return name == "TYPE_CHECKING"


def _imports(node: ast.AST, package: str) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if node.level:
            parts = package.split(".")
            base = ".".join([*parts[: len(parts) - node.level + 1], *([base] if base else [])])
        yield base
        yield from (f"{base}.{alias.name}" for alias in node.names if alias.name != "*")


def _reached(node: ast.AST, imports: tuple[str, ...], folder: Path) -> str:
    """What a node reaches for, in words."""
    for name in imports:
        last = name.rpartition(".")[2]
        if name in MODULES or name.partition(".")[0] in MODULES or last in ATTRIBUTES | NAMES:
            return f"imports {name!r}"
    if isinstance(node, ast.Name) and node.id in NAMES:
        return f"uses {node.id!r}"
    if isinstance(node, ast.Attribute) and node.attr in ATTRIBUTES:
        return f"uses {node.attr!r}"
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and _is_file(node.value, folder):
        return f"names the file {node.value!r}"
    return ""


def _is_file(text: str, folder: Path) -> bool:
    if not text.strip() or len(text) > LONGEST or "\n" in text or "\0" in text:
        return False
    try:
        return (folder / text).is_file() or Path(text).is_file()
    except OSError:
        return False
