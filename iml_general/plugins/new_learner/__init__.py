"""Writes a small plugin package with a learner that conforms, for its author to change."""

from __future__ import annotations

import importlib.util
from importlib.resources import files
from pathlib import Path
from string import Template

from iml_general.errors import UsageError
from iml_general.plugins import registry
from iml_general.plugins.naming import class_name, refuse_name

TEMPLATES = {
    "pyproject.toml": "pyproject.toml.template",
    "README.md": "README.md.template",
    "$package/__init__.py": "init.py.template",
    "$package/learner.py": "learner.py.template",
    "tests/test_$package.py": "test_learner.py.template",
}


def write_learner(name: str, parent: Path) -> Path:
    """Write a package with one learner.

    Args:
        name: The learner's and the package's name: lower-case words joined by hyphens.
        parent: The new folder, called as the learner, is made in here.

    Returns:
        The new folder.

    Raises:
        UsageError: If the name can't be used, the folder is there already, or can't be written.
    """
    words = {"name": name, "package": name.replace("-", "_"), "cls": class_name(name)}
    folder = parent / name
    _check(name, words["package"], folder)
    templates = files(__name__) / "template"
    try:
        for path, template in TEMPLATES.items():
            target = folder / Template(path).substitute(words)
            target.parent.mkdir(parents=True, exist_ok=True)
            text = (templates / template).read_text(encoding="utf-8")
            target.write_text(Template(text).substitute(words), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{str(folder)!r} can't be written: {error.strerror}; give another --out") from error
    return folder


def _check(name: str, package: str, folder: Path) -> None:
    refuse_name(name, "learner", registry.registered("learners"))
    if folder.exists():
        raise UsageError(f"{str(folder)!r} exists, and nothing is overwritten; give another name or --out")
    if importlib.util.find_spec(package) is not None:
        raise UsageError(f"there is a module {package!r} already, which it would hide; give another name")
