"""Judges a study: from score rows to everything that is said of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from iml_general.judging.decision import VerdictSettings
from iml_general.judging.effect import Effect
from iml_general.judging.effects import EFFECTS
from iml_general.judging.estimates import estimates, group_means
from iml_general.judging.facts import FACTS, ceilings, group_facts
from iml_general.judging.findings import findings
from iml_general.judging.seed_effects import effects_of, measured, seed_scores
from iml_general.judging.verdicts import verdicts


@dataclass(frozen=True, eq=False)
class Judgement:
    """All that was found out, each table resting on those before it.

    Attributes:
        effects: What `iml_general.judging.seed_effects.seed_effects` gives: effects of single seeds.
        estimates: What `iml_general.judging.estimates.estimates` gives: their means and intervals.
        means: What `iml_general.judging.estimates.group_means` gives: mean scores of groups.
        verdicts: Rows of `iml_general.judging.verdicts.VERDICT_SCHEMA`: one per endpoint.
        findings: Rows of `iml_general.judging.findings.FINDING_SCHEMA`: what it comes to.
    """

    effects: pl.DataFrame
    estimates: pl.DataFrame
    means: pl.DataFrame
    verdicts: pl.DataFrame
    findings: pl.DataFrame


def judge(
    scores: pl.DataFrame,
    settings: VerdictSettings,
    controls: Mapping[str, str],
    effects: Sequence[Effect] = EFFECTS,
) -> Judgement:
    """Estimate all effects, give verdicts on the endpoints among them, and say what they come to.

    P values of subjects are Holm-corrected together, over all of them, all controlled conditions and
    all endpoints: these are what the study claims. Controls and references claim nothing, and keep theirs.
    What has fewer than two seeds can't be tested.

    Args:
        scores: Rows of `iml_general.rows.SCORE_SCHEMA`.
        settings: Thresholds.
        controls: For every condition that has a control, the condition it is compared with.
        effects: What to compute; the endpoints among them are judged.

    Returns:
        All tables.

    Raises:
        UsageError: If something was scored twice; says what.
    """
    effects = measured(effects, scores)
    endpoints = [effect for effect in effects if effect.endpoint]
    formulas = [effect.formula for effect in effects]
    limited = [effect for effect in endpoints if effect.ceiling]
    limits = [one for effect in limited for one in effect.ceiling]
    seeds = seed_scores(scores, [*formulas, *limits, *FACTS])
    per_seed = effects_of(seeds, controls, effects)
    facts = group_facts(seeds, controls)
    reached = ceilings(seeds, limited, settings.saturation)
    judged = verdicts(per_seed, facts, reached, endpoints, settings)
    return Judgement(
        effects=per_seed,
        estimates=estimates(per_seed),
        means=group_means(scores),
        verdicts=judged,
        findings=findings(judged, facts, settings),
    )
