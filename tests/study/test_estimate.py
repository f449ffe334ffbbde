"""What a study will take is counted before it runs: tasks and rows exactly, time from what was measured."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from iml_general.errors import UsageError
from iml_general.plugins import registry
from iml_general.rows import SCORE_SCHEMA
from iml_general.study import engine
from iml_general.study.cache.reuse import Reuse
from iml_general.study.estimate.estimate import Estimate, Part, estimate
from iml_general.study.estimate.known_costs import THIS_RUN, KnownCost
from iml_general.study.plan.keys import check_plan
from iml_general.study.plan.resolve import Study, resolve
from iml_general.study.storage.place import Place
from iml_general.study.storage.record import RunRecord

TOYS = str(Path(__file__).parents[1] / "plugins" / "toys.py")
TABLE = json.loads(
    files("iml_general.study.estimate").joinpath("seconds_per_seed.json").read_text(encoding="utf-8")
)
SMALL = {
    **dict.fromkeys(("undefined", "new_conflict", "unseen"), 8),
    "sources": {
        "reliable": {"stage1": 8, "stage2": 8},
        "unreliable": {"stage1": 8, "stage2": 8},
        "neutral": {"stage2": 8},
    },
}
READ_OFF_ANSWERS = ("em", "log_probability", "brier", "said_reliable", "said_unreliable", "log_odds_reliable")


def study(*learners: str, **values: Any) -> Study:
    chosen = [{"name": name} for name in learners or ("naive-bayes",)]
    return resolve(check_plan({"name": "x", "seeds": 3, "learners": chosen, **values}, "test"))


def run(planned: Study, folder: Path) -> RunRecord:
    return engine.run(planned, Place.of(folder, None), "test", lambda *_: None)


def at(planned: Study, folder: Path) -> Estimate:
    return estimate(planned, Place.of(folder, None), Reuse(planned, None, 0.0, lambda text: None))


def part(estimated: Estimate, name: str, level: str = "default") -> Part:
    (found,) = [one for one in estimated.parts if (one.who.name, one.who.level) == (name, level)]
    return found


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one finished run, named first."""
    folder = tmp_path_factory.mktemp("runs")
    run(study(protocol=SMALL), folder / "first")
    return folder


def test_tasks_are_those_of_the_study(tmp_path: Path) -> None:
    planned = study(levels=["default", "sought"], search={"trials": 5, "seeds": 4})
    estimated = at(planned, tmp_path)
    assert estimated.n_units == len(planned.units)
    assert sum(one.n_units for one in estimated.parts) == len(planned.units)
    assert (part(estimated, "naive-bayes").n_trials, part(estimated, "naive-bayes", "sought").n_trials) == (
        0,
        5,
    )


def test_rows_that_are_read_off_answers_are_counted_exactly(runs: Path) -> None:
    planned = study(protocol=SMALL)
    record = engine.load_run(Place.of(runs / "first", None))
    counted = record.scores.filter(record.scores["measure"].is_in(READ_OFF_ANSWERS))
    assert list(record.scores.columns) == list(SCORE_SCHEMA)
    assert at(planned, runs / "other").n_scores == len(counted)


def test_nothing_is_written(tmp_path: Path) -> None:
    at(study(), tmp_path / "runs" / "new")
    assert not list(tmp_path.iterdir())


def test_an_earlier_run_of_the_same_configuration_tells_more_than_the_table(runs: Path) -> None:
    alike, other = at(study(protocol=SMALL), runs / "next"), at(study(), runs / "next")
    (cost, from_table) = (part(one, "naive-bayes").cost for one in (alike, other))
    assert cost is not None
    assert from_table is not None
    assert cost.origin == f"run {str(runs / 'first')!r}"
    assert from_table.origin == "table"
    costs = engine.load_run(Place.of(runs / "first", None)).costs.filter(learner="naive-bayes")
    taken = part(alike, "naive-bayes").seconds
    assert taken == pytest.approx(costs["seconds"].sum(), rel=1e-9)


def test_what_is_done_in_the_run_itself_is_not_counted_again(runs: Path) -> None:
    estimated = at(study(protocol=SMALL), runs / "first")
    assert estimated.n_done == estimated.n_units > 0
    assert estimated.seconds == 0
    cost = part(estimated, "naive-bayes").cost
    assert cost is not None
    assert cost.origin == THIS_RUN


def test_a_run_of_another_plan_is_refused_as_running_it_would_be(runs: Path) -> None:
    with pytest.raises(UsageError, match=r"has another plan \(seeds: there 3, here 4\)"):
        at(study(protocol=SMALL, seeds=4), runs / "first")


