"""Points of a sweep over the length of stage 1 go on from one another, with the rows of fits of their own."""

from collections import Counter
from pathlib import Path
from typing import Any

import optuna
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from iml_general.study import engine
from iml_general.study.cache.folder import CacheFolder
from iml_general.study.plan.chains import chains_of
from iml_general.study.plan.keys import check_plan
from iml_general.study.plan.resolve import Study, resolve
from iml_general.study.storage.place import Place
from iml_general.study.storage.queue import Heartbeat, Queue, open_storage, task_of
from iml_general.study.storage.record import REUSED_UNITS, RunRecord
from iml_general.study.work.in_process import carry_out

WALKER = f"{Path(__file__).parent / 'walkers.py'}:Walker"
SMALL = {
    **dict.fromkeys(("undefined", "new_conflict", "unseen"), 8),
    "sources": {
        "reliable": {"stage1": 8, "stage2": 8},
        "unreliable": {"stage1": 8, "stage2": 8},
        "neutral": {"stage2": 8},
    },
}
ANY_RULE = {WALKER: "continue", "extra-trees": "refit"}
VALUES = [4, 1, 9]
FITS = 2 * 2  # of stage 1: informative and shuffled, on two seeds


def planned(
    values: list[int] | None = None, learner: str = WALKER, length: str = "steps", **options: Any
) -> Study:
    """One learner, on two seeds, at several lengths that are given in no order."""
    one = {"name": learner, "rules": [ANY_RULE[learner]], "options": options}
    sweep = {"name": "length", "factors": [f"options.{learner}.{length}"], "values": values or VALUES}
    conditions = ["informative", "shuffled"]
    plan = {"name": "x", "seeds": 2, "protocol": SMALL, "learners": [one], "sweep": [sweep]}
    return resolve(check_plan({**plan, "conditions": conditions}, "test"))


def run(study: Study, folder: Path, workers: int = 1, **options: Any) -> RunRecord:
    return engine.run(study, Place.of(folder, None), "test", lambda *_: None, workers, **options)


def noted(folder: Path) -> Counter[str]:
    return Counter((folder / "steps").read_text().split())


def test_a_chain_is_of_one_learner_on_the_same_seeds_by_rising_length() -> None:
    study = planned()
    of = chains_of(study.units)
    lengths = {number: study.units[number].who.variants[0].steps for number in of}  # type: ignore[union-attr]
    assert sorted(lengths.values()) == sorted(2 * VALUES)
    for number, chain in of.items():
        assert number in chain.units
        assert chain.lengths == (1, 4, 9) == tuple(lengths[one] for one in chain.units)
        assert len({study.units[one].seeds for one in chain.units}) == 1
        assert chain.units[0] == min(chain.units, key=lengths.__getitem__)
    first = next(iter(of.values()))
    assert [first.before(one) for one in first.units] == [None, *first.units[:-1]]
    assert [first.after(one) for one in first.units] == [*first.units[1:], None]


def test_what_differs_in_more_than_length_or_can_not_go_on_is_in_no_chain() -> None:
    two = {
        "factors": [f"options.{WALKER}.steps"],
        "values": [1, 2],
        "along": {f"options.{WALKER}.pace": [1, 2]},
    }
    knn = {"factors": ["options.nearest-neighbors.n_neighbors"], "values": [3, 5]}
    for sweep, name in ((two, WALKER), (knn, "nearest-neighbors")):
        plan = {"seeds": 2, "protocol": SMALL, "learners": [{"name": name}], "sweep": [sweep]}
        assert chains_of(resolve(check_plan({"name": "x", **plan}, "test")).units) == {}
    assert chains_of(planned(values=[3]).units) == {}


@pytest.mark.parametrize("workers", [1, 2])
def test_stage_1_is_fitted_once_for_all_lengths_with_the_rows_of_fits_of_their_own(
    tmp_path: Path, workers: int
) -> None:
    study = planned(notes=str(tmp_path))
    record = run(study, tmp_path / "run", workers)
    assert record.complete
    assert noted(tmp_path) == {"begins": FITS, "step": FITS * max(VALUES)}
    fits = record.costs.filter(learner="walker", phase="fit")  # every length tells what it took
    assert len(fits) == 2 * len(VALUES)
    assert (fits["seconds"] > 0).all()
    (tmp_path / "steps").unlink()
    alone = carry_out(study, "test", lambda *_: None)
    assert noted(tmp_path) == {"begins": FITS * len(VALUES), "step": FITS * sum(VALUES)}
    assert_frame_equal(record.scores, alone.scores, check_exact=True)


