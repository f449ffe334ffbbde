"""What the verdicts come to: one finding per configuration, and whether the controls vouch for it."""

from __future__ import annotations

import polars as pl

from iml_general.judging.decision import VerdictSettings, at_least, finding
from iml_general.judging.effects import IML_GAP, TRUST
from iml_general.rows import KEYS, NEGATIVE, POSITIVE

FINDING_SCHEMA: dict[str, pl.DataType] = {
    **{key: pl.String() for key in KEYS},
    "condition": pl.String(),
    "finding": pl.String(),
    **dict.fromkeys(("em_reliable", "em_unreliable", "em_unseen"), pl.Float64()),  # after stage 2
    "unequal_memory": pl.Boolean(),  # one source's own statements were memorised better
}
"""Columns of findings and their types."""

EXPECTED = {POSITIVE: ("trusts",), NEGATIVE: ("no trust", "not internalised")}
"""The findings that each control may come out with. Where statements differ in kind from what is asked,
a tag-blind learner may carry nothing over, and shows no trust either; the positive control has to."""


def findings(verdicts: pl.DataFrame, facts: pl.DataFrame, settings: VerdictSettings) -> pl.DataFrame:
    """Put the verdicts on both declared endpoints together: METHOD section 5a.

    Args:
        verdicts: What `iml_general.judging.verdicts.verdicts` gave. A declared endpoint that was not
            judged counts as inconclusive; further endpoints count for nothing here.
        facts: What `iml_general.judging.facts.group_facts` gave.
        settings: Thresholds.

    Returns:
        Rows of `FINDING_SCHEMA`, one per row of `facts`, in their order.
    """
    cell = [*KEYS, "condition"]
    table = facts.join(_verdicts_on(TRUST.name, verdicts), on=cell, how="left", maintain_order="left")
    table = table.join(_verdicts_on(IML_GAP.name, verdicts), on=cell, how="left", maintain_order="left")
    rows = []
    for row in table.iter_rows(named=True):
        row["finding"] = finding(*(row[name] or "inconclusive" for name in (TRUST.name, IML_GAP.name)))
        row["unequal_memory"] = not at_least(settings.sesoi, abs(row["memory_gap"] or 0.0))
        rows.append({name: row[name] for name in FINDING_SCHEMA})
    return pl.DataFrame(rows, schema=FINDING_SCHEMA)


def _verdicts_on(endpoint: str, verdicts: pl.DataFrame) -> pl.DataFrame:
    return verdicts.filter(endpoint=endpoint).select(*KEYS, "condition", pl.col("verdict").alias(endpoint))


def validity(findings: pl.DataFrame, condition: str) -> tuple[str, ...]:
    """Check that both controls came out as they must.

    Args:
        findings: What `findings` gave. Points of a sweep, where nothing is expected of anyone, are
            left out.
        condition: The condition that the study's claims are on, the first of its plan. Under others
            nothing is expected of a control: who is betrayed had better not trust.

    Returns:
        One sentence per fault; empty if the study is valid.
    """
    if findings.is_empty():
        return ("Nothing was judged, controls included.",)
    places = findings.group_by("study", "world", maintain_order=True)
    claimed = pl.col("condition") == condition
    return tuple(
        fault
        for place, rows in places
        for role in EXPECTED
        for fault in _faults(place, rows.filter(claimed), role)
    )


def _faults(place: tuple[object, ...], findings: pl.DataFrame, role: str) -> list[str]:
    """What is wrong with one control in one study and world: a control vouches for no other."""
    expected = EXPECTED[role]
    controls = findings.filter(role=role, point="")
    if controls.is_empty():
        study, world = place
        return [f"Study {study!r} has no {role} in world {world!r}, so nothing vouches for its findings."]
    return [
        f"The {role} {row['learner']!r} ({row['rule']}) came out {row['finding']} in world"
        f" {row['world']!r}; it must come out {' or '.join(expected)}."
        for row in controls.filter(~pl.col("finding").is_in(expected)).iter_rows(named=True)
    ]