def test_a_run_from_another_kind_of_machine_says_nothing_of_this_one(
    runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("iml_general.study.estimate.known_costs.machine", lambda: "another")
    cost = part(at(study(protocol=SMALL), runs / "next"), "naive-bayes").cost
    assert cost is not None
    assert cost.origin == "table"


def test_twice_the_seeds_take_twice_the_time_and_fewer_rows_take_less(tmp_path: Path) -> None:
    once, twice, small = (
        part(at(planned, tmp_path), "naive-bayes").seconds
        for planned in (study(seeds=4), study(seeds=8), study(seeds=4, protocol=SMALL))
    )
    assert once
    assert small
    assert twice == pytest.approx(2 * once)
    assert small < once / 3


def test_memory_grows_with_rows_and_is_not_reckoned_less_where_they_are_few(tmp_path: Path) -> None:
    many = {"sources": {source: {"stage1": 2000} for source in ("reliable", "unreliable")}}
    table, small, large = (at(study(protocol=protocol), tmp_path) for protocol in ({}, SMALL, many))
    taken = {line["learner"]: line for line in TABLE["learners"]}["naive-bayes"]
    peaks = [part(one, "naive-bayes").memory.peak for one in (table, small, large)]  # type: ignore[union-attr]
    assert peaks[:2] == [taken["peak_mb"]] * 2
    assert peaks[2] > 3 * taken["peak_mb"]
    assert large.worker_mb == max(large.memory_mb.values()) > table.worker_mb
    assert large.memory_mb.keys() == {"naive-bayes", "ideal-observer", "tag-blind"}


def test_a_library_that_several_learners_load_is_counted_once(tmp_path: Path) -> None:
    alone, together = (
        at(study(*names, world={"name": "digits"}), tmp_path).memory_mb["mlp"]
        for names in (("mlp",), ("mlp", "convnet"))
    )
    assert alone == together
    without = at(study("convnet", world={"name": "digits"}), tmp_path).memory_mb["convnet"]
    beside = at(study("mlp", "convnet", world={"name": "digits"}), tmp_path).memory_mb["convnet"]
    assert beside > without  # JAX is loaded, too


def test_time_goes_by_the_length_of_what_is_trained(tmp_path: Path) -> None:
    def cost(**options: int) -> KnownCost:
        learner = {"name": "mlp", "options": options}
        planned = resolve(check_plan({"name": "x", "learners": [learner]}, "test"))
        (found,) = [one.cost for one in at(planned, tmp_path).parts if one.who.learner.info.name == "mlp"]
        assert found is not None
        return found

    default, longer, updated = cost(), cost(epochs=200), cost(update_epochs=100)
    assert (longer.fit, longer.shared) == (pytest.approx(2 * default.fit), default.shared)
    assert longer.own["continue"] == default.own["continue"]
    assert longer.own["retrain"] > 1.9 * default.own["retrain"]
    assert updated.fit == default.fit
    assert updated.own["continue"] > 1.9 * default.own["continue"]


def test_units_that_go_on_from_one_another_fit_the_longest_once(tmp_path: Path) -> None:
    def parts(*lengths: int) -> list[Part]:
        several = [
            {"name": "extra-trees", "rules": ["refit"], "options": {"n_estimators": n}} for n in lengths
        ]
        planned = resolve(check_plan({"name": "x", "seeds": 2, "learners": several}, "test"))
        return [one for one in at(planned, tmp_path).parts if one.who.learner.info.name == "extra-trees"]

    short, middle, long = (part for length in (50, 100, 200) for part in parts(length))
    assert short.cost
    assert middle.cost
    saved = 2 * (short.cost.fit + middle.cost.fit)  # on both seeds the shorter fits are on the way
    assert sum(one.seconds or 0.0 for one in parts(50, 100, 200)) == pytest.approx(
        sum(one.seconds or 0.0 for one in (short, middle, long)) - saved
    )


def test_a_learner_of_which_nothing_is_known_is_named(tmp_path: Path) -> None:
    estimated = at(study(f"{TOYS}:Memory", "naive-bayes"), tmp_path)
    assert estimated.unknown == (f"{TOYS}:Memory",)
    assert estimated.seconds > 0


def test_the_table_has_every_learner_and_only_rules_that_it_knows() -> None:
    usable = {name: found.value for name, found in registry.learners().items() if not found.reason}
    lines = {line["learner"]: line for line in TABLE["learners"]}
    assert lines.keys() >= usable.keys()
    for name, cls in usable.items():
        assert {rule for rule, _, _ in lines[name]["seconds"]} <= {"", *cls.info.rules}, name
        assert lines[name]["loaded_mb"] >= 0
