"""All in one stage, or told first and asked later: does it take stages to learn whom to trust?

Both keep every row of the two stages that there are otherwise, and change only what is learned together.
"""

from __future__ import annotations

import polars as pl

from iml_general.protocol.condition import Condition
from iml_general.protocol.draw import Draw
from iml_general.protocol.episode import Stage
from iml_general.protocol.facts import FACT


def one_stage(drawn: Draw, stage1: Stage) -> tuple[Stage, ...]:
    """Put the rows of both stages into one, in an order that depends neither on stages nor on tags.

    Args:
        drawn: What the seed's conditions share.
        stage1: The first of the two.

    Returns:
        One stage, after which new statements have been read.
    """
    stage2 = drawn.stage2
    assert stage2.twin is not None
    rows, twin = (pl.concat([stage1.rows, later]) for later in (stage2.rows, stage2.twin))
    places = drawn.seed.generator("order of one stage").permutation(len(rows))
    return (Stage(stage2.name, rows[places], twin[places], is_all=True),)


def three_stages(drawn: Draw, stage1: Stage) -> tuple[Stage, ...]:
    """Tell first and ask later: the statements of stage 1, then its questions and facts, then stage 2.

    Args:
        drawn: What the seed's conditions share.
        stage1: What is told and asked.

    Returns:
        Three stages; whom to trust can be known after the second of them.
    """
    told, asked = (
        stage1.rows.filter(pl.col("kind").is_in(kinds)) for kinds in (["statement"], ["question", FACT])
    )
    return Stage("statements", told), Stage(stage1.name, asked), drawn.stage2


ONE_STAGE = Condition(
    name="one_stage",
    words="one stage",
    summary="Old statements, questions and new statements are learned together: there is no update.",
    control="one_stage_shuffled",
    stages=lambda drawn: one_stage(drawn, drawn.stage1),
)
ONE_STAGE_SHUFFLED = Condition(
    name="one_stage_shuffled",
    words="one stage, shuffled",
    summary="The same with stage-1 tags that tell nothing.",
    control="",
    stages=lambda drawn: one_stage(drawn, drawn.shuffled_stage1),
)
THREE_STAGES = Condition(
    name="three_stages",
    words="three stages",
    summary="Old statements are learned first, then questions, whose answers show who told the truth, then"
    " new statements.",
    control="three_stages_shuffled",
    stages=lambda drawn: three_stages(drawn, drawn.stage1),
)
THREE_STAGES_SHUFFLED = Condition(
    name="three_stages_shuffled",
    words="three stages, shuffled",
    summary="The same with stage-1 tags that tell nothing.",
    control="",
    stages=lambda drawn: three_stages(drawn, drawn.shuffled_stage1),
)
