"""``iml export`` and ``iml import``."""

from __future__ import annotations

import hashlib
from pathlib import Path

from rich.console import Console
from rich.text import Text

from iml_general.study.storage.place import default_folder, find_run
from iml_general.study.transfer.exporting import export_run
from iml_general.study.transfer.importing import import_run
from iml_general.study.transfer.manifest import Manifest
from iml_general.study.transfer.reading import read_export


def export(folder: Path, file: Path, storage: str | None) -> None:
    """Write a run into one file, and print what was written.

    Args:
        folder: The run's folder, or its name in a shared database.
        file: The file; it must not exist.
        storage: URL of a PostgreSQL database; None for SQLite in the folder.

    Raises:
        UsageError: If the file can't be written.
        RunError: If there is no such run, or its database can't be reached.
    """
    manifest = export_run(find_run(folder, storage), file)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    _print(f"Wrote {file}: {_in_words(manifest)}. SHA-256 {digest}")


def import_(file: Path, out: Path | None) -> None:
    """Make a run's folder of an exported run, and print what can be done with it.

    Args:
        file: What `export` wrote.
        out: The run's folder; ``runs/NAME-WORLD`` if None.

    Raises:
        UsageError: If the file is damaged or no export, or the folder can't be made.
    """
    exported = read_export(file)
    folder = out if out is not None else default_folder(exported.run.plan)
    import_run(exported, folder)
    finished = exported.manifest.units_done == exported.manifest.units_total
    more = "" if finished else f"; `iml worker {folder}` goes on with it"
    _print(f"Made {folder}: {_in_words(exported.manifest)}. `iml report {folder}` reports it{more}.")


def _in_words(manifest: Manifest) -> str:
    done = f"{manifest.units_done} of {manifest.units_total} units of work"
    return f"run {manifest.name!r}, {done}"


def _print(text: str) -> None:
    Console().print(Text(text), soft_wrap=True)
