"""EM or R2 of the groups of aliases, as charts and tables show it: which groups, and their means."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from iml_general.protocol.protocol import UNSEEN
from iml_general.report.findings.pairs import KEY, Key
from iml_general.rows import CORRECTNESS, TWIN

ASKED = pl.col("measure").is_in(CORRECTNESS) & (pl.col("probe") == "question")
"""Rows that say how right the answers to untagged questions are."""

NAMES = {"em": "EM", "r2": "R2"}


def correctness_in_words(means: pl.DataFrame) -> str:
    """Name what says how right answers are.

    Args:
        means: What `iml_general.judging.estimates.group_means` gave.

    Returns:
        ``"EM"``, of numbers ``"R2"``, or both where runs are put side by side.
    """
    there = set(means["measure"].unique())
    return " or ".join(name for measure, name in NAMES.items() if measure in there) or NAMES["em"]


def group_title(means: pl.DataFrame) -> str:
    """What the figure and the table of the groups are called.

    Args:
        means: As for `correctness_in_words`.

    Returns:
        Such as ``"Exact match of each group"``.
    """
    return f"{correctness_in_words(means).replace('EM', 'Exact match')} of each group"


def groups_of(means: pl.DataFrame, order: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Find the groups whose answers tell something at each moment.

    Args:
        means: What `iml_general.judging.estimates.group_means` gave.
        order: Groups of the runs' protocols, in their order; others follow by name.

    Returns:
        Groups by moment, in that order: after the first stage those that it taught,
        after the last those that are new in it, in between all, and always those never seen.
    """
    cells = means.select("moment", "group", "probe", "measure").unique()
    new = set(cells.filter(probe="statement")["group"])  # only what came later is asked for its statements
    asked = cells.filter(pl.col("moment").str.ends_with(TWIN).not_(), ASKED)
    moments = sorted(asked["moment"].unique())
    shown = {}
    for moment in moments:
        names = sorted(asked.filter(moment=moment)["group"])
        groups = sorted(names, key=lambda group: order.index(group) if group in order else len(order))
        left_out = new if moment == moments[0] else set(groups) - new if moment == moments[-1] else set()
        shown[moment] = tuple(group for group in groups if group == UNSEEN or group not in left_out)
    return shown


def mean_correctness(means: pl.DataFrame, moment: str, group: str) -> dict[Key, float]:
    """Look up EM, of numbers R2, on untagged questions.

    Args:
        means: What `iml_general.judging.estimates.group_means` gave.
        moment: Name of the stage after which it was scored.
        group: A group.

    Returns:
        Mean over seeds by configuration and condition; what was not measured is left out.
    """
    rows = means.filter(ASKED, moment=moment, group=group).select(*KEY, "mean").iter_rows()
    return {row[:-1]: row[-1] for row in rows}
