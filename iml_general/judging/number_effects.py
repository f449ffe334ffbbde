"""The effect that only numbers have; all others are made of what classes have too."""

from __future__ import annotations

from iml_general.judging.effect import Effect, score
from iml_general.rows import TWIN

SLOPE_GAP = Effect(
    name="slope_gap",
    words="slope gap",
    definition="How much more the answer moves with what the reliable source said than with what the"
    " unreliable one said, where the two disagree: the difference of both slopes, from stage 2 as drawn and"
    " its twin. 1 if the answer is what the reliable source said, 0 if both weigh alike. Only where answers"
    " are numbers, in place of the statement weight.",
    formula=0.5
    * (
        score("towards_reliable", "new_conflict") + score("towards_reliable", "new_conflict", "stage2" + TWIN)
    ),
    unit="slope",
)
