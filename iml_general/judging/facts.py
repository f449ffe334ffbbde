"""What verdicts take into account beside the effect: what carried over, could show, could be had."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import polars as pl

from iml_general.judging.decision import ROUNDING
from iml_general.judging.effect import Effect, correct
from iml_general.rows import ANCHOR, KEYS, POSITIVE

RELIABLE, UNRELIABLE, UNSEEN = (correct(name) for name in ("new_reliable", "new_unreliable", "unseen"))
MEMORY_GAP = correct("new_reliable", probe="statement") - correct("new_unreliable", probe="statement")

FACTS = (RELIABLE, UNRELIABLE, UNSEEN, MEMORY_GAP)
"""The formulas whose scores `group_facts` needs."""


def group_facts(seeds: pl.DataFrame, conditions: Collection[str]) -> pl.DataFrame:
    """Average EM, of numbers R2, on the new groups after stage 2.

    Args:
        seeds: What `iml_general.judging.seed_effects.seed_scores` gave for `FACTS`.
        conditions: Those that have a control.

    Returns:
        One row per `KEYS` and condition: ``em_reliable``, ``em_unreliable``, ``em_unseen``;
        ``memory_gap``, by how much statements of the reliable source were memorised better; and
        ``carried_over``, by how much the better group exceeds unseen, and 0: R2 of unseen aliases may lie
        below what knowing the mean alone is worth. Null where it was not measured.
    """
    means = (
        seeds.filter(pl.col("condition").is_in(list(conditions)))
        .group_by(*KEYS, "condition", maintain_order=True)
        .agg(
            em_reliable=RELIABLE.mean(),
            em_unreliable=UNRELIABLE.mean(),
            em_unseen=UNSEEN.mean(),
            memory_gap=MEMORY_GAP.mean(),
        )
    )
    better = pl.max_horizontal("em_reliable", "em_unreliable")
    base = pl.when(pl.col("em_unseen").is_not_null()).then(pl.max_horizontal("em_unseen", 0.0))
    return means.with_columns(carried_over=better - base)


def ceilings(seeds: pl.DataFrame, effects: Sequence[Effect], saturation: float) -> pl.DataFrame:
    """Tell which effects had no room to show.

    Args:
        seeds: What `iml_general.judging.seed_effects.seed_scores` gave for the effects' ceilings.
        effects: Effects that have a ceiling.
        saturation: Score from which on there is no room.

    Returns:
        One row per `KEYS`, condition and effect: ``is_saturated``, whether the mean over seeds of each
        score of its ceiling is at least that; null if none was measured.
    """
    cell = [*KEYS, "condition"]
    lowest = {effect.name: pl.min_horizontal(one.mean() for one in effect.ceiling) for effect in effects}
    means = seeds.group_by(cell, maintain_order=True).agg(**lowest)
    long = means.unpivot(list(lowest), index=cell, variable_name="effect", value_name="lowest")
    return long.select(*cell, "effect", is_saturated=pl.col("lowest") >= saturation - ROUNDING)


def shares_of_ideal(effects: pl.DataFrame) -> pl.DataFrame:
    """Divide mean controlled effects by the ideal observer's, on the same seeds and at the same point.

    Args:
        effects: Rows of endpoints as `iml_general.judging.seed_effects.seed_effects` gives them, and
            ``sesoi``, each endpoint's smallest effect of interest.

    Returns:
        One row per `KEYS`, condition and effect: ``share_of_ideal``, null where the ideal observer
        itself shows less than the smallest effect of interest: there is nothing to share.
    """
    both = effects.drop_nulls("controlled")
    place = ["study", "world", "condition", "effect", "seed"]
    base, at_point = _ideal(both, POSITIVE, place), _ideal(both, ANCHOR, [*place, "point"])
    paired = (
        both.join(base, on=place, how="left", maintain_order="left")
        .join(at_point, on=[*place, "point"], how="left", maintain_order="left")
        .with_columns(ideal=pl.coalesce(ANCHOR, POSITIVE))
        .drop_nulls("ideal")
    )
    cell = [*KEYS, "condition", "effect"]
    means = paired.group_by(cell).agg(pl.col("controlled", "ideal").mean(), pl.col("sesoi").first())
    share = pl.when(pl.col("ideal") >= pl.col("sesoi")).then(pl.col("controlled") / pl.col("ideal"))
    return means.select(*cell, share.alias("share_of_ideal"))


def _ideal(effects: pl.DataFrame, role: str, place: list[str]) -> pl.DataFrame:
    """The ideal observer's effects, averaged over its update rules, in a column named after its role."""
    return effects.filter(role=role).group_by(place).agg(pl.col("controlled").mean().alias(role))
