"""Branches: all the ways in which a learner goes through the stages of an episode."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from iml_general.learner import Cohort, Rows
from iml_general.measuring.encoded import EncodedEpisode
from iml_general.measuring.guarded import GuardedLearner
from iml_general.measuring.pairs import Pairs
from iml_general.measuring.probes import Probes
from iml_general.measuring.told import Told
from iml_general.rows import TWIN
from iml_general.seeds import Seed

Path = tuple[int, ...]
"""What was learned one after the other, by identity: conditions share what they have in common."""


@dataclass(frozen=True, eq=False)
class Branch:
    """What is learned up to one moment of one condition.

    Attributes:
        seed: The replicate.
        condition: The condition's name.
        moment: After which stage, or the twin of which stage.
        batches: What is learned one after the other.
        probes: What is asked then.
        pairs: Gives statements and questions among the probes, for readings.
        told: Gives bare questions about the aliases of the first stage, likewise.
    """

    seed: Seed
    condition: str
    moment: str
    batches: tuple[Rows, ...]
    probes: Probes
    pairs: Callable[[], Pairs]
    told: Callable[[], Told]

    @property
    def place(self) -> dict[str, Any]:
        """Where scores of this moment stand among the score rows."""
        return {"condition": self.condition, "seed": self.seed.index, "moment": self.moment}

    @property
    def path(self) -> Path:
        """What identifies the state that it leads to."""
        return tuple(id(batch) for batch in self.batches)


def branches_of(seed: Seed, condition: str, episode: EncodedEpisode) -> Iterator[Branch]:
    """Spell out every moment at which an episode is scored.

    A twin differs from what was drawn in some stage after the first: it is learned from the same
    stage-1 state. So an episode of one stage has none, unless that stage is all there is to learn.

    Args:
        seed: The replicate.
        condition: The condition's name.
        episode: Its stages and probes.

    Yields:
        The stages as drawn, then the twins of those that have one.
    """
    drawn = [stage.rows for stage in episode.stages]
    first, *others = episode.stages
    twins = [stage.twin or stage.rows for stage in others]
    twins.insert(0, first.twin if first.is_all and first.twin else first.rows)
    for number, stage in enumerate(episode.stages, start=1):
        yield Branch(
            seed, condition, stage.name, tuple(drawn[:number]), episode.probes, episode.pairs, episode.told
        )
    for number, stage in enumerate(episode.stages, start=1):
        if twins[:number] != drawn[:number]:
            moment, learned = stage.name + TWIN, tuple(twins[:number])
            yield Branch(seed, condition, moment, learned, episode.twin_probes, episode.pairs, episode.told)


def fit_first_stages(learner: GuardedLearner, branches: Sequence[Branch]) -> dict[Path, Any]:
    """Fit a state to every first stage.

    Args:
        learner: The learner.
        branches: The branches.

    Returns:
        States by path of one batch.
    """
    firsts = list({branch.path: branch for branch in branches if len(branch.batches) == 1}.values())
    batches = [branch.batches[0] for branch in firsts]
    states = learner.fit(batches, [branch.seed.integer("fit") for branch in firsts])
    return dict(zip((branch.path for branch in firsts), states, strict=True))


def learn_later_stages(
    learner: GuardedLearner, branches: Sequence[Branch], first: dict[Path, Any]
) -> dict[Path, Any]:
    """Go on from the first stages, by the learner's update rule.

    Args:
        learner: The learner.
        branches: The branches.
        first: States of the first stages.

    Returns:
        States of all longer paths.
    """
    later = {branch.path: branch for branch in branches if len(branch.batches) > 1}
    if learner.rule == "retrain":
        return dict(zip(later, _retrained(learner, list(later.values())), strict=True))
    states = dict(first)
    for length in sorted({len(path) for path in later}):
        those = {path: branch for path, branch in later.items() if len(path) == length}
        component = "update" if length == 2 else f"update {length - 1}"
        updated = learner.update(
            [states[path[:-1]] for path in those],
            [branch.batches[-1] for branch in those.values()],
            [branch.seed.integer(component) for branch in those.values()],
        )
        states |= zip(those, updated, strict=True)
    return {path: states[path] for path in later}


def _retrained(learner: GuardedLearner, branches: Sequence[Branch]) -> list[Any]:
    """Fit a state to all rows of each branch; what is not fitted at once is not put together at once."""
    if learner.offers(Cohort):
        whole = [_together(branch.batches) for branch in branches]
        return learner.fit(whole, [branch.seed.integer("fit") for branch in branches], shared=False)
    return [
        state
        for branch in branches
        for state in learner.fit([_together(branch.batches)], [branch.seed.integer("fit")], shared=False)
    ]


def _together(batches: Sequence[Rows]) -> Rows:
    """All rows, the earlier stages' first."""
    whole = batches[0]
    for batch in batches[1:]:
        whole = whole + batch
    return whole
