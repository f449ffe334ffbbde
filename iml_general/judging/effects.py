"""The table of effects: METHOD sections 4 and 5a."""

from __future__ import annotations

import polars as pl

from iml_general.judging.effect import Effect, score
from iml_general.rows import TWIN

MEMORISED = 0.05  # METHOD section 4: internalisation is undefined where less than this was memorised
ROUNDING = 1e-9  # 0.30 - 0.25 is 0.05, whatever floating-point numbers make of it
CONFLICT = "new_conflict"


def _preference(moment: str) -> pl.Expr:
    return score("said_reliable", CONFLICT, moment) - score("said_unreliable", CONFLICT, moment)


def _internalisation(source: str) -> Effect:
    """Kappa of one source's new aliases."""
    group, base = f"new_{source}", score("em", "unseen")
    memorised = score("em", group, probe="statement") - base
    return Effect(
        name=f"internalisation_{source}",
        words=f"internalisation, {source}",
        definition=f"The share of what was memorised of the {source} source's new statements that carries"
        " over to their questions: EM above unseen on questions over EM above unseen on statements."
        f" Undefined where less than {MEMORISED} was memorised.",
        formula=pl.when(memorised >= MEMORISED - ROUNDING).then((score("em", group) - base) / memorised),
    )


TRUST = Effect(
    name="trust",
    words="trust",
    definition="How much more often the learner answers what the reliable source said than what the"
    " unreliable one said where the two disagree, averaged over stage 2 as drawn and its twin, in which"
    " they change places. From -1 to 1; 0 if its answers do not depend on who said what.",
    formula=0.5 * (_preference("stage2") + _preference("stage2" + TWIN)),
    endpoint=True,
    sesoi="sesoi_trust",
)
"""The primary endpoint: what a claim of IML rests on."""

IML_GAP = Effect(
    name="iml_gap",
    words="IML gap",
    definition="EM on new aliases that the reliable source spoke about minus EM on those that the"
    " unreliable one spoke about, after stage 2: the source paper's endpoint.",
    formula=score("em", "new_reliable") - score("em", "new_unreliable"),
    endpoint=True,
    ceiling=(score("em", "new_reliable"), score("em", "new_unreliable")),
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
    formula=_preference("stage2"),
)
STAGE1_GAP = Effect(
    name="stage1_gap",
    words="stage-1 gap",
    definition="EM on the held-out questions of corroborated aliases minus EM on those of"
    " contradicted ones, after stage 1.",
    formula=score("em", "corroborated", "stage1") - score("em", "contradicted", "stage1"),
)
DISBELIEF = Effect(
    name="disbelief",
    words="disbelief",
    definition="EM on new aliases that the unreliable source spoke about minus EM on unseen ones:"
    " below 0 the learner answers as if the statements were false.",
    formula=score("em", "new_unreliable") - score("em", "unseen"),
)
INTERNALISATION_RELIABLE = _internalisation("reliable")
INTERNALISATION_UNRELIABLE = _internalisation("unreliable")
INTERNALISATION_NEUTRAL = _internalisation("neutral")

EFFECTS: tuple[Effect, ...] = (
    TRUST,
    IML_GAP,
    STATEMENT_WEIGHT,
    CONFLICT_PREFERENCE,
    STAGE1_GAP,
    DISBELIEF,
    INTERNALISATION_RELIABLE,
    INTERNALISATION_UNRELIABLE,
    INTERNALISATION_NEUTRAL,
)
"""Every effect that is built in, each registered as a plugin's would be; the primary endpoint comes first."""
