"""``iml new learner``, ``iml new regressor`` and ``iml new world``."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.text import Text

from iml_general.plugins.naming import class_name
from iml_general.plugins.new_learner import WORDS, write_learner
from iml_general.plugins.new_world import write_world


def new_learner(name: str, parent: Path, answer_kind: str) -> None:
    """Write a plugin package and say how to go on.

    Args:
        name: The learner's name.
        parent: Where its folder is made.
        answer_kind: What it answers with, `iml_general.learner.CLASSES` or `iml_general.learner.NUMBERS`.

    Raises:
        UsageError: If the name or the place can't be used.
    """
    folder = write_learner(name, parent, answer_kind)
    package = name.replace("-", "_")
    cls = class_name(name)
    words = WORDS[answer_kind]
    lines = (
        f"Wrote {folder}, a package with a {words['kind']} that conforms. Go on with:",
        f"  iml check {folder / package / 'learner.py'}:{cls}",
        f"  pip install -e {folder}",
        f"  iml run {words['preset']} --learner {name}",
    )
    Console().print(Text("\n".join(lines)), soft_wrap=True)


def new_world(name: str, parent: Path) -> None:
    """Write a file with a world and say how to go on.

    Args:
        name: The world's name.
        parent: Where the file is written.

    Raises:
        UsageError: If the name or the place can't be used.
    """
    file = write_world(name, parent)
    place = f"{file if file.is_absolute() else f'./{file}'}:{class_name(name)}"
    lines = (
        f"Wrote {file}, a world that conforms. Change it, and go on with:",
        f"  iml check {place}",
        f"  iml peek --world {place}",
        f"  iml run quick --world {place} --learner extra-trees",
    )
    Console().print(Text("\n".join(lines)), soft_wrap=True)
