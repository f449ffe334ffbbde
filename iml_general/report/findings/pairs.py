"""The verdict table's lines: one per learner, rule, level and configuration."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import polars as pl

from iml_general.judging.verdict import ANCHOR
from iml_general.report.findings.endpoint import Endpoint
from iml_general.report.text import rounding
from iml_general.report.text.wording import CONTROLS, ENDPOINTS, level_rank, plain
from iml_general.rows import KEYS

Key = tuple[str, ...]
Places = Mapping[str, tuple[str, float]]
NOWHERE = ("", 0.0)  # the place of a level that is no point of a sweep
CONTROL_ROLES = ("positive control", "negative control", "reference", ANCHOR)


@dataclass(frozen=True)
class Pair:
    """One line of the verdict table.

    Attributes:
        key: Values of `iml_general.rows.KEYS`, untouched.
        learner: The learner's name, as one harmless line, like all text below.
        rule: The update rule.
        more: Whatever else it takes to tell this line from the others: level, configuration.
        factor: What varies, at a point of a sweep; else empty.
        role: ``"subject"`` or what kind of control it is.
        heading: The family, or for controls the heading under which they are set apart.
        gap: The verdict on the IML gap.
        conflict: The verdict on the conflict preference.
    """

    key: Key
    learner: str
    rule: str
    more: str
    factor: str
    role: str
    heading: str
    gap: Endpoint
    conflict: Endpoint

    @property
    def name(self) -> str:
        """Learner, rule and what else tells this line from the others."""
        return " ".join(part for part in (self.learner, self.rule, self.more) if part)

    @property
    def is_subject(self) -> bool:
        """Whether the study makes claims about this pair."""
        return self.role == "subject"

    @property
    def endpoints(self) -> tuple[Endpoint, Endpoint]:
        """Both endpoints, the primary one first."""
        return self.gap, self.conflict

    @property
    def seeds(self) -> str:
        """Number of seeds that the verdicts rest on."""
        return rounding.count_range(self.seed_counts)

    @property
    def seed_counts(self) -> list[int]:
        """Number of seeds of each endpoint that was measured."""
        return [int(e.values["n_seeds"]) for e in self.endpoints if e.values.get("n_seeds") is not None]

    @property
    def share_of_ideal(self) -> str:
        """The gap as a percentage of the ideal observer's."""
        return rounding.percent(self.gap.values.get("share_of_ideal"))

    @property
    def flags(self) -> list[str]:
        """What to bear in mind when reading the verdicts."""
        named = {"saturated": "saturated", "unequal_memory": "unequal memory"}
        flags = [words for column, words in named.items() if self.gap.values.get(column)]
        # Only both together are evidence of trust: noise under the unreliable tag makes a gap too.
        if self.is_subject and self.gap.verdict == "present" and self.conflict.verdict != "present":
            flags.append("gap without preference")
        return flags + [e.disagreement for e in self.endpoints if e.disagreement]


def pairs_of(verdicts: pl.DataFrame, places: Places) -> tuple[Pair, ...]:
    """Put the verdicts of one pair side by side.

    Args:
        verdicts: What `iml_general.judging.verdict.judge` returned.
        places: By level of a sweep its factor, and a number that rises from value to value.

    Returns:
        Lines sorted by family, learner, rule, and value of a sweep or level; controls last.
    """
    rows: dict[Key, dict[str, dict[str, Any]]] = {}
    for row in verdicts.iter_rows(named=True):
        rows.setdefault(tuple(row[name] for name in KEYS), {})[row["endpoint"]] = row
    more = _distinctions(list(rows))
    pairs = [_pair(key, endpoints, more[key], places) for key, endpoints in rows.items()]
    return tuple(sorted(pairs, key=lambda pair: _order(pair, places)))


def grouped(pairs: Sequence[Pair]) -> list[tuple[str, list[Pair]]]:
    """Gather pairs under their headings.

    Args:
        pairs: Lines in the order of `pairs_of`.

    Returns:
        Heading and lines, families first, controls last.
    """
    return [(heading, list(members)) for heading, members in groupby(pairs, key=lambda pair: pair.heading)]


def _pair(key: Key, endpoints: dict[str, dict[str, Any]], more: str, places: Places) -> Pair:
    named = dict(zip(KEYS, (plain(value) for value in key), strict=True))
    subject = named["role"] == "subject"
    gap, conflict = (Endpoint(name, endpoints.get(column, {})) for column, name in ENDPOINTS.items())
    return Pair(
        key=key,
        learner=named["learner"],
        rule=named["rule"],
        more=more,
        factor=plain(places.get(key[KEYS.index("level")], NOWHERE)[0]),
        role=named["role"],
        heading=named["family"] if subject else CONTROLS,
        gap=gap,
        conflict=conflict,
    )


def _distinctions(keys: list[Key]) -> dict[Key, str]:
    """What has to be added to learner and rule: columns that vary, only as far as they vary."""
    columns = [dict(zip(KEYS, key, strict=True)) for key in keys]
    varying = [name for name in ("study", "world", "level") if len({row[name] for row in columns}) > 1]
    if len({(row["study"], row["world"]) for row in columns}) == len({row["study"] for row in columns}):
        varying = [name for name in varying if name != "world" or "study" not in varying]
    # A learner's own defaults go without saying.
    texts = [" ".join(plain(row[name]) for name in varying if row[name] != "default") for row in columns]
    seen = Counter((row["learner"], row["rule"], text) for row, text in zip(columns, texts, strict=True))
    result = {}
    for key, row, text in zip(keys, columns, texts, strict=True):
        twins = seen[row["learner"], row["rule"], text] > 1
        parts = [text, plain(row["configuration"]) if twins else ""]
        result[key] = " ".join(part for part in parts if part)
    return result


def _order(pair: Pair, places: Places) -> tuple[object, ...]:
    named = dict(zip(KEYS, pair.key, strict=True))
    family = (not pair.is_subject, pair.heading.casefold(), *(role != pair.role for role in CONTROL_ROLES))
    level = named["level"]
    where = (named["study"], named["world"], places.get(level, NOWHERE), level_rank(level))
    return *family, pair.learner, pair.rule, where, pair.more, pair.key
