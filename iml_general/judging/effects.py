"""Effects per seed, and group means: METHOD section 4, from score rows alone."""

from __future__ import annotations

import polars as pl

from iml_general.errors import UsageError
from iml_general.rows import KEYS

CONDITIONS = ("informative", "shuffled", "no_stage1")
CELL = (*KEYS, "condition", "seed", "moment", "group", "probe")
MEMORISED = 0.05  # METHOD section 4: internalisation is undefined where less than this was memorised
ROUNDING = 1e-9  # 0.30 - 0.25 is 0.05, whatever floating-point numbers make of it

EFFECTS = (
    "stage1_gap",
    "iml_gap",
    "conflict_preference",
    "disbelief",
    "internalisation_reliable",
    "internalisation_unreliable",
    "internalisation_neutral",
)


def seed_effects(scores: pl.DataFrame) -> pl.DataFrame:
    """Compute every effect of every seed under every condition.

    Args:
        scores: Rows of `iml_general.rows.SCORE_SCHEMA`.

    Returns:
        One row per `KEYS`, seed and effect of `EFFECTS`, with the effect's value under each of
        ``informative``, ``shuffled`` and ``no_stage1``, and ``controlled``: informative minus
        shuffled. A value is null where a score that it needs is missing or it is undefined.

    Raises:
        UsageError: If something was scored twice; says what.
    """
    _refuse_twice(scores)
    by_condition = scores.group_by(*KEYS, "seed", "condition").agg(
        stage1_gap=_em("corroborated", "stage1") - _em("contradicted", "stage1"),
        iml_gap=_em("new_reliable") - _em("new_unreliable"),
        conflict_preference=_score("said_reliable", "new_conflict")
        - _score("said_unreliable", "new_conflict"),
        disbelief=_em("new_unreliable") - _em("unseen"),
        internalisation_reliable=_internalisation("new_reliable"),
        internalisation_unreliable=_internalisation("new_unreliable"),
        internalisation_neutral=_internalisation("new_neutral"),
    )
    long = by_condition.unpivot(
        EFFECTS, index=[*KEYS, "seed", "condition"], variable_name="effect", value_name="value"
    )
    index = [*KEYS, "seed", "effect"]
    wide = long.group_by(index).agg(
        pl.col("value").filter(pl.col("condition") == condition).first().alias(condition)
        for condition in CONDITIONS
    )
    controlled = pl.col("informative") - pl.col("shuffled")
    return wide.with_columns(controlled.alias("controlled")).sort(index)


def group_means(scores: pl.DataFrame) -> pl.DataFrame:
    """Average the scores of every group over seeds.

    Args:
        scores: Rows of `iml_general.rows.SCORE_SCHEMA`.

    Returns:
        One row per `KEYS`, condition, moment, group and probe: ``n_seeds``, and for each of
        ``em``, ``log_probability`` and ``brier`` the mean (under its own name) and the standard
        deviation over seeds (``em_sd`` and so on; null for one seed).
    """
    names = ("em", "log_probability", "brier")
    cell = [*KEYS, "condition", "moment", "group", "probe"]
    means = [pl.col(name).mean() for name in names]
    deviations = [pl.col(name).std().alias(f"{name}_sd") for name in names]
    return (
        scores.group_by(cell).agg(pl.col("seed").n_unique().alias("n_seeds"), *means, *deviations).sort(cell)
    )


def _refuse_twice(scores: pl.DataFrame) -> None:
    """A second score of the same cell would silently be left out."""
    twice = scores.select(CELL).is_duplicated()
    if twice.any():
        row = scores.filter(twice).row(0, named=True)
        who = f"{row['learner']} {row['rule']} ({row['configuration']}) of study {row['study']!r}"
        where = ", ".join(str(row[name]) for name in CELL[len(KEYS) :])
        raise UsageError(f"scores hold {who} twice: {where}; give every run and every seed once")


def _score(column: str, group: str, moment: str = "stage2", probe: str = "question") -> pl.Expr:
    """One score of one group within one condition of one seed; null if it is not there."""
    wanted = (pl.col("group") == group) & (pl.col("moment") == moment) & (pl.col("probe") == probe)
    return pl.col(column).filter(wanted).first()


def _em(group: str, moment: str = "stage2", probe: str = "question") -> pl.Expr:
    return _score("em", group, moment, probe)


def _internalisation(group: str) -> pl.Expr:
    """Kappa: the share of what was memorised that carries over to questions."""
    base = _em("unseen")
    memorised = _em(group, probe="statement") - base
    return pl.when(memorised >= MEMORISED - ROUNDING).then((_em(group) - base) / memorised)
