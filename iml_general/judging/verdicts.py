"""One verdict per configuration, controlled condition and endpoint, with the numbers it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import polars as pl

from iml_general.judging.decision import VerdictSettings, decide
from iml_general.judging.doubts import disagreement, seeds_needed, why_inconclusive
from iml_general.judging.effect import Effect
from iml_general.judging.facts import shares_of_ideal
from iml_general.judging.inference import Inference, holm, infer_all
from iml_general.rows import KEYS, SUBJECT

VERDICT_SCHEMA: dict[str, pl.DataType] = {
    **{key: pl.String() for key in KEYS},
    "condition": pl.String(),
    "endpoint": pl.String(),
    "verdict": pl.String(),
    "n_seeds": pl.Int32(),
    **dict.fromkeys(("mean", "low", "high", "sd", "p", "p_holm", "p_equivalence"), pl.Float64()),
    **dict.fromkeys(("bca_low", "bca_high", "p_sign_flip"), pl.Float64()),
    "disagreement": pl.String(),  # where a robustness check comes to another result; else empty
    "robust": pl.Boolean(),  # whether there is no such place; null where nothing could be tested
    "reason": pl.String(),  # what an inconclusive verdict lacks; else empty
    "seeds_needed": pl.Int32(),  # to tell the effect from 0 with 80% power; only where that is lacking
    "mean_value": pl.Float64(),  # under the condition, over the paired seeds
    "mean_control": pl.Float64(),  # under its control, over the same seeds
    "share_of_ideal": pl.Float64(),
}
"""Columns of verdicts and their types."""

CLAIM = (*(key for key in KEYS if key != "level"), "condition", "endpoint")
"""What a claim is about. A level is only how its configuration was come by."""


def verdicts(
    effects: pl.DataFrame,
    facts: pl.DataFrame,
    ceilings: pl.DataFrame,
    endpoints: Sequence[Effect],
    settings: VerdictSettings,
) -> pl.DataFrame:
    """Give a verdict on every configuration, controlled condition and endpoint.

    Args:
        effects: What `iml_general.judging.seed_effects.seed_effects` gave.
        facts: What `iml_general.judging.facts.group_facts` gave: rows of the conditions to judge.
        ceilings: What `iml_general.judging.facts.ceilings` gave.
        endpoints: The effects to judge, the primary one first.
        settings: Thresholds.

    Returns:
        Rows of `VERDICT_SCHEMA`, sorted by `KEYS` and condition, endpoints in the order given.
    """
    table = _evidence(effects, facts, ceilings, endpoints, settings)
    samples = [effects.to_numpy() for effects in table["controlled"]]
    inferences = infer_all(samples, table["sesoi"].to_list())
    p_holm, n_tests = corrected(table, [inference.p for inference in inferences])
    rows = [
        _judged(*one, settings)
        for one in zip(table.iter_rows(named=True), inferences, p_holm, n_tests, strict=True)
    ]
    return pl.DataFrame(rows, schema=VERDICT_SCHEMA)


def _evidence(
    effects: pl.DataFrame,
    facts: pl.DataFrame,
    ceilings: pl.DataFrame,
    endpoints: Sequence[Effect],
    settings: VerdictSettings,
) -> pl.DataFrame:
    """One row per verdict: its controlled effects and all that is said of them."""
    names = [effect.name for effect in endpoints]
    cell = [*KEYS, "condition", "effect"]
    sesois = pl.DataFrame(
        {"effect": names, "sesoi": [getattr(settings, effect.sesoi) for effect in endpoints]},
        schema={"effect": pl.String(), "sesoi": pl.Float64()},
    )
    judged = effects.join(facts.select(*KEYS, "condition"), on=[*KEYS, "condition"], how="semi").join(
        sesois.with_row_index("place"), on="effect"
    )
    # Means are over paired seeds, so that value minus control is the controlled mean.
    is_paired = pl.col("controlled").is_not_null()
    cells = (
        judged.sort("seed")  # joins promise no order, and the last digit of a sum depends on it
        .group_by(cell)
        .agg(
            pl.col("controlled").drop_nulls(),
            pl.col("place", "sesoi").first(),
            mean_value=pl.col("value").filter(is_paired).mean(),
            mean_control=pl.col("control").filter(is_paired).mean(),
        )
    )
    return (
        cells.join(facts, on=[*KEYS, "condition"], how="left")
        .join(ceilings, on=cell, how="left")
        .join(shares_of_ideal(judged), on=cell, how="left")
        .sort(*KEYS, "condition", "place")
        .rename({"effect": "endpoint"})
    )


def corrected(claims: pl.DataFrame, p_values: Sequence[float | None]) -> tuple[list[float | None], list[int]]:
    """Correct the claims of a study: everything that it says of subjects, together.

    Controls and references claim nothing: each is held against what is known of it, so its p value
    stays as it is. The same claim at two levels is one test: whoever arrives at the same configuration
    twice, by searching and by default, does not pay for it twice. On other seeds it would be another test.

    Args:
        claims: One row per verdict, with the columns of `CLAIM`.
        p_values: Their p values; None where nothing could be tested.

    Returns:
        Holm-corrected p values, None where there is no p value; and how many tests each one was
        corrected for, 0 where there is none.
    """
    tests = list(zip(claims.select(CLAIM).iter_rows(), p_values, strict=True))
    is_claim = (claims["role"] == SUBJECT).to_list()
    once = {tests[i]: p for i, p in enumerate(p_values) if p is not None and is_claim[i]}
    of_claim = dict(zip(once, holm(list(once.values())), strict=True))
    found = [of_claim.get(test, test[1]) for test in tests]  # whose role is none of a subject's is not there
    sizes = [
        0 if p is None else len(once) if claimed else 1 for p, claimed in zip(p_values, is_claim, strict=True)
    ]
    return found, sizes


def _judged(
    row: dict[str, Any],
    inference: Inference,
    p_holm: float | None,
    n_tests: int,
    settings: VerdictSettings,
) -> dict[str, Any]:
    """One row of `VERDICT_SCHEMA`."""
    sesoi = row["sesoi"]
    verdict = decide(
        inference,
        p_holm,
        sesoi,
        settings,
        carried_over=row["carried_over"],
        is_saturated=bool(row["is_saturated"]),
    )
    is_open = verdict == "inconclusive"
    objections = disagreement(inference, settings.alpha)
    found = {
        **row,
        **asdict(inference),
        "verdict": verdict,
        "p_holm": p_holm,
        "disagreement": objections,
        "robust": None if p_holm is None else not objections,
        "reason": why_inconclusive(inference, p_holm, settings) if is_open else "",
        "seeds_needed": seeds_needed(inference, p_holm, n_tests, sesoi, settings) if is_open else None,
    }
    return {name: found[name] for name in VERDICT_SCHEMA}
