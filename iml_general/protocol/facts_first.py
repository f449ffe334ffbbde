"""Facts about entities as a stage of their own, before anybody says who is which of them.

By default stage 1 teaches facts and statements together: it is what is fitted, and learners whose update
keeps what was fitted, such as the structure of trees, would otherwise never make room for tags.
"""

from __future__ import annotations

from functools import lru_cache

import polars as pl

from iml_general.errors import UsageError
from iml_general.protocol.condition import Condition
from iml_general.protocol.draw import Draw
from iml_general.protocol.episode import Stage
from iml_general.protocol.facts import FACT


@lru_cache(maxsize=64)
def facts(drawn: Draw) -> Stage:
    """What stage 1 teaches about entities, the same stage for all conditions of a seed.

    Args:
        drawn: What the seed's conditions share.

    Returns:
        The facts alone.

    Raises:
        UsageError: If there are none.
    """
    if not drawn.world.entities:
        raise UsageError(
            "condition 'facts_first' and its control need a world that has entities, of which facts can be"
            " taught; choose such a world, as 'biographies' is, or leave them out of conditions"
        )
    return Stage("facts", drawn.stage1.rows.filter(kind=FACT))


def _without_facts(stage: Stage) -> Stage:
    return Stage(stage.name, stage.rows.filter(pl.col("kind") != FACT))


FACTS_FIRST = Condition(
    name="facts_first",
    words="facts first",
    summary="Facts about entities are learned first, then what stage 1 says and asks of aliases, then new"
    " statements.",
    control="facts_first_shuffled",
    stages=lambda drawn: (facts(drawn), _without_facts(drawn.stage1), drawn.stage2),
)
FACTS_FIRST_SHUFFLED = Condition(
    name="facts_first_shuffled",
    words="facts first, shuffled",
    summary="The same with stage-1 tags that tell nothing.",
    control="",
    stages=lambda drawn: (facts(drawn), _without_facts(drawn.shuffled_stage1), drawn.stage2),
)
