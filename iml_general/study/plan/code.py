"""Which code a study rests on: the files of this package, and of those whose learners take part."""

from __future__ import annotations

import hashlib
import sys
from functools import lru_cache
from pathlib import Path

from iml_general.study.plan.resolve import Study

OURS = __name__.partition(".")[0]


def code_of(study: Study) -> dict[str, str]:
    """Identify the code that a study's rows and findings depend on.

    Args:
        study: The study.

    Returns:
        SHA-256 of all files, by the name of the package or, where a plan names a file, of the file.
    """
    everyone = [*study.entrants, *(search.start for search in study.searches)]
    modules = {one.learner.__module__ for one in everyone}
    modules |= {type(one.setting.source).__module__ for one in everyone}
    modules |= {condition.stages.__module__ for condition in study.conditions}
    others = sorted({module.partition(".")[0] for module in modules} - {OURS})
    found = {}
    for name in (OURS, *others):
        file = getattr(sys.modules[name], "__file__", None)
        if file is not None:
            is_package = hasattr(sys.modules[name], "__path__")
            found[name if is_package else Path(file).name] = _digest(Path(file), is_package)
    return found | _named_files(study)


def _named_files(study: Study) -> dict[str, str]:
    """Files that the plan names: one may hold an estimator, whose class and adapter lie elsewhere."""
    names = [one["name"] for one in study.plan["learners"]]
    names += [study.plan["world"]["name"], *study.plan["conditions"]]
    files = {Path(name.rpartition(":")[0]) for name in names if ".py:" in name}
    return {file.name: _digest(file.absolute(), False) for file in sorted(files)}


@lru_cache(maxsize=64)
def _digest(file: Path, is_package: bool) -> str:
    """SHA-256 of a file, or of names and contents of all files beside it and below."""
    if not is_package:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    folder, whole = file.parent, hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            whole.update(f"{path.relative_to(folder).as_posix()} {content}\n".encode())
    return whole.hexdigest()
