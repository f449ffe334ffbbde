"""Writes one file with a world that conforms, for its author to change."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from string import Template

from iml_general.errors import UsageError
from iml_general.plugins import registry
from iml_general.plugins.naming import class_name, refuse_name


def write_world(name: str, parent: Path) -> Path:
    """Write a file with one world.

    Args:
        name: The world's name: lower-case words joined by hyphens.
        parent: The folder that the file is written to.

    Returns:
        The new file, called as the world with underscores.

    Raises:
        UsageError: If the name can't be used, the file is there already, or can't be written.
    """
    refuse_name(name, "world", registry.registered("worlds"))
    file = parent / f"{name.replace('-', '_')}.py"
    if file.exists():
        raise UsageError(f"{str(file)!r} exists, and nothing is overwritten; give another name or --out")
    template = (files(__name__) / "template" / "world.py.template").read_text(encoding="utf-8")
    try:
        parent.mkdir(parents=True, exist_ok=True)
        file.write_text(Template(template).substitute(name=name, cls=class_name(name)), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{str(file)!r} can't be written: {error.strerror}; give another --out") from error
    return file
