"""What a study, or what is left of one, will take: tasks, rows, processor time and memory."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field

from iml_general.study.cache.reuse import Reuse
from iml_general.study.estimate.known_costs import (
    KnownCost,
    KnownCosts,
    Memory,
    bare_memory_mb,
    memory_of,
)
from iml_general.study.estimate.size import Size, size_of
from iml_general.study.plan.chains import Chain, chains_of
from iml_general.study.plan.entrant import Entrant
from iml_general.study.plan.origin import refuse_other_plan
from iml_general.study.plan.resolve import Study, Unit
from iml_general.study.plan.search import Search
from iml_general.study.storage.database import connected
from iml_general.study.storage.place import DATABASE, Place
from iml_general.study.storage.queue import Heartbeat
from iml_general.study.storage.store import RunStore
from iml_general.study.work.joining import join


@dataclass(frozen=True)
class Part:
    """What one configuration, or one search and the configuration that it will find, amounts to.

    Attributes:
        who: The configuration or the search.
        n_units: Units of work on confirmation seeds that are still to be done.
        n_reusable: How many of them the cache has, so that they take no time.
        n_trials: Trials of the search that are still to be done.
        n_scores: Score rows of all its units, done or not; what is read off a state comes on top.
        seconds: Processor seconds of what is still to be done, where trials are counted as if none of
            them were stopped early; None if nothing is known of the learner.
        cost: What that is reckoned from.
        memory: What it takes; None if nothing is known of the learner.
    """

    who: Entrant | Search
    n_units: int
    n_reusable: int
    n_trials: int
    n_scores: int
    seconds: float | None
    cost: KnownCost | None
    memory: Memory | None

    @property
    def start(self) -> Entrant:
        """The configuration; of a search the one that it starts from."""
        return self.who if isinstance(self.who, Entrant) else self.who.start


@dataclass(frozen=True)
class Estimate:
    """What a study will take.

    Attributes:
        parts: Part by part, in the order of the study.
        n_units: Units of work in all.
        n_done: How many of them are done.
    """

    parts: tuple[Part, ...]
    n_units: int
    n_done: int

    @property
    def worker_mb(self) -> int:
        """Resident memory of one worker at its largest."""
        return max(self.memory_mb.values(), default=self._loaded_mb)

    @property
    def memory_mb(self) -> dict[str, int]:
        """Resident memory of one worker while it measures a learner, where known, by the learner's name."""
        found: dict[str, int] = {}
        for part in self.parts:
            if part.memory:
                name, taken = part.who.name, self._loaded_mb + part.memory.peak
                found[name] = max(taken, found.get(name, 0))
        return found

    @property
    def _loaded_mb(self) -> int:
        """A worker loads the libraries of all learners, and measures one of them at a time."""
        memories = [(part.start.learner.info.libraries, part.memory) for part in self.parts]
        loaded = {libraries: memory.loaded for libraries, memory in memories if memory}
        # Of those that need torch, and those that need torch and JAX, the latter load both.
        most = [names for names in loaded if not any(set(names) < set(others) for others in loaded)]
        return bare_memory_mb() + sum(loaded[names] for names in most)

    @property
    def seconds(self) -> float:
        """Processor seconds of all parts of which something is known."""
        return sum(part.seconds or 0.0 for part in self.parts)

    @property
    def n_reusable(self) -> int:
        """Units of all parts that the cache has."""
        return sum(part.n_reusable for part in self.parts)

    @property
    def unknown(self) -> tuple[str, ...]:
        """Learners of which nothing is known, each once."""
        return tuple(dict.fromkeys(part.who.name for part in self.parts if part.seconds is None))

    @property
    def n_scores(self) -> int:
        """Score rows of all parts."""
        return sum(part.n_scores for part in self.parts)


@dataclass(frozen=True)
class _Settled:
    """What a run has done: numbers of its units, and how many trials of each search."""

    units: frozenset[int] = frozenset()
    trials: Mapping[Search, int] = field(default_factory=dict)


