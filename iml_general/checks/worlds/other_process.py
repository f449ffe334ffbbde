"""Run as a script: imports a world, draws from it, and notes what that loads and gives.

The first argument is a folder with ``task.json`` (of the process that started this one) and, to be written,
``notes.json``. Nothing heavy is imported here: what is loaded is what the world loads.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import traceback
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from iml_general.options import configure
from iml_general.plugins.loading import import_named
from iml_general.worlds.pictures import Pictures
from iml_general.worlds.world import World

HEAVY = (
    "catboost",
    "jax",
    "lightgbm",
    "matplotlib",
    "pandas",
    "sklearn",
    "statsmodels",
    "tensorflow",
    "torch",
    "transformers",
    "xgboost",
)
"""Libraries that take a second or more to import."""


def main(folder: Path) -> None:
    """Carry out the task.

    Args:
        folder: Where the task lies, and where the notes go.
    """
    task = json.loads((folder / "task.json").read_text(encoding="utf-8"))
    notes: dict[str, Any] = {"error": "", "heavy": [], "digest": ""}
    os.chdir(folder / "empty")
    try:
        cls = import_named(task["target"])
        notes["heavy"] = [name for name in HEAVY if name in sys.modules]
        source = configure(cls, task["options"], "world")
        notes["digest"] = digest(source.draw(task["n_aliases"], np.random.default_rng(task["seed"])))
    except Exception:
        notes["error"] = traceback.format_exc().strip().splitlines()[-1]
    (folder / "notes.json").write_text(json.dumps(notes), encoding="utf-8")


def digest(world: World) -> str:
    """Identify a world by all that it holds.

    Args:
        world: A world.

    Returns:
        SHA-256.
    """
    whole = hashlib.sha256()
    for field in fields(world):
        value = getattr(world, field.name)
        if isinstance(value, Pictures):
            value = value.show(np.arange(world.n_aliases), "stage1")
        whole.update(value.tobytes() if isinstance(value, np.ndarray) else repr(value).encode())
    return whole.hexdigest()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
