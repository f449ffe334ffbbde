"""Effects in context: does a learner know whom to trust before it has learned anything from them?

Defined only where the protocol gives statements beside their questions. They are read after stage 1, of
statements about new aliases that stand beside the questions they answer: nothing is updated.
"""

from __future__ import annotations

import polars as pl

from iml_general.judging.effect import Effect, score


def _followed(source: str) -> pl.Expr:
    return score("followed", f"new_{source}", "stage1", "in_context")


IN_CONTEXT_TRUST = Effect(
    name="in_context_trust",
    words="trust in context",
    definition="How much more often the learner answers what a statement of the reliable source says than"
    " what one of the unreliable source says, where the statement stands beside the question about a new"
    " alias and nothing was learned since stage 1. It takes knowing whom to trust, and no learning by it.",
    formula=_followed("reliable") - _followed("unreliable"),
)
READ_IN_CONTEXT = Effect(
    name="read_in_context",
    words="read in context",
    definition="How much more often the learner answers what a statement of the reliable source says that"
    " stands beside the question about a new alias, after stage 1, than it answers questions about unseen"
    " aliases rightly: 0 for who does not read what stands beside.",
    formula=_followed("reliable") - score("em", "unseen", "stage1"),
)
