"""The table of effects: METHOD sections 4 and 5a.

Those made of how right answers are take EM or, where answers are numbers, R2: see
`iml_general.judging.effect.correct`.
"""

from __future__ import annotations

import polars as pl

from iml_general.judging.attack_effects import HONEST_ANSWERS, LEVERAGE, LIES_RELIABLE, LIES_UNRELIABLE
from iml_general.judging.attribution_effects import (
    ATTRIBUTION_GAP,
    ATTRIBUTION_RELIABLE,
    ATTRIBUTION_TRUST,
    ATTRIBUTION_UNRELIABLE,
    FACTS_KNOWN,
)
from iml_general.judging.context_effects import IN_CONTEXT_TRUST, READ_IN_CONTEXT
from iml_general.judging.decoding_effects import SOURCE_DECODED, TOLD_DECODED
from iml_general.judging.effect import CONFLICT, Effect, correct, preference, preference_over_twins, score
from iml_general.judging.number_effects import SLOPE_GAP
from iml_general.rows import TWIN

MEMORISED = 0.05  # METHOD section 4: internalisation is undefined where less than this was memorised
ROUNDING = 1e-9  # 0.30 - 0.25 is 0.05, whatever floating-point numbers make of it


def _internalisation(source: str) -> Effect:
    """Kappa of one source's new aliases."""
    group, base = f"new_{source}", correct("unseen")
    memorised = correct(group, probe="statement") - base
    return Effect(
        name=f"internalisation_{source}",
        words=f"internalisation, {source}",
        definition=f"The share of what was memorised of the {source} source's new statements that carries"
        " over to their questions: EM above unseen on questions over EM above unseen on statements."
        f" Undefined where less than {MEMORISED} was memorised.",
        formula=pl.when(memorised >= MEMORISED - ROUNDING).then((correct(group) - base) / memorised),
    )


def _read(measure: str) -> pl.Expr:
    """How much more a reading gives for the reliable source's statements, each at its own question."""
    reliable, unreliable = (
        score(measure, f"new_{source}", "stage1", "own_question") for source in ("reliable", "unreliable")
    )
    return reliable - unreliable


TRUST = Effect(
    name="trust",
    words="trust",
    definition="How much more often the learner answers what the reliable source said than what the"
    " unreliable one said where the two disagree, averaged over stage 2 as drawn and its twin, in which"
    " they change places. From -1 to 1; 0 if its answers do not depend on who said what. A number answers"
    " what it is nearer to.",
    formula=preference_over_twins(),
    endpoint=True,
    sesoi="sesoi_trust",
)
"""The primary endpoint: what a claim of IML rests on."""

IML_GAP = Effect(
    name="iml_gap",
    words="IML gap",
    definition="EM on new aliases that the reliable source spoke about minus EM on those that the"
    " unreliable one spoke about, after stage 2: the source paper's endpoint. Of numbers R2 in place of EM.",
    formula=correct("new_reliable") - correct("new_unreliable"),
    endpoint=True,
    ceiling=(correct("new_reliable"), correct("new_unreliable")),
)
"""The paper's endpoint, which noise can feign and a ceiling hide."""

STATEMENT_WEIGHT = Effect(
    name="statement_weight",
    words="statement weight",
    definition="Trust on the scale of log-odds: half the mean difference between stage 2 as drawn and"
    " its twin of log P(what the reliable source said first) - log P(what the unreliable one did)."
    " It has no ceiling.",
    formula=0.5
    * (score("log_odds_reliable", CONFLICT) + score("log_odds_reliable", CONFLICT, "stage2" + TWIN)),
    unit="log-odds",
)
CONFLICT_PREFERENCE = Effect(
    name="conflict_preference",
    words="conflict preference",
    definition="How much more often the learner answers what the reliable source said than what the"
    " unreliable one said where the two disagree, in stage 2 as drawn alone.",
    formula=preference("stage2"),
)
STAGE1_GAP = Effect(
    name="stage1_gap",
    words="stage-1 gap",
    definition="EM on the held-out questions of corroborated aliases minus EM on those of"
    " contradicted ones, after stage 1.",
    formula=correct("corroborated", "stage1") - correct("contradicted", "stage1"),
)
DISBELIEF = Effect(
    name="disbelief",
    words="disbelief",
    definition="EM on new aliases that the unreliable source spoke about minus EM on unseen ones:"
    " below 0 the learner answers as if the statements were false.",
    formula=correct("new_unreliable") - correct("unseen"),
)
INVERSION = Effect(
    name="inversion",
    words="disbelief by inversion",
    definition="How much more often the learner answers the inverse of what the unreliable source said, on"
    " new aliases that it spoke about, than the like of it on unseen ones: above 0 it has found out how that"
    " source lies. Only where lies can be inverted.",
    formula=score("inverted", "new_unreliable") - score("inverted", "unseen"),
)
AFFINITY_GAP = Effect(
    name="affinity_gap",
    words="affinity gap",
    definition="How much more the reliable source's new statements are coupled to their questions than the"
    " unreliable one's, read off the state after stage 1, before any of them is learned: for trees the share"
    " of leaves in common, for networks the cosine of loss gradients.",
    formula=_read("affinity"),
    unit="affinity",
)
AFFINITY_STEP = Effect(
    name="affinity_step",
    words="affinity gap times step",
    definition="The affinity gap times the size of the update's step: what is to be expected of the"
    " statement weight, in a unit of the learner's own.",
    formula=_read("affinity") * score("step", "stage2", "stage1", "update"),
    unit="affinity",
)
INFLUENCE_GAP = Effect(
    name="influence_gap",
    words="influence gap",
    definition="How much more a small update moves the log-odds of what the reliable source's statement says"
    " than of what the unreliable one's does, each at the statement's own question. It is tried out after"
    " stage 1, with one statement about every new alias.",
    formula=_read("influence"),
    unit="log-odds",
)

INTERNALISATION_RELIABLE = _internalisation("reliable")
INTERNALISATION_UNRELIABLE = _internalisation("unreliable")
INTERNALISATION_NEUTRAL = _internalisation("neutral")

EFFECTS: tuple[Effect, ...] = (
    TRUST,
    IML_GAP,
    STATEMENT_WEIGHT,
    SLOPE_GAP,
    CONFLICT_PREFERENCE,
    STAGE1_GAP,
    DISBELIEF,
    INVERSION,
    AFFINITY_GAP,
    AFFINITY_STEP,
    INFLUENCE_GAP,
    INTERNALISATION_RELIABLE,
    INTERNALISATION_UNRELIABLE,
    INTERNALISATION_NEUTRAL,
    LIES_RELIABLE,
    LIES_UNRELIABLE,
    LEVERAGE,
    HONEST_ANSWERS,
    SOURCE_DECODED,
    TOLD_DECODED,
    IN_CONTEXT_TRUST,
    READ_IN_CONTEXT,
    ATTRIBUTION_TRUST,
    ATTRIBUTION_GAP,
    ATTRIBUTION_RELIABLE,
    ATTRIBUTION_UNRELIABLE,
    FACTS_KNOWN,
)
"""Every effect that is built in, each registered as a plugin's would be; the primary endpoint comes first."""
