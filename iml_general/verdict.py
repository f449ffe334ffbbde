"""Judges a study: one verdict per configuration and endpoint, and whether the controls hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import polars as pl
from statsmodels.stats.multitest import multipletests

from iml_general.decision import VerdictSettings, decide, disagreement
from iml_general.effects import seed_effects
from iml_general.inference import Inference, infer, seeds_for_power
from iml_general.scores import KEYS

__all__ = ["ENDPOINTS", "VERDICT_SCHEMA", "VerdictSettings", "judge", "validity"]

ENDPOINTS = ("iml_gap", "conflict_preference")
"""The declared endpoints, the primary one first."""

SUBJECT, POSITIVE, NEGATIVE = "subject", "positive control", "negative control"
EXPECTED = {POSITIVE: "present", NEGATIVE: "absent"}

VERDICT_SCHEMA: dict[str, pl.DataType] = {
    **{key: pl.String() for key in KEYS},
    "endpoint": pl.String(),
    "verdict": pl.String(),
    "n_seeds": pl.Int32(),
    **dict.fromkeys(("mean", "low", "high", "sd", "p", "p_holm", "p_equivalence"), pl.Float64()),
    **dict.fromkeys(("bca_low", "bca_high", "p_sign_flip"), pl.Float64()),
    "disagreement": pl.String(),  # where a robustness check comes to another result; else empty
    "seeds_needed": pl.Int32(),  # for 80% power; only where inconclusive
    **dict.fromkeys(("mean_informative", "mean_shuffled", "mean_no_stage1"), pl.Float64()),
    **dict.fromkeys(("em_reliable", "em_unreliable", "em_unseen"), pl.Float64()),  # informative, stage 2
    "saturated": pl.Boolean(),
    "unequal_memory": pl.Boolean(),
    "share_of_ideal": pl.Float64(),
}


def judge(scores: pl.DataFrame, settings: VerdictSettings) -> pl.DataFrame:
    """Give a verdict on every configuration and endpoint.

    P values of subjects are Holm-corrected together, over all of them and both endpoints: these
    are what the study claims. Controls and references are corrected among themselves.

    Args:
        scores: Rows of `iml_general.scores.SCORE_SCHEMA`.
        settings: Thresholds.

    Returns:
        Rows of `VERDICT_SCHEMA`, sorted by `KEYS`, the primary endpoint first.
    """
    table = _evidence(scores, settings.sesoi)
    inferences = [infer(effects.to_numpy(), settings.sesoi) for effects in table["controlled"]]
    corrected, sizes = _holm([inference.p for inference in inferences], (table["role"] == SUBJECT).to_list())
    rows = [
        _judged(*one, settings)
        for one in zip(table.iter_rows(named=True), inferences, corrected, sizes, strict=True)
    ]
    return pl.DataFrame(rows, schema=VERDICT_SCHEMA)


def validity(verdicts: pl.DataFrame) -> tuple[str, ...]:
    """Check that both controls came out as they must, on both endpoints.

    Args:
        verdicts: What `judge` returned.

    Returns:
        One sentence per fault; empty if the study is valid.
    """
    faults = []
    for role, expected in EXPECTED.items():
        controls = verdicts.filter(role=role)
        if controls.is_empty():
            faults.append(f"The study has no {role}, so nothing vouches for its verdicts.")
        faults += [
            f"The {role} {row['learner']!r} came out {row['verdict']} on {row['endpoint']}"
            f" (world {row['world']!r}, {row['n_seeds']} seeds); it must come out {expected}."
            for row in controls.filter(pl.col("verdict") != expected).iter_rows(named=True)
        ]
    return tuple(faults)


def _evidence(scores: pl.DataFrame, sesoi: float) -> pl.DataFrame:
    """One row per configuration and endpoint: its controlled effects and all that is said of them."""
    effects = seed_effects(scores).filter(pl.col("effect").is_in(ENDPOINTS)).rename({"effect": "endpoint"})
    cells = effects.group_by(*KEYS, "endpoint").agg(
        # Sorted, so that resampling does not depend on the order of seeds.
        pl.col("controlled").drop_nulls().sort(),
        *[pl.col(name).mean().alias(f"mean_{name}") for name in ("informative", "shuffled", "no_stage1")],
    )
    is_primary = pl.col("endpoint") == ENDPOINTS[0]
    return (
        cells.join(_group_facts(scores), on=KEYS, how="left")
        .join(_shares_of_ideal(effects, sesoi), on=[*KEYS, "endpoint"], how="left")
        .sort(*KEYS, is_primary, descending=[*[False] * len(KEYS), True])
    )


def _group_facts(scores: pl.DataFrame) -> pl.DataFrame:
    """Mean EM of the new groups, under ``informative`` after stage 2."""

    def em(group: str, probe: str = "question") -> pl.Expr:
        return pl.col("em").filter((pl.col("group") == group) & (pl.col("probe") == probe)).mean()

    learned = scores.filter(condition="informative", moment="stage2").sort("seed")
    facts = learned.group_by(KEYS).agg(
        em_reliable=em("new_reliable"),
        em_unreliable=em("new_unreliable"),
        em_unseen=em("unseen"),
        memory_gap=em("new_reliable", "statement") - em("new_unreliable", "statement"),
    )
    better = pl.max_horizontal("em_reliable", "em_unreliable")
    return facts.with_columns(carried_over=better - pl.col("em_unseen"))


def _shares_of_ideal(effects: pl.DataFrame, sesoi: float) -> pl.DataFrame:
    """Mean controlled effect over that of the positive control on the same seeds of the same world.

    Undefined where the ideal observer itself shows less than the SESOI: there is nothing to share.
    """
    cell = ["study", "world", "endpoint", "seed"]
    both = effects.drop_nulls("controlled")
    ideal = both.filter(role=POSITIVE).group_by(cell).agg(pl.col("controlled").mean().alias("ideal"))
    means = both.join(ideal, on=cell).group_by(*KEYS, "endpoint").agg(pl.col("controlled", "ideal").mean())
    share = pl.when(pl.col("ideal") >= sesoi).then(pl.col("controlled") / pl.col("ideal"))
    return means.select(*KEYS, "endpoint", share.alias("share_of_ideal"))


def _holm(p_values: Sequence[float | None], is_claim: Sequence[bool]) -> tuple[list[float | None], list[int]]:
    """Correct claims among themselves and all others among themselves; give each family's size too."""
    corrected: list[float | None] = [None] * len(p_values)
    sizes = [0] * len(p_values)
    for family in (True, False):
        members = [i for i, p in enumerate(p_values) if p is not None and is_claim[i] is family]
        if members:
            adjusted = multipletests([p_values[i] for i in members], method="holm")[1]
            for i, p in zip(members, adjusted, strict=True):
                corrected[i], sizes[i] = float(p), len(members)
    return corrected, sizes


def _judged(
    row: dict[str, Any],
    inference: Inference,
    p_holm: float | None,
    n_tests: int,
    settings: VerdictSettings,
) -> dict[str, Any]:
    """One row of `VERDICT_SCHEMA`."""
    verdict = decide(inference, p_holm, row["carried_over"], settings)
    seeds_needed = None
    if verdict == "inconclusive" and inference.sd and inference.mean is not None:
        # The strictest step of Holm's procedure: a promise that holds whatever the others show.
        effect, level = max(abs(inference.mean), settings.sesoi), settings.alpha / n_tests
        seeds_needed = seeds_for_power(effect, inference.sd, level, settings.power)
    is_at_ceiling = min(row["em_reliable"] or 0.0, row["em_unreliable"] or 0.0) >= settings.saturation
    found = {
        **row,
        **asdict(inference),
        "verdict": verdict,
        "p_holm": p_holm,
        "disagreement": disagreement(inference, settings.alpha),
        "seeds_needed": seeds_needed,
        "saturated": is_at_ceiling and row["endpoint"] == ENDPOINTS[0],
        "unequal_memory": abs(row["memory_gap"] or 0.0) > settings.sesoi,
    }
    return {name: found[name] for name in VERDICT_SCHEMA}
