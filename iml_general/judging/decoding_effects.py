"""Effects of decoding: what a linear probe reads off a learner's last layer (METHOD section 7).

They are read after stage 1, off bare questions about its aliases; 0 is what permuted labels give.
"""

from __future__ import annotations

import polars as pl

from iml_general.judging.effect import Effect, score


def _decoded(what: str) -> pl.Expr:
    found, permuted = (
        score(measure, what, "stage1", "last_layer") for measure in ("decoded", "decoded_permuted")
    )
    return found - permuted


SOURCE_DECODED = Effect(
    name="source_decoded",
    words="source decoded",
    definition="How well a linear probe tells, from the representation of a bare question after stage 1,"
    " which source had spoken of its alias: balanced accuracy on aliases that the probe was not trained on,"
    " less the same of labels permuted over aliases. 0 by chance, 0.5 for a sure one with two sources.",
    formula=_decoded("told_by"),
    unit="accuracy",
)
TOLD_DECODED = Effect(
    name="told_decoded",
    words="whether told, decoded",
    definition="The same of whether any source had spoken of the question's alias.",
    formula=_decoded("told"),
    unit="accuracy",
)
