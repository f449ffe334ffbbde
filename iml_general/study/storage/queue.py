"""A queue of tasks: the waiting trials of one Optuna study.

A task is settled by a trial that is complete or pruned, or that failed by the learner's own fault.
A trial that failed in any other way, because its process was killed, settles nothing: its task is
handed out again.
"""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import optuna
import sqlalchemy as sa
from optuna.storages import RDBStorage
from optuna.storages._rdb.models import TrialModel
from optuna.trial import FrozenTrial, TrialState

from iml_general.errors import ImlError
from iml_general.study.storage.claims import Claims
from iml_general.study.storage.database import prepare_sqlite
from iml_general.study.storage.place import Place

# Heartbeats and several options of the sampler are marked so; the pinned version is the one we tested.
warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)

SETTLED = (TrialState.COMPLETE, TrialState.PRUNED)
PENDING = (TrialState.WAITING, TrialState.RUNNING)


@dataclass(frozen=True)
class Heartbeat:
    """How a dead worker on another machine is noticed.

    Attributes:
        interval_s: Seconds between two signs of life of a running trial.
        grace_s: Seconds without one after which its worker counts as dead.
    """

    interval_s: int = 30
    grace_s: int = 120


class QueueStorage(RDBStorage):
    """Optuna's tables, from which no trial is taken twice."""

    def set_trial_state_values(
        self, trial_id: int, state: TrialState, values: Sequence[float] | None = None
    ) -> bool:
        """Do what `RDBStorage` does; of several workers that take a waiting trial, one gets it.

        Optuna reads the state and then writes it, under a lock of the row that SQLite doesn't have.

        Args:
            trial_id: The trial.
            state: Its new state.
            values: Its values, if it is complete.

        Returns:
            Whether the state was set.
        """
        if state is not TrialState.RUNNING:
            return super().set_trial_state_values(trial_id, state, values)
        trials = TrialModel.__table__
        taken = (
            sa.update(trials)
            .where(trials.c.trial_id == trial_id, trials.c.state == TrialState.WAITING)
            .values(state=TrialState.RUNNING, datetime_start=datetime.now(UTC).replace(tzinfo=None))
        )
        with self.engine.begin() as connection:
            return connection.execute(taken).rowcount == 1


def open_storage(place: Place, heartbeat: Heartbeat) -> RDBStorage:
    """Open Optuna's tables, making them if need be; to be called under the run's lock.

    Args:
        place: Where the run lives.
        heartbeat: How often running trials give a sign of life.

    Returns:
        The storage.
    """
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    storage = QueueStorage(
        place.url.render_as_string(hide_password=False),
        engine_kwargs={"pool_pre_ping": True},
        heartbeat_interval=heartbeat.interval_s,
        grace_period=heartbeat.grace_s,
    )
    if place.is_local:
        sa.event.listen(storage.engine, "connect", prepare_sqlite)
    return storage


