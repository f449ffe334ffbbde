"""Only some units wait at once, however many there are; whoever takes them takes all, in their order."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from math import inf
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.storages import RDBStorage
from optuna.trial import TrialState

from iml_general.protocol.drawing import draw
from iml_general.study.cache.reuse import Reuse
from iml_general.study.plan.keys import check_plan
from iml_general.study.plan.resolve import Study, resolve
from iml_general.study.storage.place import Place
from iml_general.study.storage.queue import Heartbeat, Queue, open_storage
from iml_general.study.work import worker
from iml_general.study.work.joining import begin
from iml_general.study.work.tasks import ROOM, Work

FEW = str(Path(__file__).with_name("few.py"))
N_SEEDS = 3 * ROOM // 2


class Supervisor:
    """Notes what a worker tells: in which queue it begins which task."""

    def __init__(self) -> None:
        self.begun: list[tuple[int, int]] = []

    def send(self, message: tuple[Any, ...]) -> None:
        if message[0] == "begin":
            self.begun.append((message[1], message[3]))


@pytest.fixture
def studied() -> Study:
    """A study of many units: two controls and a learner that is searched for first."""
    search = {"trials": 2, "seeds": 2, "wave": 2}
    plan = {"name": "x", "seeds": N_SEEDS, "levels": ["tuned"], "search": search}
    return resolve(check_plan({**plan, "learners": [{"name": f"{FEW}:Few"}]}, "test"))


@pytest.fixture
def work(studied: Study, tmp_path: Path) -> Iterator[Work]:
    place = Place.of(tmp_path, None)
    with closing(begin(place, studied, "test", Heartbeat())) as begun:
        yield begun


def test_as_many_units_wait_as_there_is_room_for(work: Work) -> None:
    assert not work.mend()
    assert work.units.pending() == set(range(ROOM))
    assert not work.mend()  # they wait still
    assert work.units.count(TrialState.WAITING) == ROOM


def test_many_workers_have_room_for_two_units_each(work: Work) -> None:
    work.store.see_worker("somebody", "a host", N_SEEDS)
    assert work.mend()  # all but those that wait for the search
    assert work.units.count(TrialState.WAITING) == 2 * N_SEEDS


@pytest.mark.parametrize("others_hand_out", [False, True])
def test_a_worker_takes_all_units_in_their_order_and_searches_after_them(
    others_hand_out: bool, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unit(of: Work, _reuse: Reuse, _going_on: object, trial: optuna.Trial) -> float:
        trial.suggest_int("task", 0, len(of.study.units) - 1)
        return 0.0

    def search(_work: Work, _reuse: Reuse, search: Any, _queue: Queue, trial: optuna.Trial) -> float:
        search.suggest(trial)
        trial.set_user_attr("competence", 0.5)
        return 0.5

    mend = Work.mend
    if others_hand_out:  # this one had room for all, and in the meantime another has had not
        monkeypatch.setattr(Work, "mend", lambda self, everyone=False: mend(self, everyone) or True)
    monkeypatch.setattr(worker, "carry_out_unit", unit)
    monkeypatch.setattr(worker, "carry_out_search", search)
    told = Supervisor()
    work.mend(everyone=True)
    worker._work(work, Reuse(work.study, None, time.time(), print), inf, told)  # type: ignore[arg-type]
    controls, searched = 2 * N_SEEDS, [(1, 0), (1, 1)]
    units = [(0, number) for number in range(3 * N_SEEDS)]
    assert told.begun == [*units[:controls], *searched, *units[controls:]]


def test_a_worker_that_is_large_begins_every_unit_with_nothing_remembered(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    remembered: list[int] = []

    def unit(of: Work, _reuse: Reuse, _going_on: object, trial: optuna.Trial) -> float:
        number = trial.suggest_int("task", 0, len(of.study.units) - 1)
        remembered.append(draw.cache_info().currsize)
        at = of.study.entrants[0].setting
        draw(at.protocol, at.source, of.study.units[number].seeds[0])
        return 0.0

    monkeypatch.setattr(worker, "carry_out_unit", unit)
    monkeypatch.setattr(worker, "carry_out_search", lambda *_: 0.5)
    work.study.plan["limits"]["memory_mb"] = 1
    work.mend(everyone=True)
    worker._work(work, Reuse(work.study, None, time.time(), print), inf, Supervisor())  # type: ignore[arg-type]
    assert remembered == [0] * len(work.study.units)


@pytest.mark.parametrize("n_tasks", [5, 60])
def test_a_look_at_a_queue_loads_none_of_the_tasks_that_wait(
    n_tasks: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = open_storage(Place.of(tmp_path, None), Heartbeat())
    queue = Queue.open(storage, "tasks", Heartbeat())
    assert not queue.waiting()
    queue.hand_out((task, {"task": task}) for task in range(n_tasks))
    loaded: list[object] = []
    build = RDBStorage._build_frozen_trial_from_trial_model

    def noted(self: RDBStorage, trial: Any) -> optuna.trial.FrozenTrial:
        loaded.append(trial)
        return build(self, trial)

    monkeypatch.setattr(RDBStorage, "_build_frozen_trial_from_trial_model", noted)
    assert queue.waiting()
    assert (queue.count(TrialState.WAITING), queue.count(TrialState.RUNNING)) == (n_tasks, 0)
    assert not loaded
    storage.engine.dispose()
