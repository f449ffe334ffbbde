"""Rows come back as they were written, in one order, however many there are and whoever wrote them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from iml_general.rows import KEYS, MEASURED, SCHEMA_VERSION, SCORE_SCHEMA
from iml_general.study.storage import store as module
from iml_general.study.storage.database import connected
from iml_general.study.storage.foreign import SHOWN
from iml_general.study.storage.place import Place
from iml_general.study.storage.store import RunStore

if TYPE_CHECKING:
    from tests.study.conftest import PostgreSQL

GROUPS = ("corroborated", "new_conflict", "unseen")


@pytest.fixture
def store(tmp_path: Path, storage: str | None) -> Iterator[RunStore]:
    place = Place.of(tmp_path, storage)
    with connected(place) as engine:
        made = RunStore(place, engine)
        made.begin({"name": "x"}, {}, {})
        yield made
        engine.dispose()


def identity(learner: str, rule: str, **more: str) -> dict[str, str]:
    shared = {**dict.fromkeys(KEYS, ""), "study": "x", "world": "statements", "role": "subject"}
    return {**shared, "learner": learner, "rule": rule, "configuration": f"{learner} {rule}", **more}


def scores(rule: str, seed: int, value: float = 0.5) -> list[dict[str, Any]]:
    cell = {"condition": "informative", "moment": "stage2", "probe": "question", "measure": "em", "n": 300}
    return [
        {**cell, "rule": rule, "seed": seed, "group": group, "value": value + seed / 7} for group in GROUPS
    ]


def fill(store: RunStore, trials: dict[int, tuple[str, int]]) -> None:
    for trial, (learner, seed) in trials.items():
        rules = ("grow", "refit")
        rows = [row for rule in rules for row in scores(rule, seed)]
        store.add(trial, [identity(learner, rule) for rule in rules], rows, [])


def test_every_row_comes_back_once_and_whole_though_it_is_read_piece_by_piece(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "READ_AT_ONCE", 4)
    fill(store, {trial: ("forest", trial) for trial in range(5)})
    read = store.scores(range(5))
    assert dict(read.schema) == SCORE_SCHEMA
    expected = [
        {**identity("forest", rule), **row, "schema_version": SCHEMA_VERSION}
        for rule in ("grow", "refit")
        for seed in range(5)
        for row in scores(rule, seed)
    ]
    assert_frame_equal(read, pl.DataFrame(expected, schema=SCORE_SCHEMA), check_exact=True)


def test_the_order_is_that_of_what_was_measured_whoever_was_first(store: RunStore) -> None:
    fill(store, {0: ("forest", 2), 1: ("bayes", 0), 2: ("forest", 0), 3: ("bayes", 1), 4: ("forest", 1)})
    read = store.scores(range(5))
    assert_frame_equal(read, read.sort([name for name in SCORE_SCHEMA if name != "value"]))
    assert read.select("learner", "seed").unique(maintain_order=True).rows()[:3] == [
        ("bayes", 0),
        ("bayes", 1),
        ("forest", 0),
    ]


def test_what_a_terminal_would_obey_is_taken_out_of_every_text(store: RunStore) -> None:
    rows = [{**row, "group": f"\x1b[2J{row['group']}"} for row in scores("grow", 0)]
    store.add(0, [identity("for\x07est", "grow")], rows, [])
    read = store.scores([0])
    assert set(read["group"]) == {f"{SHOWN}[2J{group}" for group in GROUPS}
    assert set(read["learner"]) == {f"for{SHOWN}est"}


def test_only_the_trials_that_are_asked_for_are_read(store: RunStore) -> None:
    fill(store, {0: ("forest", 0), 1: ("forest", 1)})
    assert set(store.scores([1])["seed"]) == {1}
    assert store.scores([]).is_empty()
    assert store.scores([]).schema == SCORE_SCHEMA


def test_a_trial_that_is_written_again_replaces_its_rows(store: RunStore) -> None:
    fill(store, {0: ("forest", 0), 1: ("forest", 1)})
    store.add(0, [identity("bayes", "append")], scores("append", 0, value=0.25), [])
    read = store.scores([0, 1])
    assert read.filter(seed=0).select("learner", "value").unique().rows() == [("bayes", 0.25)]
    assert set(read.filter(seed=1)["learner"]) == {"forest"}


def test_rows_of_one_trial_come_with_their_configuration(store: RunStore) -> None:
    fill(store, {0: ("forest", 0), 1: ("forest", 1)})
    rows = store.rows_of(1)
    assert [{name: row[name] for name in MEASURED} for row in rows] == [
        *scores("grow", 1),
        *scores("refit", 1),
    ]
    assert {row["configuration"] for row in rows} == {"forest grow", "forest refit"}


def test_runs_in_one_database_keep_to_themselves(tmp_path: Path, postgresql: PostgreSQL) -> None:
    url, names = postgresql.new_database(), {"forest": "mine", "bayes": "100% other's"}
    for learner, name in names.items():
        place = Place.of(tmp_path / name, url)
        with connected(place) as engine:
            RunStore(place, engine).begin({"name": name}, {}, {})
            fill(RunStore(place, engine), {0: (learner, 0)})
            engine.dispose()
    for learner, name in names.items():
        place = Place.of(tmp_path / name, url)
        with connected(place) as engine:
            store = RunStore(place, engine)
            assert set(store.scores([0])["learner"]) == {learner}
            assert store.names() == ["100% other's", "mine"]
            engine.dispose()
