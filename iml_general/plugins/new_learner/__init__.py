"""Writes a small plugin package with a learner that conforms, for its author to change."""

from __future__ import annotations

import importlib.util
from importlib.resources import files
from pathlib import Path
from string import Template

from iml_general.errors import UsageError
from iml_general.learner import CLASSES, NUMBERS
from iml_general.plugins import registry
from iml_general.plugins.naming import class_name, refuse_name

TEMPLATES = {
    "pyproject.toml": "pyproject.toml.template",
    "README.md": "README.md.template",
    "$package/__init__.py": "init.py.template",
    "$package/learner.py": "$kind.py.template",
    "tests/test_$package.py": "test_learner.py.template",
}
"""What is written, and from which template."""

WORDS = {
    CLASSES: {
        "kind": "learner",
        "preset": "quick",
        "answers": "with the class whose mean input is\nnearest",
    },
    NUMBERS: {
        "kind": "regressor",
        "preset": "numbers",
        "answers": "with a linear map of the\ninputs",
    },
}
"""What differs between the templates, by what the learner answers with."""


def write_learner(name: str, parent: Path, answer_kind: str) -> Path:
    """Write a package with one learner.

    Args:
        name: The learner's and the package's name: lower-case words joined by hyphens.
        parent: The new folder, called as the learner, is made in here.
        answer_kind: Whether it answers with `CLASSES`, or with `NUMBERS` and is a regressor.

    Returns:
        The new folder.

    Raises:
        UsageError: If the name can't be used, the folder is there already, or can't be written.
    """
    words = {**WORDS[answer_kind], "name": name, "package": name.replace("-", "_"), "cls": class_name(name)}
    folder = parent / name
    _check(name, words["package"], folder)
    templates = files(__name__) / "template"
    try:
        for path, template in TEMPLATES.items():
            target = folder / Template(path).substitute(words)
            target.parent.mkdir(parents=True, exist_ok=True)
            text = (templates / Template(template).substitute(words)).read_text(encoding="utf-8")
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
