"""What the shell completes: names that are registered, runs, formats. Loads nothing heavy, runs no plugin."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from iml_general.plugins import loading

DATABASE = "run.sqlite3"
"""`iml_general.study.storage.place.DATABASE`, which a shell that waits for a name has no time to load."""
FORMATS = ("all", "html", "md", "json", "tex", "csv", "parquet", "figures", "paper")


def learner_names(incomplete: str) -> list[str]:
    """Registered learners whose names begin so."""
    return _registered("learners", incomplete)


def plugin_names(incomplete: str) -> list[str]:
    """Registered learners and worlds."""
    return learner_names(incomplete) + world_names(incomplete)


def preset_names(incomplete: str) -> list[str]:
    """Registered presets, and plan files in the folder."""
    plans = (str(path) for path in _folder(incomplete).glob("*.toml"))
    return _registered("presets", incomplete) + _beginning(plans, incomplete)


def world_names(incomplete: str) -> list[str]:
    """Registered worlds."""
    return _registered("worlds", incomplete)


def condition_names(incomplete: str) -> list[str]:
    """Registered conditions."""
    return _registered("conditions", incomplete)


def runs(incomplete: str) -> list[str]:
    """Folders of runs: those in ``runs``, and those in the folder that was begun to be written."""
    places = {Path("runs"), _folder(incomplete)}
    found = (str(database.parent) for place in places for database in place.glob(f"*/{DATABASE}"))
    return _beginning(found, incomplete)


def formats(incomplete: str) -> list[str]:
    """Formats of a report, the last of a list."""
    before, comma, last = incomplete.rpartition(",")
    return [f"{before}{comma}{name}" for name in _beginning(FORMATS, last)]


def _registered(kind: str, incomplete: str) -> list[str]:
    return _beginning(loading.points(kind), incomplete)


def _folder(incomplete: str) -> Path:
    return Path(incomplete).parent if "/" in incomplete else Path()


def _beginning(names: Iterable[str], incomplete: str) -> list[str]:
    return sorted(name for name in names if name.startswith(incomplete))