@dataclass
class Queue:
    """Tasks numbered from 0, each a trial that waits, runs or is settled.

    Attributes:
        trials: The Optuna study that holds them.
        storage: Its storage.
        grace_s: Seconds after which a trial that never gave a sign of life counts as dead.
    """

    trials: Claims
    storage: RDBStorage
    grace_s: float
    _suspects: dict[int, float] = field(default_factory=dict)

    @classmethod
    def open(cls, storage: RDBStorage, name: str, heartbeat: Heartbeat) -> Queue:
        """Open a queue, making it if need be; to be called under the run's lock."""
        # Every trial is handed out with all its parameters; the sampler is never asked.
        sampler = optuna.samplers.RandomSampler(seed=0)
        optuna.create_study(
            study_name=name, storage=storage, sampler=sampler, direction="maximize", load_if_exists=True
        )
        return cls(Claims(name, storage, sampler), storage, heartbeat.grace_s)

    def waiting(self) -> bool:
        """Whether there is something to take: one query for one row, however many wait."""
        if self.trials.claimed is not None:
            return True
        query = self._in_state(sa.select(sa.literal(1)), TrialState.WAITING).limit(1)
        with self.storage.engine.connect() as connection:
            return connection.execute(query).first() is not None

    def count(self, state: TrialState) -> int:
        """Number of trials in a state."""
        query = self._in_state(sa.select(sa.func.count()), state)
        with self.storage.engine.connect() as connection:
            return int(connection.execute(query).scalar_one())

    def pending(self) -> set[int]:
        """Tasks that wait or run."""
        return {task_of(trial) for trial in self._get(PENDING) if "task" in trial.user_attrs}

    def tasks(self) -> set[Any]:
        """Whatever trials have as their task, in any state."""
        trials = self.trials.get_trials(deepcopy=False)
        return {trial.user_attrs["task"] for trial in trials if "task" in trial.user_attrs}

    def settled(self) -> dict[int, FrozenTrial]:
        """The trial that settled each task; the first, should there be several."""
        ended = self._get((*SETTLED, TrialState.FAIL))
        found: dict[int, FrozenTrial] = {}
        for trial in ended:
            counts = trial.state in SETTLED or "fault" in trial.user_attrs
            if counts and "task" in trial.user_attrs:
                found.setdefault(task_of(trial), trial)
        return found

    def deaths(self, task: int) -> int:
        """How often a task's process has died of itself."""
        failed = self._get((TrialState.FAIL,))
        return sum("died" in trial.user_attrs for trial in failed if trial.user_attrs.get("task") == task)

    def hand_out(self, tasks: Iterable[tuple[int, Mapping[str, Any]]], room: float = math.inf) -> bool:
        """Enqueue tasks with their parameters, unless they wait, run or are settled; under the lock.

        Args:
            tasks: Each task's number and parameters, in the order in which they are to be taken.
            room: Trials that may wait at once.

        Returns:
            Whether there was room for all.
        """
        known = {*self.pending(), *self.settled()}
        room -= self.count(TrialState.WAITING)
        for task, parameters in tasks:
            if task in known:
                continue
            if room <= 0:
                return False
            self.trials.enqueue_trial(dict(parameters), user_attrs={"task": task})
            room -= 1
        return True

    def claim(self, task: int, parameters: Mapping[str, Any]) -> None:
        """Make sure of a task that `take` takes next, unless it waits, runs or is settled; under the lock."""
        if task not in self.pending() | self.settled().keys():
            claimed = self.trials.claim(parameters, {"task": task})
            self.storage.record_heartbeat(claimed)  # else its process would count as dead from the beginning

    def let_go(self) -> None:
        """Leave to others what was claimed and not taken."""
        self.trials.let_go()

    def take(self, carry_out: Callable[[optuna.Trial], float]) -> None:
        """Take one task and carry it out; what goes wrong with a learner is kept with the trial.

        Args:
            carry_out: Gives the trial's value. Raises `ImlError`, with the attribute ``fault`` set
                on the trial, where a learner is at fault.
        """

        def objective(trial: optuna.Trial) -> float:
            if "task" not in trial.user_attrs:  # others were faster: Optuna made up a new trial
                raise optuna.TrialPruned
            return carry_out(trial)

        try:
            self.trials.optimize(objective, n_trials=1, catch=ImlError)
        except (AssertionError, ValueError, RuntimeError) as error:
            # Optuna's ways of saying that somebody has declared the trial dead in the meantime.
            if not any("tell" in frame.name for frame in _frames(error)):
                raise

    def give_up(self, number: int, attributes: Mapping[str, Any]) -> None:
        """End a running trial from outside, unless it has ended.

        Args:
            number: The trial's number.
            attributes: Set on it first: ``fault`` settles its task.
        """
        trial = self.trials.get_trials(deepcopy=False)[number]
        try:
            for name, value in attributes.items():
                self.storage.set_trial_user_attr(trial._trial_id, name, value)
            self.trials.tell(number, state=TrialState.FAIL)
        except (optuna.exceptions.UpdateFinishedTrialError, ValueError):
            pass  # it ended by itself

    def bury(self, everyone: bool) -> None:
        """End the trials of dead processes.

        Args:
            everyone: Whether it is known that nobody is at work; else those that gave no sign of
                life for the time of grace.
        """
        if everyone:
            for trial in self._get((TrialState.RUNNING,)):
                self.give_up(trial.number, {})
            return
        optuna.storages.fail_stale_trials(self.trials)
        # Optuna overlooks a trial whose process died before its first heartbeat.
        running = {trial._trial_id: trial.number for trial in self._get((TrialState.RUNNING,))}
        silent = running.keys() - self._alive(running.keys())
        now = time.monotonic()
        self._suspects = {one: self._suspects.get(one, now) for one in silent}
        for one, since in self._suspects.items():
            if now - since > self.grace_s:
                self.give_up(running[one], {})

    def _alive(self, trial_ids: Iterable[int]) -> set[int]:
        """Those of the trials that ever gave a sign of life."""
        beats = sa.table("trial_heartbeats", sa.column("trial_id"))
        query = sa.select(beats.c.trial_id).where(beats.c.trial_id.in_(list(trial_ids)))
        with self.storage.engine.connect() as connection:
            return set(connection.execute(query).scalars())

    def _in_state(self, query: sa.Select[Any], state: TrialState) -> sa.Select[Any]:
        trials = TrialModel.__table__
        mine = (trials.c.study_id == self.trials._study_id, trials.c.state == state)
        return query.select_from(trials).where(*mine)

    def _get(self, states: tuple[TrialState, ...]) -> list[FrozenTrial]:
        return self.trials.get_trials(deepcopy=False, states=states)


def task_of(trial: FrozenTrial | optuna.Trial) -> int:
    """The number of the task that a trial carries out."""
    return int(trial.user_attrs["task"])


def _frames(error: BaseException) -> list[Any]:
    import traceback

    return list(traceback.extract_tb(error.__traceback__))
