"""Episodes are remembered as long as there is room, and no longer."""

from collections.abc import Iterator
from pathlib import Path

import jax
import psutil
import pytest

from iml_general.measuring.encoded import encode_episodes
from iml_general.protocol.conditions import episodes_of
from iml_general.protocol.drawing import draw
from iml_general.study import engine
from iml_general.study.plan.keys import check_plan
from iml_general.study.plan.resolve import Study, resolve
from iml_general.study.storage.place import Place
from iml_general.study.work.confirming import measure_as_planned
from iml_general.study.work.remembered import forget, forget_if_large

CACHES = (encode_episodes, episodes_of, draw)


@pytest.fixture
def study() -> Iterator[Study]:
    planned = resolve(check_plan({"name": "x", "seeds": 2, "learners": []}, "test"))
    measure_as_planned(planned, planned.entrants[0], planned.units[0].seeds)
    yield planned
    forget()


def sizes() -> list[int]:
    return [cache.cache_info().currsize for cache in CACHES]


def test_a_small_process_goes_on_with_what_it_remembers(study: Study) -> None:
    before = sizes()
    forget_if_large(10**9)
    assert sizes() == before
    assert all(before)


def test_a_large_process_forgets_and_measures_the_same_again(study: Study) -> None:
    entrant, seeds = study.entrants[0], study.units[0].seeds
    first = measure_as_planned(study, entrant, seeds)
    forget_if_large(1)
    assert sizes() == [0, 0, 0]
    assert measure_as_planned(study, entrant, seeds).scores == first.scores


def test_most_of_what_a_task_may_take_is_left_to_it(study: Study) -> None:
    taken = psutil.Process().memory_info().rss / 2**20
    forget_if_large(taken / 0.2)
    assert all(sizes())
    forget_if_large(taken / 0.3)
    assert sizes() == [0, 0, 0]


def test_who_watches_over_workers_keeps_no_episodes(study: Study, tmp_path: Path) -> None:
    assert all(sizes())
    engine.run(study, Place.of(tmp_path, None), "test", lambda *_: None)
    assert sizes() == [0, 0, 0]


def test_programs_that_jax_has_compiled_are_let_go_of() -> None:
    traced = []

    @jax.jit
    def program(x: jax.Array) -> jax.Array:
        traced.append(x)
        return 2 * x

    assert [float(program(3.0)) for _ in range(2)] == [6, 6]
    assert len(traced) == 1
    forget()
    assert float(program(3.0)) == 6
    assert len(traced) == 2
