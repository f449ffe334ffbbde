"""Configurations are searched for on search seeds, and claimed on others only."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from iml_general.errors import LearnerError, UsageError
from iml_general.judging.seed_effects import seed_effects
from iml_general.measuring.measure import Measurement, measure
from iml_general.study import engine
from iml_general.study.cache import reuse
from iml_general.study.plan.keys import check_plan
from iml_general.study.plan.resolve import Study, resolve
from iml_general.study.storage.place import Place
from iml_general.study.storage.record import RunRecord
from iml_general.study.work import searching
from iml_general.study.work.waves import Tried, draw_wave, is_hopeless

TOYS = str(Path(__file__).parents[1] / "plugins" / "toys.py")
SMALL = {
    **dict.fromkeys(("undefined", "new_conflict", "unseen"), 8),
    "sources": {
        "reliable": {"stage1": 8, "stage2": 8},
        "unreliable": {"stage1": 8, "stage2": 8},
        "neutral": {"stage2": 8},
    },
}
LEVELS = ["default", "tuned", "sought"]
TINY = {"width": 8, "depth": 1, "epochs": 2, "update_epochs": 1}


def study(*learners: dict[str, Any], trials: int = 12, **values: Any) -> Study:
    search = {"trials": trials, "seeds": 5, "wave": 6}
    plan = {"name": "x", "seeds": 4, "protocol": SMALL, "levels": LEVELS, "search": search}
    return resolve(check_plan({**plan, "learners": list(learners), **values}, "test"))


@pytest.fixture(scope="module")
def believer(tmp_path_factory: pytest.TempPathFactory) -> RunRecord:
    planned = study({"name": f"{TOYS}:Believer"})
    place = Place.of(tmp_path_factory.mktemp("believer"), None)
    return engine.run(planned, place, "test", lambda *_: None)


def controlled(record: RunRecord, effect: str, level: str) -> float:
    scores = record.scores.filter(learner="believer", level=level)
    effects = seed_effects(scores, {"informative": "shuffled"}).filter(effect=effect, condition="informative")
    return float(effects["controlled"].mean())  # type: ignore[arg-type]


def test_what_is_sought_shows_the_trust_that_the_defaults_do_not(believer: RunRecord) -> None:
    assert controlled(believer, "trust", "default") == 0
    assert controlled(believer, "trust", "sought") > 0.5


def test_a_search_row_says_what_was_maximised_and_its_value_is_that_of_the_configuration(
    believer: RunRecord,
) -> None:
    maximised = dict(believer.searches.select("level", "maximised").unique().rows())
    assert maximised == {"tuned": "competence", "sought": "trust"}
    tuned = believer.searches.filter(level="tuned", outcome="measured")
    assert tuned["value"].to_list() == tuned["competence"].to_list()
    sought = believer.searches.filter(level="sought", outcome="measured")
    sceptical = [json.loads(factors)["sceptical"] for factors in sought["factors"]]
    assert all((value > 0.5) == heeds for value, heeds in zip(sought["value"], sceptical, strict=True))


def test_every_search_tries_exactly_its_budget_and_marks_one_configuration_as_found(
    believer: RunRecord,
) -> None:
    for level in ("tuned", "sought"):
        rows = believer.searches.filter(level=level).sort("trial")
        assert rows["trial"].to_list() == list(range(12))
        found = rows.filter("found")
        assert len(found) == 1
        measured = rows.filter(outcome="measured")
        assert found["value"][0] == measured["value"].max()


def test_stopped_configurations_were_measured_on_fewer_seeds_and_are_never_found(
    believer: RunRecord,
) -> None:
    stopped = believer.searches.filter(level="sought", outcome="stopped")
    assert len(stopped) > 0
    assert set(stopped["n_seeds"]) == {4}
    assert not stopped["found"].any()


def test_the_factor_that_makes_the_effect_is_the_most_important(believer: RunRecord) -> None:
    found = believer.searches.filter(level="sought").filter("found")
    assert json.loads(found["factors"][0])["sceptical"] is True
    options = believer.configurations.filter(learner="believer", level="sought")["options"][0]
    assert json.loads(options)["sceptical"] is True


def test_search_and_confirmation_seeds_never_coincide() -> None:
    planned = study({"name": "naive-bayes"})
    search = {seed for one in planned.searches for seed in one.seeds}
    confirm = {seed for unit in planned.units for seed in unit.seeds}
    assert search
    assert confirm
    for component in ("world", "split", "fit", "update", "ties"):
        drawn = [{seed.integer(component) for seed in seeds} for seeds in (search, confirm)]
        assert drawn[0].isdisjoint(drawn[1])


def test_scores_hold_confirmation_seeds_only(believer: RunRecord) -> None:
    assert set(believer.scores["seed"]) == {0, 1, 2, 3}
    assert believer.scores["level"].unique().sort().to_list() == sorted(LEVELS)


def test_tuning_leaves_fields_that_only_updates_read_at_their_defaults() -> None:
    tuned, sought = study({"name": "random-forest"}).searches
    factors = {**draw_wave(tuned, [], 1)[0], "decay": 0.9}
    assert {variant.decay for variant in tuned.entrant(factors).variants} == {0.5}  # type: ignore[attr-defined]
    assert len(tuned.entrant(factors).variants) == 3
    entrant = sought.entrant({**draw_wave(sought, [], 1)[0], "decay": 0.9, "rule": "grow"})
    assert [(one.active_rule, one.decay) for one in entrant.variants] == [("grow", 0.9)]  # type: ignore[attr-defined]


def test_the_first_configuration_of_a_search_is_the_default_one() -> None:
    for search in study({"name": "random-forest"}, {"name": "transformer"}, {"name": "xgboost"}).searches:
        first = search.entrant(draw_wave(search, [], 3)[0])
        n = len(first.variants)
        assert first.variants == search.start.variants[:n]
        assert first.setting == search.start.setting


def test_what_is_sought_starts_from_the_defaults_and_from_what_was_tuned() -> None:
    tuned, sought = study({"name": "random-forest"}).searches
    found = {**draw_wave(tuned, [], 2)[1], "decay": 0.9}
    first, second, *_ = (sought.entrant(one) for one in draw_wave(sought, [], 3, found))
    assert first.variants == sought.start.variants[:1]
    assert second.variants == tuned.entrant(found).variants[:1], (
        "under the first rule, with the default decay"
    )
    assert second.setting == tuned.entrant(found).setting
    assert second.variants != first.variants
    assert draw_wave(sought, [], 1, found) == draw_wave(sought, [], 3, found)[:1]


def test_defaults_that_tuning_could_not_better_are_tried_once() -> None:
    tuned, sought = study({"name": "random-forest"}).searches
    assert sought.starts(tuned.defaults()) == [sought.defaults()]
    assert sought.starts(None) == [sought.defaults()]


def test_the_second_trial_of_what_is_sought_is_what_was_found_when_tuned(tmp_path: Path) -> None:
    planned = study({"name": f"{TOYS}:Deaf"}, trials=6, levels=["tuned", "sought"])
    record = engine.run(planned, Place.of(tmp_path, None), "test", lambda *_: None)
    found = record.searches.filter(level="tuned").filter("found")
    second = record.searches.filter(level="sought", trial=1)
    assert json.loads(found["factors"].item()) == json.loads(second["factors"].item()) == {"deaf": False}


def test_tuning_finds_the_same_whether_or_not_something_is_sought(
    tmp_path: Path, believer: RunRecord
) -> None:
    planned = study({"name": f"{TOYS}:Believer"}, levels=["default", "tuned"])
    alone = engine.run(planned, Place.of(tmp_path, None), "test", lambda *_: None)
    assert_frame_equal(alone.searches, believer.searches.filter(level="tuned"), check_exact=True)


def test_another_effect_can_be_maximised(tmp_path: Path) -> None:
    planned = study(
        {"name": f"{TOYS}:Believer"},
        levels=["sought"],
        search={"trials": 8, "seeds": 4, "maximise": "iml_gap"},
    )
    record = engine.run(planned, Place.of(tmp_path, None), "test", lambda *_: None)
    assert set(record.searches["maximised"]) == {"iml_gap"}
    assert controlled(record, "iml_gap", "sought") > 0.5


def test_competence_and_trust_are_maximised_together_and_the_front_is_marked(tmp_path: Path) -> None:
    search = {"trials": 12, "seeds": 5, "wave": 6, "maximise": ["competence", "trust"]}
    planned = study({"name": f"{TOYS}:Believer"}, levels=["sought"], search=search)
    record = engine.run(planned, Place.of(tmp_path, None), "test", lambda *_: None)
    rows = record.searches
    assert set(rows["maximised"]) == {"competence, trust"}
    assert set(rows["outcome"]) == {"measured"}, (
        "none is stopped: what is worse in one may be better in the other"
    )
    both = rows.select("competence", "value").rows()
    beaten = [any(a != b and a[0] >= b[0] and a[1] >= b[1] for a in both) for b in both]
    assert rows["front"].to_list() == [not one for one in beaten]
    assert 0 < rows["front"].sum() < 12
    found = rows.filter("found")
    assert found["front"].item()
    assert found["value"].item() == rows["value"].max()


def test_a_wave_of_two_objectives_learns_from_both() -> None:
    search = {"trials": 12, "seeds": 4, "maximise": ["competence", "trust"]}
    (sought,) = study({"name": "random-forest"}, levels=["sought"], search=search).searches
    drawn = draw_wave(sought, [], 12)
    ranges = sought.space()

    def known(competences: Sequence[float]) -> list[Tried]:
        return [
            Tried(factors, {name: ranges[name] for name in factors}, (0.0,) * 4, competence, True)
            for factors, competence in zip(drawn, competences, strict=True)
        ]

    rising = [place / 12 for place in range(12)]
    assert draw_wave(sought, known(rising), 4) == draw_wave(sought, known(rising), 4)
    assert draw_wave(sought, known(rising), 4) != draw_wave(sought, known(rising[::-1]), 4)


def test_searches_measure_only_the_primary_condition_and_its_control(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    planned = study({"name": "naive-bayes"}, levels=["sought"])
    seen: list[list[str]] = []

    def spy(variants: Any, setting: Any, seeds: Any, conditions: Any, *rest: Any) -> Measurement:
        seen.append([condition.name for condition in conditions])
        return measure(variants, setting, seeds, conditions, *rest)

    monkeypatch.setattr(reuse, "measure", spy)
    (search,) = planned.searches
    nothing_kept = reuse.Reuse(planned, None, 0.0, print)
    entrant = search.entrant(search.defaults())
    _, values = searching._measure(planned, nothing_kept, search, entrant, search.seeds[:2])
    assert seen == [["informative", "shuffled"]]
    assert len(values) == 2


def test_what_the_plan_fixes_is_not_searched() -> None:
    forest = {"name": "random-forest", "rules": ["refit"], "options": {"n_estimators": 7}}
    _, sought = study(forest, encoding={"alias": "dense"}).searches
    for factors in draw_wave(sought, [], 8):
        assert "encoding.alias" not in factors
        entrant = sought.entrant(factors)
        assert entrant.setting.encoding.alias == "dense"
        assert [(one.active_rule, one.n_estimators) for one in entrant.variants] == [("refit", 7)]  # type: ignore[attr-defined]


def test_codes_are_not_searched_where_aliases_are_pictures() -> None:
    _, sought = study({"name": "naive-bayes"}, world={"name": "digits"}).searches
    assert not any(factor.startswith("encoding.") for one in draw_wave(sought, [], 4) for factor in one)


def test_a_wave_depends_on_earlier_results_and_on_nothing_else() -> None:
    _, sought = study({"name": "naive-bayes"}).searches
    first = draw_wave(sought, [], 6)
    assert draw_wave(sought, [], 6) == first
    assert len({json.dumps(one) for one in first}) == 6


def test_a_configuration_is_hopeless_only_beside_a_better_complete_one() -> None:
    def tried(values: Sequence[float], complete: bool) -> Tried:
        return Tried({}, {}, tuple(values), 0.5, complete)

    best = tried([0.5, 0.6, 0.7, 0.8, 0.9], True)
    assert is_hopeless([0.1, 0.2, 0.1, 0.2], [best], 0.1)
    assert not is_hopeless([0.1, 0.2, 0.1, 0.2], [best], 0.0)
    assert not is_hopeless([0.1, 0.2, 0.1, 0.2], [tried([0.5, 0.6, 0.7, 0.8], False)], 0.1)
    assert not is_hopeless([0.6, 0.5, 0.8, 0.9], [best], 0.1)


def test_a_search_that_finds_nothing_says_so_and_the_study_goes_on(tmp_path: Path) -> None:
    planned = study({"name": f"{TOYS}:FailsWhenSearched"}, levels=["default", "sought"])
    record = engine.run(planned, Place.of(tmp_path, None), "test", lambda *_: None)
    assert record.complete
    assert set(record.scores["level"]) == {"default"}
    assert set(record.searches["outcome"]) == {"failed"}
    assert len(record.searches) < 12  # given up after three in a row
    assert any("found no configuration" in reason for reason in record.failures["reason"])


def test_a_suggest_that_raises_is_told_in_one_line_before_any_work(tmp_path: Path) -> None:
    place, planned = Place.of(tmp_path, None), study({"name": f"{TOYS}:SuggestsNothing"})
    with pytest.raises(LearnerError, match=r"SuggestsNothing. raised in suggest: KeyError: .width."):
        engine.run(planned, place, "test", lambda *_: None)


def test_a_learner_without_a_search_space_is_refused_before_there_is_a_run(tmp_path: Path) -> None:
    (tmp_path / "fixed.py").write_text(
        "from sklearn.svm import SVC\nfrom iml_general.plugins.from_sklearn import from_sklearn\n"
        "Fixed = from_sklearn(SVC())\n"
    )
    one = {"name": f"{tmp_path}/fixed.py:Fixed"}
    with pytest.raises(UsageError, match=r"fixed.py:Fixed. has no search space, and level .tuned. needs one"):
        study(one, levels=["default", "tuned"])
    assert study({**one, "levels": ["default"]}, levels=["default", "tuned"]).searches == ()


def test_what_is_found_and_takes_part_anyway_is_measured_once_and_has_the_rows_of_a_measurement(
    tmp_path: Path,
) -> None:
    def run(levels: list[str]) -> RunRecord:
        planned = study({"name": "naive-bayes"}, {"name": "mlp", "options": TINY}, trials=1, levels=levels)
        return engine.run(planned, Place.of(tmp_path / "-".join(levels), None), "test", lambda *_: None)

    once, anew = run(LEVELS), run(["tuned", "sought"])  # one trial: what is found are the defaults
    found = pl.col("level").is_in(["tuned", "sought"]) & pl.col("learner").is_in(["naive-bayes", "mlp"])
    assert_frame_equal(once.scores.filter(found), anew.scores.filter(found), check_exact=True)
    assert once.scores.filter(found).height > 0
    fits = once.costs.filter(phase="fit", rule="")
    assert fits.filter(learner="naive-bayes")["n_seeds"].to_list() == [1] * 4
    assert fits.filter(learner="mlp")["n_seeds"].to_list() == [4]
    assert anew.costs.filter(phase="fit", rule="", learner="mlp")["n_seeds"].to_list() == [4, 4]


def test_another_configuration_is_measured_though_a_rule_is_shared(believer: RunRecord) -> None:
    assert believer.searches.filter(level="sought").sort("trial")["found"][0] is False
    units = believer.costs.filter(pl.col("learner") == "believer").filter(phase="fit")
    assert len(units) > 4
