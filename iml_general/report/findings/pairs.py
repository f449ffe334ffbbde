"""The verdict table's lines: one per configuration and condition that is compared with a control."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import polars as pl

from iml_general.judging.effect import Effect
from iml_general.report.findings.distinctions import Options, distinctions, point_of
from iml_general.report.findings.endpoint import Endpoint
from iml_general.report.text import rounding
from iml_general.report.text.wording import CONTROLS, SYMBOLS, level_rank, plain
from iml_general.rows import ANCHOR, KEYS, NEGATIVE, POSITIVE, REFERENCE, SUBJECT

Key = tuple[str, ...]
Ranks = Mapping[str, tuple[float, ...]]

KEY = (*KEYS, "condition")
"""The columns that tell lines from each other."""
CONTROL_ROLES = (POSITIVE, NEGATIVE, REFERENCE, ANCHOR)
UNEQUAL_MEMORY = "unequal memory"


@dataclass(frozen=True)
class Pair:
    """One line of the verdict table.

    Attributes:
        key: Values of `KEY`, untouched.
        learner: The learner's name, as one harmless line, like all text below.
        rule: The update rule.
        more: Whatever else it takes to tell the configuration from others: study, world, level, values of
            a sweep, the hash of its options.
        condition: Words for the condition where several are compared with a control; else empty.
        point: The values of a sweep that it was measured at, by the factors' names; empty without one.
        role: ``"subject"`` or what kind of control it is.
        heading: The family, or for controls the heading under which they are set apart.
        finding: What the verdicts say together, in a word or two.
        flags: What to bear in mind when reading the verdicts.
        ends: The endpoints in the order of the table of effects, the primary one first.
    """

    key: Key
    learner: str
    rule: str
    more: str
    condition: str
    point: Mapping[str, str]
    role: str
    heading: str
    finding: str
    flags: tuple[str, ...]
    ends: tuple[Endpoint, ...]

    @property
    def name(self) -> str:
        """Learner, rule and what else tells this line from the others."""
        return f"{self.configured} {self.condition}" if self.condition else self.configured

    @property
    def configured(self) -> str:
        """The same of the configuration alone, whatever the condition."""
        return " ".join(part for part in (self.learner, self.rule, self.more) if part)

    @property
    def is_subject(self) -> bool:
        """Whether the study makes claims about this pair."""
        return self.role == SUBJECT

    @property
    def symbol(self) -> str:
        """The symbol that stands beside the finding."""
        return SYMBOLS.get(self.finding, "")

    @property
    def primary(self) -> Endpoint:
        """The endpoint that the finding rests on first."""
        return self.ends[0]

    def end(self, name: str) -> Endpoint:
        """Get an endpoint by its name in tables of data."""
        return next(end for end in self.ends if end.name == name)

    @property
    def seeds(self) -> str:
        """Number of seeds that the verdicts rest on."""
        return rounding.count_range(self.seed_counts)

    @property
    def seed_counts(self) -> list[int]:
        """Number of seeds of each endpoint that was measured."""
        return [int(e.values["n_seeds"]) for e in self.ends if e.values.get("n_seeds") is not None]

    @property
    def share_of_ideal(self) -> str:
        """The primary endpoint as a percentage of the ideal observer's."""
        return rounding.percent(self.primary.values.get("share_of_ideal"))


def pairs_of(
    verdicts: pl.DataFrame,
    findings: pl.DataFrame,
    endpoints: Sequence[Effect],
    conditions: Mapping[str, str],
    ranks: Ranks,
    options: Options,
) -> tuple[Pair, ...]:
    """Put what was found about one configuration under one condition side by side.

    Args:
        verdicts: Rows of `iml_general.judging.verdicts.VERDICT_SCHEMA`.
        findings: Rows of `iml_general.judging.findings.FINDING_SCHEMA`.
        endpoints: The endpoints, the primary one first.
        conditions: Words for the conditions, by name.
        ranks: By point of a sweep, where it belongs among the others.
        options: By the hash of a configuration its options by name.

    Returns:
        Lines sorted by family, learner, rule, and point of a sweep or level; controls last.
    """
    rows: dict[Key, dict[str, dict[str, Any]]] = {}
    for row in verdicts.iter_rows(named=True):
        rows.setdefault(tuple(row[name] for name in KEY), {})[row["endpoint"]] = row
    found = {tuple(row[name] for name in KEY): row for row in findings.iter_rows(named=True)}
    more = distinctions(list(dict.fromkeys(key[:-1] for key in rows)), options)
    several = len({key[-1] for key in rows}) > 1
    pairs = [
        _pair(
            key,
            verdicts_of,
            found.get(key, {}),
            endpoints,
            more=more[key[:-1]],
            condition=plain(conditions.get(key[-1], key[-1])) if several else "",
        )
        for key, verdicts_of in rows.items()
    ]
    return tuple(sorted(pairs, key=lambda pair: _order(pair, ranks)))


def grouped(pairs: Sequence[Pair]) -> list[tuple[str, list[Pair]]]:
    """Gather pairs under their headings.

    Args:
        pairs: Lines in the order of `pairs_of`.

    Returns:
        Heading and lines, families first, controls last.
    """
    return [(heading, list(members)) for heading, members in groupby(pairs, key=lambda pair: pair.heading)]


def _pair(
    key: Key,
    verdicts: Mapping[str, dict[str, Any]],
    found: Mapping[str, Any],
    endpoints: Sequence[Effect],
    more: str,
    condition: str,
) -> Pair:
    named = dict(zip(KEY, (plain(value) for value in key), strict=True))
    ends = tuple(Endpoint(one.name, plain(one.words), verdicts.get(one.name, {})) for one in endpoints)
    flags = [UNEQUAL_MEMORY] if found.get("unequal_memory") else []
    return Pair(
        key=key,
        learner=named["learner"],
        rule=named["rule"],
        more=more,
        condition=condition,
        point=point_of(key[KEY.index("point")]),
        role=named["role"],
        heading=named["family"] if named["role"] == SUBJECT else CONTROLS,
        finding=str(found.get("finding") or rounding.MISSING),
        flags=(*flags, *(end.disagreement for end in ends if end.disagreement)),
        ends=ends,
    )


def _order(pair: Pair, ranks: Ranks) -> tuple[object, ...]:
    named = dict(zip(KEY, pair.key, strict=True))
    family = (not pair.is_subject, pair.heading.casefold(), *(role != pair.role for role in CONTROL_ROLES))
    where = (named["study"], named["world"], ranks.get(named["point"], ()), level_rank(named["level"]))
    return *family, pair.learner, pair.rule, where, pair.more, pair.key
