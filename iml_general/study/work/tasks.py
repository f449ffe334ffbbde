"""The work of a run: what is to be done, what is done, and how one task is carried out.

Every process at work on a run has one of these; they share nothing but the database.
"""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from typing import Any

import optuna
import sqlalchemy as sa
from optuna.trial import FrozenTrial, TrialState

from iml_general.errors import ImlError, LearnerError
from iml_general.measuring.measure import Measurement, measure
from iml_general.rows import SCHEMA_VERSION
from iml_general.study.plan.entrant import Entrant, Search, Unit
from iml_general.study.plan.resolve import Study
from iml_general.study.storage.database import exclusively
from iml_general.study.storage.place import Place
from iml_general.study.storage.queue import Heartbeat, Queue, open_storage, task_of
from iml_general.study.storage.store import RunStore
from iml_general.study.work import searching
from iml_general.study.work.known import known
from iml_general.study.work.waves import Tried, draw_wave


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
        storage = open_storage(place, heartbeat)
        prefix = "" if place.is_local else f"{place.name}: "
        units = Queue.open(storage, f"{prefix}confirm", heartbeat)
        searches = tuple(
            # Optuna refuses a study whose choices have changed, so a changed space is another study.
            Queue.open(storage, f"{prefix}{one.level} {one.name} {one.identity()}", heartbeat)
            for one in study.searches
        )
        return cls(place, engine, store, study, units, searches)

    @property
    def queues(self) -> tuple[Queue, ...]:
        """All queues, in the order in which they are worked on."""
        return (self.units, *self.searches)

    def close(self) -> None:
        """Let go of the database."""
        self.units.storage.engine.dispose()
        self.engine.dispose()

    def finished(self) -> bool:
        """Whether every unit is settled; by then every search is."""
        return len(self.units.settled()) >= len(self.study.units)

    def progress(self) -> tuple[int, int]:
        """Number of tasks settled, and of tasks in all; what a search gave up is settled too."""
        total = len(self.study.units) + sum(search.n_trials for search in self.study.searches)
        if self.finished():
            return total, total
        return min(sum(len(queue.settled()) for queue in self.queues), total - 1), total

    def mend(self, everyone: bool = False) -> None:
        """Bury what died, and hand out all that can be done now and that nobody has in hand.

        Args:
            everyone: Whether it is known that nobody else is at work.
        """
        with exclusively(self.place, self.engine):
            for queue in self.queues:
                queue.bury(everyone)
            ready = {search: self._hand_out_wave(search, queue) for search, queue in self._pairs()}
            tasks = [
                (number, {"task": number})
                for number, unit in enumerate(self.study.units)
                if isinstance(unit.who, Entrant) or ready[unit.who]
            ]
            self.units.hand_out(tasks)

    def carry_out_unit(self, trial: optuna.Trial) -> float:
        """Measure one unit and store its rows; the trial's value is the stage-1 competence."""
        number = trial.suggest_int("task", 0, max(len(self.study.units) - 1, 1))
        unit = self.study.units[number]
        try:
            settled = self.units.settled()
            self._refuse_hopeless(number, settled)
            entrant = self.entrant(unit.who)
            measurement = known(self.study, settled, self.store, entrant, unit)
            measurement = measurement or measure(entrant.variants, entrant.setting, unit.seeds)
        except ImlError as error:
            trial.set_user_attr("fault", fault(unit, error))
            raise
        scores, costs = _score_rows(self.study, entrant, measurement), _cost_rows(unit, measurement)
        self.store.add(trial.number, scores, costs)
        return measurement.competence

    def carry_out_search(self, search: Search, queue: Queue, trial: optuna.Trial) -> float:
        """Measure one configuration of a search."""
        plan = self.study.plan["search"]
        start = task_of(trial) // plan["wave"] * plan["wave"]
        try:
            earlier = _tried(queue, start)
            return searching.carry_out(search, plan["maximise"], plan["hopeless"], earlier, trial)
        except ImlError as error:
            trial.set_user_attr("fault", fault(Unit(search, search.seeds), error))
            raise

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
        """The best trial of a search that was measured on all its seeds, the first among equals."""
        settled = dict(self._pairs())[search].settled()
        complete = [one for _, one in sorted(settled.items()) if one.state is TrialState.COMPLETE]
        return max(complete, key=lambda trial: trial.value or 0.0, default=None)

    def stopped(self, who: Entrant | Search, settled: dict[int, FrozenTrial]) -> list[int]:
        """Units that come after too many failed ones in a row, in the order of the seeds."""
        in_a_row, units = 0, [n for n, unit in enumerate(self.study.units) if unit.who == who]
        for place, number in enumerate(units):
            failed = number in settled and "fault" in settled[number].user_attrs
            in_a_row = in_a_row + 1 if failed else 0
            if in_a_row == self.study.plan["limits"]["failures"]:
                return units[place + 1 :]
        return []

    def _pairs(self) -> list[tuple[Search, Queue]]:
        return list(zip(self.study.searches, self.searches, strict=True))

    def _hand_out_wave(self, search: Search, queue: Queue) -> bool:
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
                drawn = draw_wave(search, _tried(queue, start), len(tasks))
                queue.hand_out(zip(tasks, drawn, strict=True))
            return False
        return True

    def _refuse_hopeless(self, number: int, settled: dict[int, FrozenTrial]) -> None:
        who = self.study.units[number].who
        if number in self.stopped(who, settled):
            raise LearnerError(
                f"learner {who.name!r} was not tried after"
                f" {self.study.plan['limits']['failures']} failures in a row"
            )


