"""The distributions that are installed, as they describe themselves."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = "iml-general"
EXTRAS = ("torch", "xgboost-cpu", "catboost", "river", "dev")
"""What `make test` installs."""
RULES: Mapping[str, Any] = tomllib.loads((Path(__file__).parent / "rules.toml").read_text("utf-8"))


@dataclass(frozen=True)
class Installed:
    """One distribution.

    Attributes:
        name: Its canonical name.
        version: Its version, without a local part.
        licence: SPDX expression; empty if it does not tell.
        status: Its development status, in words; empty if it does not tell.
        requires: Canonical names of the installed distributions that it needs.
    """

    name: str
    version: str
    licence: str
    status: str
    requires: tuple[str, ...]


def everything(extras: tuple[str, ...] = EXTRAS) -> dict[str, Installed]:
    """Follow the requirements of this program.

    Args:
        extras: Which of its optional parts count.

    Returns:
        All distributions that it comes to, itself included, by name and in the order of names.
    """
    found: dict[str, Installed] = {}
    waiting = [(ROOT, extras)]
    seen: set[tuple[str, tuple[str, ...]]] = set()
    while waiting:
        one = waiting.pop()
        if one in seen:
            continue
        seen.add(one)
        name, wanted = one
        there = _there(name)
        if there is None:
            continue
        needs = list(_needs(there, wanted))
        waiting += needs
        before = found[name].requires if name in found else ()
        requires = {*before, *(need for need, _ in needs if _there(need) is not None)}
        found[name] = _described(name, there, tuple(sorted(requires)))
    return dict(sorted(found.items()))


def _needs(there: Distribution, extras: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for text in there.requires or []:
        need = Requirement(text)
        if need.marker is None or any(need.marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            yield canonicalize_name(need.name), tuple(sorted(need.extras))


@cache
def _there(name: str) -> Distribution | None:
    """A distribution; none where it is not installed, such as another CPU's or system's."""
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


def _described(name: str, there: Distribution, requires: tuple[str, ...]) -> Installed:
    classifiers = there.metadata.get_all("Classifier") or []
    told = [line.rpartition(" :: ")[2] for line in classifiers if line.startswith("License :: OSI")]
    known = [RULES["classifiers"][line] for line in told if line in RULES["classifiers"]]
    licence = there.metadata.get("License-Expression") or RULES["licence_of"].get(name) or " OR ".join(known)
    status = next((line.rpartition(" - ")[2] for line in classifiers if "Development Status" in line), "")
    return Installed(name, there.version.partition("+")[0], licence, status, requires)
