"""How far something is: below a notebook's cell, on a terminal, told to a function, or not at all."""

import sys
from types import SimpleNamespace
from typing import Any

import pytest

import iml_general as iml
from iml_general.api.progress import shown


def test_a_function_is_told_the_tasks_done_and_all_tasks(small: dict[str, object]) -> None:
    told: list[tuple[int, int]] = []
    iml.measure("chance", seeds=2, settings=small, progress=lambda *counts: told.append(counts))
    assert told == [(done, 6) for done in range(7)]


def test_nothing_is_shown_where_there_is_no_terminal(
    small: dict[str, object], capsys: pytest.CaptureFixture[str]
) -> None:
    iml.measure("chance", seeds=2, settings=small)
    assert capsys.readouterr() == ("", "")


def test_a_notebook_gets_one_bar_that_is_updated_and_gone_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    cell: list[str] = []

    class Handle:
        def update(self, markup: Any) -> None:
            cell[-1] = markup._repr_html_()
            seen.append(cell[-1])

    def display(markup: Any, display_id: bool) -> Handle:
        cell.append(markup._repr_html_())
        return Handle()

    seen: list[str] = []
    ipython = SimpleNamespace(get_ipython=lambda: SimpleNamespace(kernel=None))
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", SimpleNamespace(display=display))
    with shown(True) as told:
        told(0, 4)
        told(3, 4)
    assert len(cell) == 1
    assert '<progress value="3" max="4"' in seen[1]
    assert "3 of 4" in seen[1]
    assert cell == [""]
