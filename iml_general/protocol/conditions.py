"""The conditions of METHOD section 3. Others register under the entry-point group of these."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from iml_general.protocol.condition import Condition
from iml_general.protocol.drawing import draw
from iml_general.protocol.episode import Episode
from iml_general.protocol.protocol import Protocol
from iml_general.seeds import Seed
from iml_general.worlds.world import WorldSource

INFORMATIVE = Condition(
    name="informative",
    words="informative",
    summary="The condition in which stage 1 tells which tag is reliable.",
    control="shuffled",
    stages=lambda drawn: (drawn.stage1, drawn.stage2),
)
SHUFFLED = Condition(
    name="shuffled",
    words="shuffled",
    summary="The control with the same rows, but the tags dealt out anew, so that they tell nothing.",
    control="",
    stages=lambda drawn: (drawn.shuffled_stage1, drawn.stage2),
)
NO_STAGE1 = Condition(
    name="no_stage1",
    words="no stage 1",
    summary=(
        "The control fitted on stage 2 alone: what differs between the tags there is the encoding's doing."
    ),
    control="",
    stages=lambda drawn: (drawn.stage2,),
)
ATTACKED = Condition(
    name="attacked",
    words="attacked",
    summary=(
        "Stage 1 tells which tag is reliable; in stage 2 every source lies about a share of what it says."
    ),
    control="attacked_shuffled",
    stages=lambda drawn: (drawn.stage1, drawn.attacked_stage2),
)
ATTACKED_SHUFFLED = Condition(
    name="attacked_shuffled",
    words="attacked, shuffled",
    summary="The same attack after a stage 1 whose tags tell nothing: nobody has earned trust.",
    control="",
    stages=lambda drawn: (drawn.shuffled_stage1, drawn.attacked_stage2),
)
BUILT_IN = (INFORMATIVE, SHUFFLED, NO_STAGE1)
"""What every study goes through unless its plan says otherwise, the condition that claims are on first."""


@lru_cache(maxsize=64)
def episodes_of(
    protocol: Protocol, source: WorldSource, seed: Seed, conditions: Sequence[Condition]
) -> dict[str, Episode]:
    """Draw the episodes of one seed.

    Args:
        protocol: Sources and group sizes.
        source: Draws the world.
        seed: The replicate.
        conditions: The conditions, as a tuple.

    Returns:
        One episode per condition, by its name. Remembered, so treat it as read-only.

    Raises:
        UsageError: If the world can't give as many aliases as the groups need.
    """
    drawn = draw(protocol, source, seed)
    return {
        one.name: Episode(
            seed, one.name, drawn.world, drawn.symbols, one.stages(drawn), drawn.probes, drawn.twin_probes
        )
        for one in conditions
    }
