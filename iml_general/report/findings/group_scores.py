"""EM of every group of a pair, as charts and tables show it: means, and single seeds."""

from __future__ import annotations

import polars as pl

from iml_general.report.findings.pairs import Key
from iml_general.rows import KEYS

STAGE1_GROUPS = ("corroborated", "contradicted", "undefined", "unseen")
STAGE2_GROUPS = ("new_reliable", "new_unreliable", "new_neutral", "unseen")
MOMENTS = {"stage1": STAGE1_GROUPS, "stage2": STAGE2_GROUPS}


def mean_em(means: pl.DataFrame, moment: str, group: str) -> dict[Key, float]:
    """Look up EM on untagged questions under the informative condition.

    Args:
        means: What `iml_general.judging.effects.group_means` gave.
        moment: ``"stage1"`` or ``"stage2"``.
        group: A group.

    Returns:
        Mean over seeds by pair; pairs that were not measured are left out.
    """
    return dict(seed_values(means.filter(*_shown(moment, group)), "em"))


def seed_em(scores: pl.DataFrame, moment: str, group: str) -> list[tuple[Key, float]]:
    """Look up the single seeds that `mean_em` is the mean of.

    Args:
        scores: Rows of `iml_general.rows.SCORE_SCHEMA`.
        moment: ``"stage1"`` or ``"stage2"``.
        group: A group.

    Returns:
        Pair and EM of every seed.
    """
    return seed_values(scores.filter(*_shown(moment, group)).sort(*KEYS, "seed"), "em")


def seed_values(frame: pl.DataFrame, column: str) -> list[tuple[Key, float]]:
    """Read a column pair by pair.

    Args:
        frame: Rows with the columns of `iml_general.rows.KEYS`.
        column: A column of numbers.

    Returns:
        Pair and value of every row that has one.
    """
    rows = frame.drop_nulls(column).select(*KEYS, column).iter_rows()
    return [(tuple(row[:-1]), float(row[-1])) for row in rows]


def _shown(moment: str, group: str) -> list[pl.Expr]:
    wanted = {"condition": "informative", "moment": moment, "group": group, "probe": "question"}
    return [pl.col(column) == value for column, value in wanted.items()]
