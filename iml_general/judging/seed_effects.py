"""From score rows to effects: one number per seed, condition and effect, and its control beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from iml_general.errors import UsageError
from iml_general.judging.effect import SCORE, Effect, needed_scores
from iml_general.judging.effects import EFFECTS
from iml_general.judging.parts import parts
from iml_general.rows import KEYS, OCCASIONAL

SEED = (*KEYS, "condition", "seed")
"""The columns that identify one seed under one condition."""


def seed_effects(
    scores: pl.DataFrame, controls: Mapping[str, str], effects: Sequence[Effect] = EFFECTS
) -> pl.DataFrame:
    """Compute every effect of every seed under every condition.

    Args:
        scores: Rows of `iml_general.rows.SCORE_SCHEMA`.
        controls: For every condition that has a control, the condition it is compared with.
        effects: What to compute.

    Returns:
        One row per effect, `KEYS`, condition and seed, in this order of sorting, effects in the order
        given: ``value`` under the condition, ``control``: the value of the same seed under the control,
        and ``controlled``: value minus control. Null is what needs a score that is not there, or is
        undefined.

    Raises:
        UsageError: If something was scored twice; says what.
    """
    return effects_of(seed_scores(scores, (effect.formula for effect in effects)), controls, effects)


def measured(effects: Sequence[Effect], scores: pl.DataFrame) -> tuple[Effect, ...]:
    """Leave out effects made of what only some studies measure, and this one did not.

    Args:
        effects: Effects.
        scores: Rows of `iml_general.rows.SCORE_SCHEMA`.

    Returns:
        The others, in their order. What is undefined for another reason stays, for all to see.
    """
    absent = {*OCCASIONAL} - {*scores["measure"].unique(), *scores["probe"].unique()}

    def is_measured(effect: Effect) -> bool:
        needed = needed_scores([effect.formula])
        return absent.isdisjoint([*needed["measure"], *needed["probe"]])

    return tuple(effect for effect in effects if is_measured(effect))


def seed_scores(scores: pl.DataFrame, formulas: Iterable[pl.Expr]) -> pl.DataFrame:
    """Put the scores that formulas read side by side.

    Args:
        scores: Rows of `iml_general.rows.SCORE_SCHEMA`.
        formulas: Expressions made of `iml_general.judging.effect.score`.

    Returns:
        One row per `SEED`, sorted, with one column per score; null where it was not measured.

    Raises:
        UsageError: If something was scored twice; says what.
    """
    needed = needed_scores(formulas)
    found = [_side_by_side(part, needed) for part in parts(scores, KEYS)]
    return pl.concat(found).sort(SEED) if len(found) > 1 else found[0]


def _side_by_side(scores: pl.DataFrame, needed: pl.DataFrame) -> pl.DataFrame:
    """The scores that are needed of some configurations."""
    _refuse_twice(scores)
    read = scores.lazy().join(needed.lazy(), on=SCORE).select(*SEED, "column", "value").collect()
    found = read.pivot(
        "column", on_columns=needed["column"], index=SEED, values="value", maintain_order=False
    )
    # Rows of one seed stand together, mostly: leaving out what is like the row above is quick.
    runs = scores.select(SEED).filter(pl.struct(SEED).rle_id().is_first_distinct())
    return runs.unique().sort(SEED).join(found, on=SEED, how="left", maintain_order="left")


def effects_of(
    seeds: pl.DataFrame, controls: Mapping[str, str], effects: Sequence[Effect] = EFFECTS
) -> pl.DataFrame:
    """Compute effects from scores that stand side by side.

    Args:
        seeds: What `seed_scores` gave for the formulas of all effects.
        controls: For every condition that has a control, the condition it is compared with.
        effects: What to compute.

    Returns:
        What `seed_effects` returns.
    """
    names = [effect.name for effect in effects]
    values = seeds.select(*SEED, *(_finite(effect.formula).alias(effect.name) for effect in effects))
    compared = pl.col("condition").replace_strict(dict(controls), default=None, return_dtype=pl.String())
    beside = values.select(*KEYS, "seed", condition=compared).join(
        values, on=SEED, how="left", maintain_order="left"
    )
    long = values.unpivot(names, index=list(SEED), variable_name="effect", value_name="value")
    control = beside.unpivot(names, value_name="control")["control"]
    return long.with_columns(control).with_columns(controlled=pl.col("value") - pl.col("control"))


def _finite(formula: pl.Expr) -> pl.Expr:
    """A number that no mean can take in, such as 0 / 0, is undefined like any other."""
    value = formula.cast(pl.Float64())
    return pl.when(value.is_finite()).then(value)


def _refuse_twice(scores: pl.DataFrame) -> None:
    """A second score of the same cell would silently be left out."""
    cells = scores.select(*SEED, *SCORE)
    if cells.hash_rows().n_unique() == cells.height:  # equal rows have equal hashes, and this is quick
        return
    twice = cells.is_duplicated()
    if twice.any():
        row = scores.filter(twice).row(0, named=True)
        who = f"{row['learner']} {row['rule']} ({row['configuration']}) of study {row['study']!r}"
        where = ", ".join(str(row[name]) for name in ("condition", "seed", *SCORE))
        raise UsageError(f"scores hold {who} twice: {where}; give every run and every seed once")
