"""Which runs can stand in one report, and under which names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from iml_general.errors import UsageError
from iml_general.judging.decision import VerdictSettings
from iml_general.rows import KEYS
from iml_general.study.storage.record import RunRecord


def refuse_unlike(records: Sequence[RunRecord], settings: Sequence[VerdictSettings]) -> None:
    """Refuse runs whose verdicts mean different things: they can't stand in one table.

    Args:
        records: The runs.
        settings: How the verdicts of each are decided.

    Raises:
        UsageError: If there is no run, or the settings of two differ.
    """
    if not records:
        raise UsageError("a report needs at least one run, none was given")
    for run, other in zip(records, settings, strict=True):
        if other != settings[0]:
            raise UsageError(
                f"run {run.name!r} decides verdicts by {other}, run {records[0].name!r} by {settings[0]}:"
                " report runs with different verdict settings one by one"
            )


def told_apart(records: Sequence[RunRecord]) -> list[RunRecord]:
    """Give runs of one name, but of different plans, that measured the same a name of their own each.

    Args:
        records: The runs.

    Returns:
        The same runs, in this order.

    Raises:
        UsageError: If two runs of one plan measured the same, which would be counted twice.
    """
    if len(records) < 2:
        return list(records)
    first: dict[tuple[str, ...], int] = {}
    alike: set[int] = set()
    for number, run in enumerate(records):
        for key in run.scores.select(KEYS).unique(maintain_order=True).iter_rows():
            if key not in first:
                first[key] = number
            elif records[first[key]].plan == run.plan:
                raise _same(dict(zip(KEYS, key, strict=True)), first[key] + 1, number + 1)
            else:
                alike |= {first[key], number}
    return [
        replace(run, scores=run.scores.with_columns(study=pl.lit(f"{run.name} (run {number + 1})")))
        if number in alike
        else run
        for number, run in enumerate(records)
    ]


def _same(row: dict[str, str], first: int, second: int) -> UsageError:
    """A configuration that two runs measured would be counted twice."""
    return UsageError(
        f"runs {first} and {second} (both named {row['study']!r}) hold the same {row['learner']}"
        f" {row['rule']} ({row['level']}, {row['configuration']}) in world {row['world']!r}"
        " by the same plan: leave one out"
    )
