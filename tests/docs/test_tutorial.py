"""The tutorial runs from the first cell to the last, and shows what this code finds."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
AGAIN = "write it anew: python scripts/run_tutorial.py"
Cell = Any


@pytest.fixture(scope="module")
def stored() -> nbformat.NotebookNode:
    return nbformat.read(ROOT / "docs" / "tutorial.ipynb", as_version=4)


@pytest.fixture(scope="module")
def executed(stored: nbformat.NotebookNode) -> nbformat.NotebookNode:
    return script().executed(stored)


def script() -> ModuleType:
    path = ROOT / "scripts" / "run_tutorial.py"
    spec = importlib.util.spec_from_file_location("run_tutorial", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def code(notebook: nbformat.NotebookNode) -> list[Cell]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def shown(cell: Cell, kind: str) -> list[str]:
    """What a cell shows of one kind: text that it printed, or one of the forms of its value."""
    printed = [one.text for one in cell.outputs if one.output_type == "stream" and kind == "text/plain"]
    return [*printed, *(one.data[kind] for one in cell.outputs if kind in one.get("data", {}))]


def results(notebook: nbformat.NotebookNode) -> list[str]:
    """The tables of findings, as cells show them."""
    pages = [page for cell in code(notebook) for page in shown(cell, "text/html")]
    return [page for page in pages if "controlled effects" in page]


@pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::RuntimeWarning"
)  # of the notebook's libraries
def test_every_cell_shows_what_the_page_says_that_it_shows(
    stored: nbformat.NotebookNode, executed: nbformat.NotebookNode
) -> None:
    for then, now in zip(code(stored), code(executed), strict=True):
        for kind in ("text/plain", "text/html"):
            assert shown(now, kind) == shown(then, kind), f"{AGAIN}; cell: {then.source}"
        assert len(shown(now, "image/svg+xml")) == len(shown(then, "image/svg+xml"))


def test_every_result_of_the_page_is_valid_and_has_findings(stored: nbformat.NotebookNode) -> None:
    pages = results(stored)
    assert len(pages) == 2
    for page in pages:
        assert "INVALID" not in page
        assert "ideal-observer" in page
    drawings = [one for cell in code(stored) for one in shown(cell, "image/svg+xml")]
    assert len(drawings) == 1


def test_what_the_text_says_of_rules_and_neighbours_is_what_was_found(stored: nbformat.NotebookNode) -> None:
    text = " ".join(page for cell in code(stored) for page in shown(cell, "text/plain"))
    findings = dict(re.findall(r"│ extra-trees\s+┆ (\w+)\s+┆ ([\w ]+?)\s+┆", text))
    assert findings["refit"] == "trusts"
    assert findings["grow"] == "no trust"
    forest, _ = results(stored)
    assert "undecided" in forest
    assert "seeds needed" in forest
    alt = next(shown(cell, "text/plain")[0] for cell in code(stored) if shown(cell, "image/svg+xml"))
    assert "nearest-neighbors" in alt


def test_nothing_that_the_page_shows_is_a_warning_or_of_the_machine_that_it_was_made_on(
    stored: nbformat.NotebookNode,
) -> None:
    streams = [one for cell in code(stored) for one in cell.outputs if one.output_type == "stream"]
    assert {one.name for one in streams} == {"stdout"}
    assert not re.search(r"site-packages|/(tmp|home|root|work)/", nbformat.writes(stored))


def test_links_of_the_page_lead_to_pages_that_exist(stored: nbformat.NotebookNode) -> None:
    text = "\n".join(cell.source for cell in stored.cells if cell.cell_type == "markdown")
    targets = [target for target in re.findall(r"\]\(([^)]+)\)", text) if "://" not in target]
    assert len(targets) > 5
    for target in targets:
        assert (ROOT / "docs" / target).is_file(), target
