"""``iml new learner``."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.text import Text

from iml_general.plugins.new_learner import write_learner


def new_learner(name: str, parent: Path) -> None:
    """Write a plugin package and say how to go on.

    Args:
        name: The learner's name.
        parent: Where its folder is made.

    Raises:
        UsageError: If the name or the place can't be used.
    """
    folder = write_learner(name, parent)
    package = name.replace("-", "_")
    cls = name.title().replace("-", "")
    lines = (
        f"Wrote {folder}, a package with a learner that conforms. Go on with:",
        f"  iml check {folder / package / 'learner.py'}:{cls}",
        f"  pip install -e {folder}",
        f"  iml run quick --learner {name}",
    )
    Console().print(Text("\n".join(lines)), soft_wrap=True)
