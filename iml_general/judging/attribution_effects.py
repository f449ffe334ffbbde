"""Effects of attribution: which entity does a learner take an alias for, after sources have said who it is?

Defined only where a world has entities [entity attribution in the source paper]. Nobody is ever taught to
answer that question about an alias: statements answer it under a tag, and facts answer it about entities.
"""

from __future__ import annotations

import polars as pl

from iml_general.judging.effect import Effect, preference_over_twins, score


def _attributed(group: str) -> pl.Expr:
    return score("em", group, probe="attribution")


def _attribution(source: str) -> Effect:
    """How often what one source names is given as the answer."""
    return Effect(
        name=f"attribution_{source}",
        words=f"attribution, {source}",
        definition=f"How much more often the learner takes a new alias for the entity that the {source}"
        " source named than it is right about unseen ones, when it is asked which entity the alias is,"
        " without any tag, after stage 2.",
        formula=_attributed(f"new_{source}") - _attributed("unseen"),
    )


ATTRIBUTION_RELIABLE = _attribution("reliable")
ATTRIBUTION_UNRELIABLE = _attribution("unreliable")
ATTRIBUTION_GAP = Effect(
    name="attribution_gap",
    words="attribution gap",
    definition="How much more often the learner takes a new alias for the entity that was named if the"
    " reliable source named it than if the unreliable one did: entity attribution of the source paper.",
    formula=_attributed("new_reliable") - _attributed("new_unreliable"),
)
ATTRIBUTION_TRUST = Effect(
    name="attribution_trust",
    words="attribution trust",
    definition="Trust in who is meant: how much more often the learner takes an alias for the entity that"
    " the reliable source named than for the one that the unreliable source named, where both spoke, averaged"
    " over stage 2 as drawn and its twin.",
    formula=preference_over_twins("attribution"),
)
FACTS_KNOWN = Effect(
    name="facts_known",
    words="facts known",
    definition="EM on what stage 1 taught about entities, asked after stage 2, above EM on questions about"
    " unseen aliases: whether there is anything known that an alias could be linked to.",
    formula=score("em", "entities", probe="fact") - score("em", "unseen"),
)
