"""Chains: units of one learner that differ in the length of stage 1 and in nothing else.

Where the learner allows, the longer ones go on from what the shorter ones have fitted; see
`iml_general.learner.checkpoints`.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from iml_general.learner import CheckpointLearner
from iml_general.options import options_of
from iml_general.study.plan.entrant import Entrant
from iml_general.study.plan.resolve import Unit


@dataclass(frozen=True)
class Chain:
    """Units that follow one another.

    Attributes:
        units: Their numbers, by rising length.
        lengths: The length of stage 1 of each.
    """

    units: tuple[int, ...]
    lengths: tuple[int, ...]

    def before(self, number: int) -> int | None:
        """The unit from whose states one of them goes on; None for the first."""
        place = self.units.index(number)
        return self.units[place - 1] if place else None

    def after(self, number: int) -> int | None:
        """The unit that goes on from the states of one of them; None for the last."""
        place = self.units.index(number) + 1
        return self.units[place] if place < len(self.units) else None


def chains_of(units: Sequence[Unit]) -> dict[int, Chain]:
    """Find the chains among a study's units.

    What a search will find is not known beforehand, so its units are in none.

    Args:
        units: The units, in the order of their numbers.

    Returns:
        The chain of every unit that is in one, by its number.
    """
    alike: dict[Hashable, list[tuple[int, int]]] = defaultdict(list)
    for number, unit in enumerate(units):
        who = unit.who
        if isinstance(who, Entrant) and issubclass(who.learner, CheckpointLearner):
            field = who.learner.length_field
            length = int(getattr(who.variants[0], field))
            alike[_all_but_length(who, field), unit.seeds].append((length, number))
    found: dict[int, Chain] = {}
    for ordered in map(sorted, alike.values()):
        if len(ordered) > 1:
            chain = Chain(tuple(number for _, number in ordered), tuple(length for length, _ in ordered))
            found |= dict.fromkeys(chain.units, chain)
    return found


def _all_but_length(who: Entrant, length: str) -> Hashable:
    options = [{**options_of(variant), length: None} for variant in who.variants]
    return who.name, who.learner, who.setting, json.dumps(options, sort_keys=True)
