"""How far something is, as a bar: below a notebook's cell, or on a terminal."""

from __future__ import annotations

import html
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from iml_general.study.engine import Progress


@contextmanager
def shown(progress: bool | Progress) -> Iterator[Progress]:
    """Show how far something is in the way that the user wants.

    Args:
        progress: Whether to show a bar where there is a place for one, or whom to tell instead.

    Yields:
        Whom to tell.
    """
    if callable(progress):
        yield progress
    elif progress:
        with progress_bar() as told:
            yield told
    else:
        yield _tell_nobody


def _tell_nobody(done: int, total: int) -> None:
    del done, total


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """A bar below the notebook's cell, or else on standard error if that is a terminal; gone at the end."""
    with _cell_bar() if _is_notebook() else _terminal_bar() as told:
        yield told


def _is_notebook() -> bool:
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return hasattr(shell, "kernel")


@contextmanager
def _cell_bar() -> Iterator[Progress]:
    """A bar in the cell's output, which is replaced whenever there is something to tell."""
    display: Any = import_module("IPython.display").display  # not one of our libraries: a notebook brings it
    handle = display(_Markup(""), display_id=True)
    try:
        yield lambda done, total: handle.update(_Markup(_bar(done, total)))
    finally:
        handle.update(_Markup(""))


def _bar(done: int, total: int) -> str:
    text = html.escape(f"measuring: {done} of {total}")
    return f'<progress value="{done}" max="{total}" aria-label="{text}"></progress> {text}'


class _Markup:
    """HTML for a notebook."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return ""

    def _repr_html_(self) -> str:
        return self._text


@contextmanager
def _terminal_bar() -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(file=sys.stderr)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task("measuring")
        yield lambda done, total: bar.update(task, completed=done, total=total)