def fault(unit: Unit, error: BaseException | str) -> dict[str, str]:
    """What is kept of a unit that failed: a row of `iml_general.study.storage.record.FAILURE_SCHEMA`."""
    learner = unit.who.learner.info
    variants = unit.who.variants if isinstance(unit.who, Entrant) else unit.who.start.variants
    return {
        "learner": learner.name,
        "rules": ", ".join(variant.active_rule for variant in variants),
        "seeds": ", ".join(str(seed.index) for seed in unit.seeds),
        "reason": " ".join(str(error).split()),
        "traceback": "" if isinstance(error, str) else "".join(traceback.format_exception(error)),
    }


def _is_given_up(settled: dict[int, FrozenTrial], failures: int) -> bool:
    """Whether so many trials of a search have failed in a row, in the order of their numbers."""
    in_a_row = 0
    for task in range(len(settled)):
        if task not in settled:
            return False
        in_a_row = in_a_row + 1 if "fault" in settled[task].user_attrs else 0
        if in_a_row == failures:
            return True
    return False


def _tried(queue: Queue, n: int) -> list[Tried]:
    """What is known of the first n tasks of a search."""
    settled = queue.settled()
    return [
        Tried(
            factors=settled[task].params,
            distributions=settled[task].distributions,
            values=tuple(settled[task].user_attrs.get("values", ())),
            complete=settled[task].state is TrialState.COMPLETE,
        )
        for task in range(n)
    ]


def _score_rows(study: Study, entrant: Entrant, measurement: Measurement) -> list[dict[str, Any]]:
    info = entrant.learner.info
    shared = {
        "schema_version": SCHEMA_VERSION,
        "study": study.plan["name"],
        "world": entrant.setting.source.name,
        "learner": info.name,
        "family": info.family,
        "role": entrant.role or info.role,
        "level": entrant.level,
    }
    configurations = {variant.active_rule: entrant.configuration(variant) for variant in entrant.variants}
    return [{**shared, "configuration": configurations[row["rule"]], **row} for row in measurement.scores]


def _cost_rows(unit: Unit, measurement: Measurement) -> list[dict[str, Any]]:
    shared = {"learner": unit.who.learner.info.name, "n_seeds": len(unit.seeds)}
    return [
        {**shared, "rule": rule, "phase": phase, "seconds": seconds}
        for (rule, phase), seconds in measurement.costs.items()
    ]
