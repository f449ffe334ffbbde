"""The work of a run: what is to be done, what is done, and what can be done next.

Every process at work on a run has one of these; they share nothing but the database.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from optuna.trial import FrozenTrial, TrialState

from iml_general.errors import LearnerError
from iml_general.seeds import Seed
from iml_general.study.plan.chains import Chain, chains_of
from iml_general.study.plan.entrant import Entrant
from iml_general.study.plan.resolve import Study, Unit
from iml_general.study.plan.search import Search
from iml_general.study.storage.database import exclusively
from iml_general.study.storage.place import Place
from iml_general.study.storage.queue import Heartbeat, Queue, open_storage
from iml_general.study.storage.store import RunStore
from iml_general.study.work.waves import draw_wave, tried

ROOM = 32
"""Units that may wait at once, at least; with many workers twice as many as there are of them. Each look of
Optuna's loads all that wait, so that handing out a whole study at once would take longer the longer it is."""

REUSED = "reused"
"""Attribute of a trial of which something was measured before: when that began, at the earliest."""


@dataclass(frozen=True)
class Work:
    """All tasks of a run: units on confirmation seeds, and the trials of every search.

    Attributes:
        place: Where the run lives.
        engine: Connects to our own tables.
        store: Those tables.
        study: What the plan means.
        units: The queue of `Study.units`.
        searches: The queue of each of `Study.searches`.
    """

    place: Place
    engine: sa.Engine
    store: RunStore
    study: Study
    units: Queue
    searches: tuple[Queue, ...]

    @classmethod
    def open(
        cls, place: Place, engine: sa.Engine, store: RunStore, study: Study, heartbeat: Heartbeat
    ) -> Work:
        """Open the queues, making them if need be; to be called under the run's lock."""
        prefix = "" if place.is_local else f"{place.name}: "
        # Optuna refuses a study whose choices have changed, so a changed space is another study.
        names = [f"{prefix}{one.level} {one.name} {one.identity()}" for one in study.searches]
        storage = open_storage(place, heartbeat)
        try:
            units = Queue.open(storage, f"{prefix}confirm", heartbeat)
            searches = tuple(Queue.open(storage, name, heartbeat) for name in names)
        except BaseException:
            storage.engine.dispose()
            raise
        return cls(place, engine, store, study, units, searches)

    @property
    def queues(self) -> tuple[Queue, ...]:
        """All queues, in the order in which they are worked on."""
        return (self.units, *self.searches)

    @cached_property
    def chains(self) -> dict[int, Chain]:
        """The chain of every unit that is in one, by the unit's number."""
        return chains_of(self.study.units)

    @cached_property
    def _units_of(self) -> dict[int, list[int]]:
        """The units of everybody, in the order of the seeds, by the identity of who is in `study`."""
        found: dict[int, list[int]] = {id(who): [] for who in (*self.study.entrants, *self.study.searches)}
        for number, unit in enumerate(self.study.units):
            found[id(unit.who)].append(number)
        return found

    @cached_property
    def units_on(self) -> dict[tuple[Seed, ...], list[int]]:
        """The units on the same seeds, by these."""
        found: dict[tuple[Seed, ...], list[int]] = {}
        for number, unit in enumerate(self.study.units):
            found.setdefault(unit.seeds, []).append(number)
        return found

    def close(self) -> None:
        """Let go of the database."""
        self.units.storage.engine.dispose()
        self.engine.dispose()

    def refuse_others(self) -> None:
        """Refuse queues that hold anything else than tasks of this study.

        Raises:
            ValueError: If one does.
        """
        sizes = (len(self.study.units), *(search.n_trials for search in self.study.searches))
        for queue, n in zip(self.queues, sizes, strict=True):
            for task in queue.tasks():
                if not isinstance(task, int) or not 0 <= task < n:
                    raise ValueError(f"a trial of task {task!r}, where there are {n}")

    def finished(self) -> bool:
        """Whether every unit is settled; by then every search is."""
        return len(self.units.settled()) >= len(self.study.units)

    def progress(self) -> tuple[int, int]:
        """Number of tasks settled, and of tasks in all; what a search gave up is settled too."""
        total = len(self.study.units) + sum(search.n_trials for search in self.study.searches)
        if self.finished():
            return total, total
        return min(sum(len(queue.settled()) for queue in self.queues), total - 1), total

    def unit(self, queue: Queue, task: int) -> Unit:
        """What one task of a queue is about: a trial of a search as a unit on the search seeds."""
        if queue is self.units:
            return self.study.units[task]
        search = self.study.searches[self.searches.index(queue)]
        return Unit(search, search.seeds)

    def mend(self, everyone: bool = False) -> bool:
        """Bury what died, and hand out what can be done now and that nobody has in hand.

        Args:
            everyone: Whether it is known that nobody else is at work.

        Returns:
            Whether that is all of it; if not, there is more to hand out once what waits has been taken.
        """
        with exclusively(self.place, self.engine):
            for queue in self.queues:
                queue.bury(everyone)
            over: dict[Search, bool] = {}
            for search, queue in self._pairs():
                before = self._before(search)
                may_begin = before is None or over[before]
                over[search] = may_begin and self._hand_out_wave(search, before, queue)
            settled = self.units.settled()
            tasks = (
                (number, {"task": number})
                for number, unit in enumerate(self.study.units)
                if number not in settled
                and (self._may_follow(number, settled) if isinstance(unit.who, Entrant) else over[unit.who])
            )
            processes = sum(one["processes"] for one in self.store.workers())
            return self.units.hand_out(tasks, max(ROOM, 2 * processes))

    def claim_next(self, number: int) -> None:
        """Take in hand the unit that goes on from one, unless somebody else has it.

        Args:
            number: A unit that this process has carried out, and that is not settled yet: until then nobody
                hands out the next one.
        """
        after = self.chains[number].after(number) if number in self.chains else None
        if after is not None:
            with exclusively(self.place, self.engine):
                self.units.claim(after, {"task": after})

    def _may_follow(self, number: int, settled: Mapping[int, FrozenTrial]) -> bool:
        """Whether a unit goes on from none, or that one is settled."""
        before = self.chains[number].before(number) if number in self.chains else None
        return before is None or before in settled

    def entrant(self, who: Entrant | Search) -> Entrant:
        """The configuration of a unit; that of a search is the best it has found.

        Raises:
            LearnerError: If the search found none.
        """
        if isinstance(who, Entrant):
            return who
        best = self.found(who)
        if best is None:
            raise LearnerError(
                f"the search for learner {who.name!r} at level {who.level} found no configuration that"
                " could be measured on all search seeds"
            )
        return who.entrant(best.params)

    def found(self, search: Search) -> FrozenTrial | None:
        """The best trial of a search that was measured on all its seeds, the first among equals.

        Where the competence is maximised too, the one of the Pareto front with the largest effect.
        """
        settled = dict(self._pairs())[search].settled()
        complete = [one for _, one in sorted(settled.items()) if one.state is TrialState.COMPLETE]
        both = len(search.objectives) > 1

        def goodness(trial: FrozenTrial) -> tuple[float, float]:
            return trial.value or 0.0, trial.user_attrs["competence"] if both else 0.0

        return max(complete, key=goodness, default=None)

    def stopped(self, who: Entrant | Search, settled: dict[int, FrozenTrial]) -> list[int]:
        """Units that come after too many failed ones in a row, in the order of the seeds."""
        in_a_row, units = 0, self._units_of[id(who)]
        for place, number in enumerate(units):
            failed = number in settled and "fault" in settled[number].user_attrs
            in_a_row = in_a_row + 1 if failed else 0
            if in_a_row == self.study.plan["limits"]["failures"]:
                return units[place + 1 :]
        return []

    def _pairs(self) -> list[tuple[Search, Queue]]:
        return list(zip(self.study.searches, self.searches, strict=True))

    def _before(self, search: Search) -> Search | None:
        """The search that one waits for: what is tuned is where level sought starts from."""
        others = self.study.searches if search.level == "sought" else ()
        return next((one for one in others if one.level == "tuned" and one.start == search.start), None)

    def _hand_out_wave(self, search: Search, before: Search | None, queue: Queue) -> bool:
        """Hand out what is missing of a search's present wave; return whether the search is over."""
        wave = self.study.plan["search"]["wave"]
        settled = queue.settled()
        if _is_given_up(settled, self.study.plan["limits"]["failures"]):
            return True
        for start in range(0, search.n_trials, wave):
            tasks = range(start, min(start + wave, search.n_trials))
            if all(task in settled for task in tasks):
                continue
            if not queue.pending() >= set(tasks) - settled.keys():
                tuned = self.found(before) if before else None
                drawn = draw_wave(search, tried(queue, start), len(tasks), tuned.params if tuned else None)
                queue.hand_out(zip(tasks, drawn, strict=True))
            return False
        return True


def _is_given_up(settled: Mapping[int, Any], failures: int) -> bool:
    """Whether so many trials of a search have failed in a row, in the order of their numbers."""
    in_a_row = 0
    for task in range(len(settled)):
        if task not in settled:
            return False
        in_a_row = in_a_row + 1 if "fault" in settled[task].user_attrs else 0
        if in_a_row == failures:
            return True
    return False
