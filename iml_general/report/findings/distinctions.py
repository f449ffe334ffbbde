"""What has to be added to learner and rule to tell one line of a report from another."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from iml_general.report.text.wording import plain, value_text
from iml_general.rows import KEYS

Key = tuple[str, ...]
"""Values of `iml_general.rows.KEYS`."""

Options = Mapping[str, Mapping[str, Any]]
"""By the hash of a configuration its options by name."""


def distinctions(keys: Sequence[Key], options: Options) -> dict[Key, str]:
    """Say what tells configurations apart: what varies, and only as far as it varies.

    Args:
        keys: The configurations.
        options: What they are. One that is not there is told apart by its hash.

    Returns:
        A few words by configuration; none where learner and rule are enough, and none for a learner's
        defaults, from which chosen options are told apart by those that differ.
    """
    rows = [dict(zip(KEYS, key, strict=True)) for key in keys]
    varying = [name for name in ("study", "world", "level") if len({row[name] for row in rows}) > 1]
    if len({(row["study"], row["world"]) for row in rows}) == len({row["study"] for row in rows}):
        varying = [name for name in varying if name != "world" or "study" not in varying]
    alike: dict[tuple[str, str, str], list[str]] = {}
    texts = [_distinction(row, varying) for row in rows]
    for row, text in zip(rows, texts, strict=True):
        alike.setdefault((row["learner"], row["rule"], text), []).append(row["configuration"])
    result = {}
    for key, row, text in zip(keys, rows, texts, strict=True):
        twins = alike[row["learner"], row["rule"], text]
        beside = _of_defaults(row, varying, alike)
        told = _options(row["configuration"], [*twins, *beside], options) if len(twins) > 1 or beside else ""
        hashed = plain(row["configuration"]) if len(twins) > 1 else ""
        result[key] = " ".join(part for part in (text, told or hashed) if part)
    return result


def options_by_configuration(configurations: Sequence[pl.DataFrame]) -> Options:
    """Read what configurations are.

    Args:
        configurations: Per run, rows of `iml_general.study.storage.record.CONFIGURATION_SCHEMA`.

    Returns:
        Their options: the learner's under their own names, others as ``encoding.NAME``.
    """
    found = {}
    for frame in configurations:
        for row in frame.iter_rows(named=True):
            learner, encoding = json.loads(row["options"]), json.loads(row["encoding"])
            found[row["configuration"]] = {
                **learner,
                **{f"encoding.{name}": value for name, value in encoding.items()},
            }
    return found


def point_of(text: str) -> dict[str, str]:
    """Read a point of a sweep.

    Args:
        text: A value of the rows' column ``point``.

    Returns:
        Texts of its values by the factors' names, in the plan's order; empty if it is no point.
    """
    values = json.loads(text) if text else {}
    return {plain(name): value_text(value) for name, value in values.items()}


def _distinction(row: Mapping[str, str], varying: Sequence[str]) -> str:
    # A learner's own defaults go without saying.
    texts = [plain(row[name]) for name in varying if row[name] != "default"]
    return " ".join([*texts, *(f"{name}={value}" for name, value in point_of(row["point"]).items())])


def _of_defaults(
    row: Mapping[str, str], varying: Sequence[str], alike: Mapping[tuple[str, str, str], list[str]]
) -> list[str]:
    """Beside what options was chosen: the configurations of the same learner and rule with its defaults."""
    if row["level"] != "chosen" or "level" not in varying:
        return []
    return alike.get((row["learner"], row["rule"], _distinction({**row, "level": "default"}, varying)), [])


def _options(configuration: str, twins: Sequence[str], options: Options) -> str:
    """The options in which a configuration differs from its twins; empty if these don't tell them apart."""
    known = [options.get(twin, {}) for twin in twins]
    names = [name for name in known[0] if any(one.get(name) != known[0][name] for one in known)]
    told = [tuple(json.dumps(one.get(name)) for name in names) for one in known]
    if len(set(told)) < len(twins):
        return ""
    mine = options[configuration]
    return " ".join(f"{plain(name)}={value_text(mine.get(name))}" for name in names)
