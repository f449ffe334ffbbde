"""What a run was begun as: it goes on only with the same plan and the same library versions."""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from iml_general.errors import UsageError
from iml_general.plugins import loading
from iml_general.study.plan.code import code_of
from iml_general.study.plan.resolve import Study

CODE_OF, VERSION_OF = "code of ", "version of "
"""What the facts begin with that say which code and which libraries made the rows."""
CORE = ("iml-general", "numpy", "polars", "scipy", "statsmodels", "optuna")
"""Libraries that every run's rows and findings depend on; learners name theirs."""


def provenance(study: Study, command: str) -> dict[str, str]:
    """Collect the facts that a reader needs to judge or repeat a run.

    Args:
        study: The study.
        command: How the user asked for it.

    Returns:
        Facts in words, by name, in the order to show them.
    """
    libraries = {name for entrant in study.entrants for name in entrant.variants[0].info.libraries}
    versions = {name: _version(name) for name in (*CORE, *sorted(libraries - set(CORE)))}
    source = study.entrants[0].setting.source
    own = loading.file_of(type(source).__module__)  # a world's own file makes its rows as its table does
    files = {file.name: file for file in (*source.files(), *([Path(own)] if own else []))}
    read = {file for entrant in study.entrants for file in entrant.variants[0].files()}
    files |= {f"{file.parent.name}/{file.name}": file for file in sorted(read)}
    digests = {name: _sha256(file) for name, file in files.items()}
    first, last = study.units[0].seeds[0], study.units[-1].seeds[-1]
    return {
        "command": command,
        "begun": datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC"),
        "seeds": f"confirmation seeds {first.index} to {last.index} of root seed {first.root}",
        "world": source.describe(),
        "units of work": str(len(study.units)),
        "machine": machine(),
        **{f"{CODE_OF}{name}": f"SHA-256 {digest}" for name, digest in code_of(study).items()},
        f"{VERSION_OF}Python": platform.python_version(),
        **{f"{VERSION_OF}{name}": text for name, text in versions.items()},
        **{f"{VERSION_OF}{name}": f"SHA-256 {digest}" for name, digest in digests.items()},
    }


def _sha256(file: Path) -> str:
    with file.open("rb") as content:  # a learner's may be too large to be held
        return hashlib.file_digest(content, "sha256").hexdigest()


def machine() -> str:
    """Say what kind of machine this is."""
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"


def refuse_other_plan(stored: Mapping[str, Any], given: Mapping[str, Any], place: object) -> None:
    """Refuse to go on with a run under another plan.

    Args:
        stored: The resolved plan that the run was begun with.
        given: The resolved plan asked for now.
        place: Where the run lives, for the message.

    Raises:
        UsageError: If they differ; shows where.
    """
    _refuse(list(differences(stored, given)), f"the run in {place} has another plan")


def refuse_other_versions(stored: Mapping[str, str], given: Mapping[str, str], place: object) -> None:
    """Refuse to mix rows made with different versions of the libraries.

    Args:
        stored: Provenance that the run was begun with.
        given: Provenance of this process.
        place: Where the run lives, for the message.

    Raises:
        UsageError: If a version differs; shows which.
    """
    then = {name: text for name, text in stored.items() if name.startswith(VERSION_OF)}
    now = {name: text for name, text in given.items() if name.startswith(VERSION_OF)}
    _refuse(list(differences(then, now)), f"the run in {place} was begun with other libraries")


def with_code(stored: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """Keep in a run's facts all code that ever worked on it.

    Args:
        stored: Provenance as it stands with the run.
        given: Provenance of this process.

    Returns:
        The stored facts, in which code that is not the run's own so far is added to what there was.
    """
    facts = dict(stored)
    for name, text in given.items():
        if name.startswith(CODE_OF) and text not in facts.get(name, ""):
            facts[name] = f"{facts.get(name, 'not recorded')}, later {text}"
    return facts


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        # The CPU build of XGBoost is a distribution of its own with the same module in it.
        return _version(f"{distribution}-cpu") if not distribution.endswith("-cpu") else "not installed"


def _refuse(found: list[str], what: str) -> None:
    if found:
        shown = "; ".join(found[:5]) + (f"; and {len(found) - 5} more" if len(found) > 5 else "")
        raise UsageError(
            f"{what} ({shown}): give another --out (in Python, folder), or go on with it as it was"
        )


def differences(
    stored: Any, given: Any, sides: tuple[str, str] = ("there", "here"), place: str = ""
) -> Iterator[str]:
    """Say of each place where two nested values differ what is there.

    Args:
        stored: A plan, facts, or a part of them.
        given: Another.
        sides: What the two are called.
        place: Which part they are; empty for the whole.

    Yields:
        The place and both values, in words.
    """
    if isinstance(stored, Mapping) and isinstance(given, Mapping):
        for key in sorted({*stored, *given}):
            inside = f"{place}.{key}" if place else key
            yield from differences(stored.get(key), given.get(key), sides, inside)
    elif place in ("learners", "sweep") and isinstance(stored, list) and isinstance(given, list):
        yield from differences(_numbered(stored), _numbered(given), sides, place)
    elif stored != given:
        one, other = sides
        yield f"{place}: {one} {_in_words(stored)}, {other} {_in_words(given)}"


def _numbered(sections: list[dict[str, Any]]) -> dict[str, Any]:
    return {f"{number} {section['name']}": section for number, section in enumerate(sections)}


def _in_words(value: Any) -> str:
    if value is None:
        return "nothing"
    return str(value["name"]) if isinstance(value, Mapping) and "name" in value else repr(value)
