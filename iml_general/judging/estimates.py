"""Means over seeds, of effects and of scores, with their spread: what is shown beside the verdicts."""

from __future__ import annotations

import polars as pl
from scipy import stats

from iml_general.judging.inference import CONFIDENCE
from iml_general.judging.parts import parts
from iml_general.judging.sign_flips import NO_SPREAD
from iml_general.rows import KEYS


def estimates(effects: pl.DataFrame) -> pl.DataFrame:
    """Estimate the mean of every effect under every condition, and of the controlled effect.

    Args:
        effects: What `iml_general.judging.seed_effects.seed_effects` gave.

    Returns:
        One row per `KEYS`, condition and effect, in the order of `effects`. Of the value: ``n_seeds``
        that have one, ``mean``, ``sd`` over seeds, ``low`` and ``high`` of the 95% t-interval. Of the
        controlled effect the same: ``n_controlled``, ``controlled_mean`` and so on. Null is what the
        seeds are too few for.
    """
    cell = [*KEYS, "condition", "effect"]
    moments = (*_moments("value", "n_seeds", ""), *_moments("controlled", "n_controlled", "controlled_"))
    found = pl.concat(
        part.group_by(cell, maintain_order=True).agg(moments) for part in parts(effects, ["effect"])
    )
    of_value, of_controlled = _interval(found, "n_seeds", ""), _interval(found, "n_controlled", "controlled_")
    columns = [
        *("n_seeds", "mean", "sd", "low", "high"),
        *("n_controlled", "controlled_mean", "controlled_sd", "controlled_low", "controlled_high"),
    ]
    return found.with_columns(*of_value, *of_controlled).select(*cell, *columns)


def group_means(scores: pl.DataFrame) -> pl.DataFrame:
    """Average every score over seeds.

    Args:
        scores: Rows of `iml_general.rows.SCORE_SCHEMA`.

    Returns:
        One row per `KEYS`, condition, moment, group, probe and measure, in the order in which they
        first occur: ``n_seeds``, ``mean`` and ``sd``, the standard deviation over seeds (null for one).
    """
    return pl.concat(_means(part) for part in parts(scores, KEYS))


def _means(scores: pl.DataFrame) -> pl.DataFrame:
    """The same of some configurations."""
    cell = ["condition", "moment", "group", "probe", "measure"]
    value = pl.col("value")
    keys, numbers = _numbered(scores)
    found = (
        scores.select(*cell, "value")
        .with_columns(number=numbers)
        .group_by("number", *cell, maintain_order=True)
        .agg(n_seeds=pl.len(), mean=value.mean(), sd=value.std())
    )
    return keys[found["number"]].hstack(found.drop("number"))


def _numbered(scores: pl.DataFrame) -> tuple[pl.DataFrame, pl.Series]:
    """All configurations, and the number of each row's: grouping by it is quicker than by nine texts."""
    changes = (pl.col(key).ne_missing(pl.col(key).shift()) for key in KEYS)
    is_first = scores.select(pl.any_horizontal(*changes)).to_series()  # of rows that stand together
    runs = scores.select(KEYS).filter(is_first)
    keys = runs.unique(maintain_order=True)
    numbered = runs.join(keys.with_row_index("number"), on=KEYS, how="left", maintain_order="left")
    return keys, numbered["number"].gather(is_first.cum_sum() - 1)


def _moments(column: str, count: str, prefix: str) -> list[pl.Expr]:
    """Number, mean and standard deviation; what differs by rounding alone has no spread."""
    value = pl.col(column)
    is_spread = value.max() - value.min() >= NO_SPREAD
    sd = pl.when(value.count() > 1).then(pl.when(is_spread).then(value.std()).otherwise(0.0))
    return [value.count().alias(count), value.mean().alias(f"{prefix}mean"), sd.alias(f"{prefix}sd")]


def _interval(found: pl.DataFrame, count: str, prefix: str) -> list[pl.Expr]:
    """Both ends of the t-interval; null where there is no standard deviation."""
    numbers = found[count].unique().to_list()
    quantiles = {n: float(stats.t.ppf((1 + CONFIDENCE) / 2, n - 1)) if n > 1 else None for n in numbers}
    n, mean, sd = pl.col(count), pl.col(f"{prefix}mean"), pl.col(f"{prefix}sd")
    half = n.replace_strict(quantiles, return_dtype=pl.Float64()) * sd / n.sqrt()
    return [(mean - half).alias(f"{prefix}low"), (mean + half).alias(f"{prefix}high")]
