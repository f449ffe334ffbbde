"""Configurations drawn at random: what holds of them holds of a learner, not of its defaults alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from iml_general.errors import UsageError
from iml_general.rows import SAMPLED
from iml_general.study.plan.entrant import Entrant
from iml_general.study.plan.search import Search
from iml_general.study.plan.unlogged import unlogged_study

DRAW = "draw"
"""Name of the factor whose values number the configurations of a sample."""

TRIES = 50  # draws for every configuration wanted, before a search space counts as exhausted


def sample(search: Search, n: int) -> list[Entrant]:
    """Draw configurations of a learner from its search space, each under all rules.

    Args:
        search: The search that would go through that space; its first seed decides what is drawn.
        n: How many, no two alike.

    Returns:
        The configurations, each with its number as the point where it stands.

    Raises:
        UsageError: If the space does not hold so many.
    """
    drawn = list(islice(_distinct(search, TRIES * n), n))
    if len(drawn) < n:
        raise UsageError(
            f"sample = {n}: the search space of learner {search.name!r} holds only {len(drawn)} different"
            f" configurations; set sample = {len(drawn)} or leave it out"
        )
    return [replace(one, point=json.dumps({DRAW: number})) for number, one in enumerate(drawn)]


def _distinct(search: Search, tries: int) -> Iterator[Entrant]:
    from optuna.samplers import RandomSampler

    study = unlogged_study(RandomSampler(seed=search.seeds[0].integer(f"sample of {search.name}")))
    seen: set[str] = set()
    for _ in range(tries):
        one = search.suggest(study.ask())
        configuration = one.configuration(one.variants[0])
        if configuration not in seen:
            seen.add(configuration)
            yield replace(one, level="chosen", role=SAMPLED)
