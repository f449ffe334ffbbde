"""Judges a study: one verdict per configuration and endpoint, and whether the controls hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import polars as pl

from iml_general.judging.decision import VerdictSettings, at_least, decide, disagreement, why_inconclusive
from iml_general.judging.effects import CONDITIONS, seed_effects
from iml_general.judging.inference import Inference, holm, infer, seeds_for_power
from iml_general.rows import KEYS

__all__ = ["ENDPOINTS", "VERDICT_SCHEMA", "VerdictSettings", "judge", "validity"]

ENDPOINTS = ("iml_gap", "conflict_preference")
"""The declared endpoints, the primary one first."""

SUBJECT, POSITIVE, NEGATIVE = "subject", "positive control", "negative control"
ANCHOR = "upper anchor"  # the ideal observer at a point of a sweep; nothing is expected of it
EXPECTED = {POSITIVE: "present", NEGATIVE: "absent"}

VERDICT_SCHEMA: dict[str, pl.DataType] = {
    **{key: pl.String() for key in KEYS},
    "endpoint": pl.String(),
    "verdict": pl.String(),
    "n_seeds": pl.Int32(),
    **dict.fromkeys(("mean", "low", "high", "sd", "p", "p_holm", "p_equivalence"), pl.Float64()),
    **dict.fromkeys(("bca_low", "bca_high", "p_sign_flip"), pl.Float64()),
    "disagreement": pl.String(),  # where a robustness check comes to another result; else empty
    "robust": pl.Boolean(),  # whether there is no such place; null where nothing could be tested
    "reason": pl.String(),  # what an inconclusive verdict lacks; else empty
    "seeds_needed": pl.Int32(),  # to tell the effect from 0 with 80% power; only where that is lacking
    **dict.fromkeys(("mean_informative", "mean_shuffled", "mean_no_stage1"), pl.Float64()),
    **dict.fromkeys(("em_reliable", "em_unreliable", "em_unseen"), pl.Float64()),  # informative, stage 2
    "saturated": pl.Boolean(),
    "unequal_memory": pl.Boolean(),
    "share_of_ideal": pl.Float64(),
}


def judge(scores: pl.DataFrame, settings: VerdictSettings) -> pl.DataFrame:
    """Give a verdict on every configuration and endpoint.

    P values of subjects are Holm-corrected together, over all of them and both endpoints: these
    are what the study claims. Controls and references are corrected among themselves. A row of
    fewer than two seeds can't be tested and belongs to no family.

    Args:
        scores: Rows of `iml_general.rows.SCORE_SCHEMA`.
        settings: Thresholds.

    Returns:
        Rows of `VERDICT_SCHEMA`, sorted by `KEYS`, the primary endpoint first.

    Raises:
        UsageError: If something was scored twice; says what.
    """
    table = _evidence(scores, settings.sesoi)
    inferences = [infer(effects.to_numpy(), settings.sesoi) for effects in table["controlled"]]
    corrected, sizes = _correct(
        [inference.p for inference in inferences], (table["role"] == SUBJECT).to_list()
    )
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
    if verdicts.is_empty():
        return ("Nothing was judged, controls included.",)
    places = verdicts.group_by("study", "world", maintain_order=True)
    return tuple(fault for place, rows in places for role in EXPECTED for fault in _faults(place, rows, role))


def _faults(place: tuple[object, ...], verdicts: pl.DataFrame, role: str) -> list[str]:
    """What is wrong with one control in one study and world: a control vouches for no other."""
    expected = EXPECTED[role]
    controls = verdicts.filter(role=role)
    if controls.is_empty():
        study, world = place
        return [f"Study {study!r} has no {role} in world {world!r}, so nothing vouches for its verdicts."]
    return [
        f"The {role} {row['learner']!r} came out {row['verdict']} on {row['endpoint']}"
        f" (world {row['world']!r}, {row['n_seeds']} seeds); it must come out {expected}."
        for row in controls.filter(pl.col("verdict") != expected).iter_rows(named=True)
    ]


def _evidence(scores: pl.DataFrame, sesoi: float) -> pl.DataFrame:
    """One row per configuration and endpoint: its controlled effects and all that is said of them."""
    effects = seed_effects(scores).filter(pl.col("effect").is_in(ENDPOINTS)).rename({"effect": "endpoint"})
    # Means are over paired seeds, so that informative minus shuffled is the controlled mean.
    is_paired = pl.col("controlled").is_not_null()
    cells = effects.group_by(*KEYS, "endpoint").agg(
        pl.col("controlled").drop_nulls(),
        *[pl.col(name).filter(is_paired).mean().alias(f"mean_{name}") for name in CONDITIONS],
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
    """Mean controlled effect over the ideal observer's, on the same seeds and at the same point of a sweep.

    Undefined where the ideal observer itself shows less than the SESOI: there is nothing to share.
    """
    cell = ["study", "world", "endpoint", "seed"]
    both = effects.drop_nulls("controlled")
    ideal = both.filter(role=POSITIVE).group_by(cell).agg(pl.col("controlled").mean().alias("base"))
    anchors = both.filter(role=ANCHOR).select(*cell, "level", pl.col("controlled").alias("anchor"))
    paired = (
        both.join(ideal, on=cell, maintain_order="left")
        .join(anchors, on=[*cell, "level"], how="left", maintain_order="left")
        .with_columns(ideal=pl.coalesce("anchor", "base"))
    )
    means = paired.group_by(*KEYS, "endpoint").agg(pl.col("controlled", "ideal").mean())
    share = pl.when(pl.col("ideal") >= sesoi).then(pl.col("controlled") / pl.col("ideal"))
    return means.select(*KEYS, "endpoint", share.alias("share_of_ideal"))


def _correct(
    p_values: Sequence[float | None], is_claim: Sequence[bool]
) -> tuple[list[float | None], list[int]]:
    """Correct claims among themselves and all others among themselves; give each family's size too."""
    corrected: list[float | None] = [None] * len(p_values)
    sizes = [0] * len(p_values)
    for family in (True, False):
        members = {i: p for i, p in enumerate(p_values) if p is not None and is_claim[i] is family}
        for i, p in zip(members, holm(list(members.values())), strict=True):
            corrected[i], sizes[i] = p, len(members)
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
    is_open = verdict == "inconclusive"
    objections = disagreement(inference, settings.alpha)
    lower = min(row["em_reliable"] or 0.0, row["em_unreliable"] or 0.0)
    is_saturated = row["endpoint"] == ENDPOINTS[0] and at_least(lower, settings.saturation)
    found = {
        **row,
        **asdict(inference),
        "verdict": verdict,
        "p_holm": p_holm,
        "disagreement": objections,
        "robust": None if p_holm is None else not objections,
        "reason": why_inconclusive(inference, p_holm, settings) if is_open else "",
        "seeds_needed": _seeds_needed(inference, p_holm, n_tests, settings) if is_open else None,
        "saturated": is_saturated,
        "unequal_memory": not at_least(settings.sesoi, abs(row["memory_gap"] or 0.0)),
    }
    return {name: found[name] for name in VERDICT_SCHEMA}


def _seeds_needed(
    inference: Inference, p_holm: float | None, n_tests: int, settings: VerdictSettings
) -> int | None:
    """Seeds that would tell the effect from 0; None if that is not what is lacking, or can't be known."""
    if inference.mean is None or not inference.sd or p_holm is None or p_holm < settings.alpha:
        return None
    # The strictest step of Holm's procedure: a promise that holds whatever the others show.
    effect, level = max(abs(inference.mean), settings.sesoi), settings.alpha / n_tests
    return seeds_for_power(effect, inference.sd, level, settings.power)