def test_a_length_that_can_not_answer_fails_alone_and_the_others_go_on(tmp_path: Path) -> None:
    record = run(planned(notes=str(tmp_path), raises_at=4), tmp_path / "run")
    assert record.complete
    assert record.failures["reason"].str.contains("can't answer after 4").to_list() == [True, True]
    assert noted(tmp_path) == {"begins": FITS, "step": FITS * max(VALUES)}
    expected = carry_out(planned(), "test", lambda *_: None).scores.filter(learner="walker")
    measured = ["point", "condition", "moment", "group", "probe", "measure", "value", "n"]
    others = expected.filter(~pl.col("point").str.contains("4"))
    assert_frame_equal(
        record.scores.filter(learner="walker").select(measured), others.select(measured), check_exact=True
    )


def test_lengths_behind_a_fault_of_the_fit_each_tell_it_as_they_would_alone(tmp_path: Path) -> None:
    record = run(planned(stumbles_at=3), tmp_path / "run")
    assert record.complete
    assert record.failures["reason"].str.contains("stumbles at 3").to_list() == [True] * 4
    assert set(record.scores.filter(learner="walker")["point"]) == {'{"length": 1}'}


def test_a_chain_whose_worker_dies_goes_on_where_it_was_left(tmp_path: Path) -> None:
    study = planned(notes=str(tmp_path), dies_at=4)
    record = run(study, tmp_path / "run", 2)
    assert record.complete
    assert record.failures.is_empty()
    again = FITS // 2  # on one of the seeds
    assert noted(tmp_path) == {"begins": FITS + again, "step": FITS * max(VALUES) + again * 4}
    assert_frame_equal(record.scores, carry_out(study, "test", lambda *_: None).scores, check_exact=True)


def test_a_length_that_is_in_the_cache_is_passed_through_and_not_measured_again(tmp_path: Path) -> None:
    cache = CacheFolder(tmp_path / "cache")
    forest = {"learner": "extra-trees", "length": "n_estimators"}
    few, all_of_them = planned([1, 4], **forest), planned(**forest)
    run(few, tmp_path / "few", cache=cache)
    record = run(all_of_them, tmp_path / "all", cache=cache)
    assert record.provenance[REUSED_UNITS].startswith("8 of 10 units")  # and both controls
    assert_frame_equal(
        record.scores, carry_out(all_of_them, "test", lambda *_: None).scores, check_exact=True
    )
    again = run(all_of_them, tmp_path / "again", cache=cache)
    assert again.provenance[REUSED_UNITS].startswith("10 of 10 units")
    assert_frame_equal(again.scores, record.scores, check_exact=True)


@pytest.fixture
def queues(tmp_path: Path) -> Any:
    """Two processes' views of one queue."""
    heartbeat = Heartbeat()
    storages = [open_storage(Place.of(tmp_path, None), heartbeat) for _ in range(2)]
    yield [Queue.open(storage, "tasks", heartbeat) for storage in storages]
    for storage in storages:
        storage.engine.dispose()


def test_a_claimed_task_is_taken_next_and_by_nobody_else(queues: list[Queue]) -> None:
    mine, other = queues
    taken: list[int] = []

    def carry_out_task(trial: optuna.Trial) -> float:
        taken.append(trial.suggest_int("task", 0, 9))
        return float(task_of(trial))

    mine.hand_out([(0, {"task": 0})])
    mine.claim(7, {"task": 7})
    mine.claim(7, {"task": 7})  # it runs already
    assert (mine.waiting(), other.waiting()) == (True, True)
    other.take(carry_out_task)
    assert (mine.waiting(), other.waiting()) == (True, False)
    other.bury(everyone=False)  # who claimed it is alive
    mine.take(carry_out_task)
    assert taken == [0, 7]
    assert {task: trial.value for task, trial in other.settled().items()} == {0: 0.0, 7: 7.0}
    assert not mine.waiting()
    mine.claim(7, {"task": 7})  # it is settled
    assert not mine.waiting()


def test_what_was_claimed_and_not_taken_is_left_to_others(queues: list[Queue]) -> None:
    mine, other = queues
    mine.claim(7, {"task": 7})
    assert other.pending() == {7}
    mine.let_go()
    assert not mine.waiting()
    assert (other.pending(), other.settled()) == (set(), {})
    mine.let_go()