def estimate(study: Study, place: Place, reuse: Reuse) -> Estimate:
    """Reckon what a study will take; nothing is run or written.

    Args:
        study: The study.
        place: Where it would be run. What is done there already is not counted again.
        reuse: Knows the units that a cache has. What a search will find is not known beforehand, nor
            therefore which of its trials and units the cache has.

    Returns:
        The estimate.

    Raises:
        UsageError: If there is a run of another plan.
        RunError: If the database there can't be used.
    """
    settled, known = _settled(study, place), KnownCosts(place)
    everyone: list[Entrant | Search] = [*study.entrants, *study.searches]
    chains = chains_of(study.units)
    return Estimate(
        parts=tuple(_part(study, who, settled, known, reuse, chains) for who in everyone),
        n_units=len(study.units),
        n_done=len(settled.units),
    )


def _settled(study: Study, place: Place) -> _Settled:
    if place.is_local and not (place.folder / DATABASE).is_file():
        return _Settled()
    with connected(place) as engine:
        description = RunStore(place, engine).description()
        engine.dispose()
    if description is None:
        return _Settled()
    refuse_other_plan(description["plan"], study.plan, place)
    with closing(join(place, Heartbeat(), only_to_read=True)) as work:
        trials = [len(queue.settled()) for queue in work.searches]
        return _Settled(frozenset(work.units.settled()), dict(zip(work.study.searches, trials, strict=True)))


def _part(
    study: Study,
    who: Entrant | Search,
    settled: _Settled,
    known: KnownCosts,
    reuse: Reuse,
    chains: Mapping[int, Chain],
) -> Part:
    start = who if isinstance(who, Entrant) else who.start
    units = [(number, unit) for number, unit in enumerate(study.units) if unit.who == who]
    n_waiting = sum(number not in settled.units for number, _ in units)
    measured = [
        (number, unit)
        for number, unit in units
        if number not in settled.units and not _is_kept(study, unit, reuse)
    ]
    n_trials = 0 if isinstance(who, Entrant) else who.n_trials - settled.trials.get(who, 0)
    size, cost = size_of(start, study.conditions), known.of(start)
    # What level sought finds takes part under one rule.
    n_rules = 1 if isinstance(who, Search) and who.level == "sought" else len(start.variants)
    seconds = None
    if cost is not None:
        grown = 1.0 if cost.n_rows is None else size.n_rows / cost.n_rows
        seconds = grown * sum(
            len(unit.seeds) * _of_unit(cost, start, n_rules, _share_fitted(chains, number))
            for number, unit in measured
        )
        if isinstance(who, Search):
            seconds += grown * n_trials * len(who.seeds) * _of_trial(cost, study, who, size)
    n_seeds = sum(len(unit.seeds) for _, unit in units)
    n_reusable = n_waiting - len(measured)
    n_scores, memory = size.n_scores * n_rules * n_seeds, memory_of(start)
    grown_memory = memory.of_rows(size.n_rows) if memory else None
    return Part(who, n_waiting, n_reusable, n_trials, n_scores, seconds, cost, grown_memory)


def _is_kept(study: Study, unit: Unit, reuse: Reuse) -> bool:
    who = unit.who
    return isinstance(who, Entrant) and reuse.has(who, unit.seeds, study.conditions, study.plan["readings"])


def _share_fitted(chains: Mapping[int, Chain], number: int) -> float:
    """The share of its stage 1 that a unit fits itself: it goes on from what a shorter one has fitted."""
    chain = chains.get(number)
    before = chain.before(number) if chain else None
    if chain is None or before is None:
        return 1.0
    lengths = dict(zip(chain.units, chain.lengths, strict=True))
    return 1 - lengths[before] / lengths[number]


def _of_unit(cost: KnownCost, start: Entrant, n_rules: int, share_fitted: float) -> float:
    """Seconds of one confirmation seed; which rule a search finds is not known: the mean of all."""
    own = [cost.own.get(variant.active_rule, 0.0) for variant in start.variants]
    return cost.fit * share_fitted + cost.shared + sum(own) * n_rules / len(own)


def _of_trial(cost: KnownCost, study: Study, search: Search, size: Size) -> float:
    """Seconds of one search seed: fewer conditions, and at level tuned no update at all."""
    primary, control = study.searched
    if search.level == "tuned":
        first = size_of(search.start, (primary,), first_stages_only=True).first
        return (cost.fit + cost.shared) * first / size.first
    first = size_of(search.start, (primary, control)).first
    own = [cost.own.get(variant.active_rule, 0.0) for variant in search.start.variants]
    return (cost.fit + cost.shared) * first / size.first + sum(own) / len(own)
