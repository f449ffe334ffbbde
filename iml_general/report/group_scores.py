"""Mean EM of every group of a pair, as charts and tables show it."""

from __future__ import annotations

import polars as pl

from iml_general.report.pairs import Key
from iml_general.scores import KEYS

STAGE1_GROUPS = ("corroborated", "contradicted", "undefined", "unseen")
STAGE2_GROUPS = ("new_reliable", "new_unreliable", "new_neutral", "unseen")
MOMENTS = {"stage1": STAGE1_GROUPS, "stage2": STAGE2_GROUPS}


def mean_em(means: pl.DataFrame, moment: str, group: str) -> dict[Key, float]:
    """Look up EM on untagged questions under the informative condition.

    Args:
        means: What `iml_general.effects.group_means` gave.
        moment: ``"stage1"`` or ``"stage2"``.
        group: A group.

    Returns:
        Mean over seeds by pair; pairs that were not measured are left out.
    """
    wanted = {"condition": "informative", "moment": moment, "group": group, "probe": "question"}
    found = means.filter(*(pl.col(column) == value for column, value in wanted.items()))
    rows = found.drop_nulls("em").select(*KEYS, "em").iter_rows()
    return {tuple(row[:-1]): float(row[-1]) for row in rows}
