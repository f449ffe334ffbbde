"""Execute docs/tutorial.ipynb and store what its cells show: python scripts/run_tutorial.py."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from nbclient import NotebookClient

TUTORIAL = Path(__file__).parents[1] / "docs" / "tutorial.ipynb"
TIMEOUT_S = 600  # for one cell, on a machine that has much else to do


def executed(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Run all cells in a fresh kernel, in an empty folder.

    Args:
        notebook: The notebook.

    Returns:
        The same with what the cells show, and nothing that differs from run to run: no times, no
        outputs that a progress bar has left empty.

    Raises:
        nbclient.exceptions.CellExecutionError: If a cell raises.
    """
    made = nbformat.from_dict(notebook)
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"  # else the kernel warns of frozen modules
    with TemporaryDirectory() as folder:
        NotebookClient(made, timeout=TIMEOUT_S, resources={"metadata": {"path": folder}}).execute()
    for cell in made.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if not _is_empty(output)]
    return made


def _is_empty(output: nbformat.NotebookNode) -> bool:
    return output.output_type == "display_data" and not any(output.data.values())


def main() -> None:
    """Execute the notebook in place."""
    nbformat.write(executed(nbformat.read(TUTORIAL, as_version=4)), TUTORIAL)


if __name__ == "__main__":
    main()
