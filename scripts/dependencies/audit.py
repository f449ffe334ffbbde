"""Holds every installed distribution to scripts/dependencies/rules.toml: `make audit`, and a test."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from packaging.utils import canonicalize_name

from scripts.dependencies.installed import ROOT, RULES, Installed, everything

CONSTRAINTS = Path(__file__).parents[2] / "constraints-py311.txt"
PIN = re.compile(r"(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;]+)")


def read_pins(text: str) -> dict[str, str]:
    """Read a file of constraints.

    Args:
        text: One ``name==version`` a line, and comments.

    Returns:
        Versions by canonical name.

    Raises:
        ValueError: For a line that pins nothing.
    """
    pins = {}
    for line in filter(None, (line.partition("#")[0].strip() for line in text.splitlines())):
        found = PIN.fullmatch(line)
        if found is None:
            raise ValueError(f"not pinned: {line!r}")
        pins[canonicalize_name(found["name"])] = found["version"]
    return pins


def faults(found: Mapping[str, Installed], pins: Mapping[str, str]) -> Iterator[str]:
    """Say what breaks a rule.

    Args:
        found: The distributions, by name.
        pins: What constraints-py311.txt has.

    Yields:
        One line each.
    """
    for name, one in found.items():
        if name == ROOT:
            continue
        if name not in pins:
            yield f"{name} {one.version} is not pinned in {CONSTRAINTS.name}"
        elif pins[name] != one.version:
            yield f"{name} is {one.version}, and pinned to {pins[name]}"
        parts = set(re.split(r"[\s()]+|\bAND\b|\bOR\b|\bWITH\b", one.licence)) - {""}
        others = sorted(parts - set(RULES["licences"]))
        if not parts:
            yield f"{name} tells no licence: read it, and write it in [licence_of]"
        elif others:
            yield f"{name} is under {one.licence}: {', '.join(others)} is not among `licences`"
        if name in RULES["abandoned"]:
            yield f"{name} is abandoned; {RULES['abandoned'][name]} took its place"
        if one.status == "Inactive":
            yield f"{name} says of itself that it is inactive"


def main() -> None:
    """Print the distributions with their licences, and what breaks a rule; exit 1 if anything does."""
    found = everything()
    for one in found.values():
        sys.stdout.write(f"{one.name} {one.version}: {one.licence}\n")
    broken = list(faults(found, read_pins(CONSTRAINTS.read_text("utf-8"))))
    for line in broken:
        sys.stderr.write(f"{line}\n")
    sys.exit(bool(broken))


if __name__ == "__main__":
    main()
