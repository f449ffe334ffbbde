"""The checks themselves: a learner that conforms passes all, one that breaks a claim fails its check."""

import runpy
from collections.abc import Iterator
from pathlib import Path

import pytest

from iml_general.checks import conforms, run_checks
from iml_general.checks.catalogue import CHECKS
from iml_general.measuring.encoded import encode_episodes
from iml_general.plugins import registry

FILE = Path(__file__).parent / "broken.py"
GOOD = registry.learner(f"{FILE}:Good")
BREAKS, WRITES = (
    {registry.learner(f"{FILE}:{cls.__name__}"): claims for cls, claims in table.items()}
    for table in map(runpy.run_path(str(FILE)).get, ("BREAKS", "WRITES"))
)


@pytest.fixture(autouse=True)
def own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Some of these learners write files, and some change rows that are remembered for others."""
    monkeypatch.chdir(tmp_path)
    yield
    encode_episodes.cache_clear()


def claims(results, outcome: str) -> set[str]:
    return {result.id.split(": ")[1] for result in results if result.outcome == outcome}


def test_a_learner_that_conforms_passes_every_check_that_is_not_of_the_other_contract() -> None:
    results = run_checks(GOOD)
    others = {"answers are numbers", "updated answers are numbers", "one number is enough"}
    assert claims(results, "pass") == {check.claim for check in CHECKS} - others
    assert {result.reason for result in results if result.outcome == "skip"} == {"it answers with classes"}
    assert conforms(results)
    of_numbers = run_checks(registry.learner(f"{FILE}:GoodOfNumbers"))
    assert others <= claims(of_numbers, "pass")
    assert claims(of_numbers, "fail") == set()


def test_the_round_off_of_a_library_is_no_fault() -> None:
    assert claims(run_checks(registry.learner(f"{FILE}:RoundsOff")), "fail") == set()


@pytest.mark.parametrize("name", ["PoolEndsSoon", "AsksXLAForOneThread"])
def test_threads_that_are_about_to_end_or_only_wait_are_not_left_behind(name: str) -> None:
    results = run_checks(registry.learner(f"{FILE}:{name}"), only="no thread is left behind")
    assert conforms(results)
    assert {result.outcome for result in results} == {"pass"}


def test_a_learner_that_is_not_searched_is_due_no_check_of_a_search_space() -> None:
    results = run_checks(registry.learner(f"{FILE}:IsNotSearched"))
    assert conforms(results)
    unsearched = {result.id.split(": ")[1] for result in results if "no search space" in result.reason}
    assert unsearched == {
        "search space holds valid configurations only",
        "search space holds the defaults",
        "suggested configurations work",
        "update fields matter to update alone",
    }


@pytest.mark.parametrize("broken", BREAKS, ids=lambda cls: cls.__name__)
def test_a_broken_learner_fails_the_checks_of_what_it_breaks_and_no_others(broken) -> None:
    results = run_checks(broken)
    assert claims(results, "fail") == BREAKS[broken]
    assert not conforms(results)
    for result in results:
        if result.outcome == "fail":
            assert result.seen
            assert result.expected
            assert result.again.startswith(f"iml check {FILE}:{broken.__name__} --only ")


@pytest.mark.parametrize("writer", WRITES, ids=lambda cls: cls.__name__)
def test_a_learner_that_writes_into_its_inputs_is_told_so_whatever_the_check(writer) -> None:
    failed = {result.id: result for result in run_checks(writer) if result.outcome == "fail"}
    its_own = next(result for name, result in failed.items() if name.endswith(f": {WRITES[writer]}"))
    assert its_own.seen.startswith("toy: ")
    assert "writes into the rows it is given (ValueError: assignment destination" in its_own.seen
    assert "copy what is to be changed" in its_own.expected
    assert {name for name, result in failed.items() if "read-only" not in result.seen} == set()


def test_every_check_has_a_learner_that_fails_it() -> None:
    assert set().union(*BREAKS.values(), WRITES.values()) == {check.claim for check in CHECKS}


def test_more_than_40_ways_to_be_broken_are_found() -> None:
    assert len(BREAKS) + len(WRITES) > 40
