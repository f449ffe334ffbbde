"""A plan's names and options become learners, settings and units of work, or a one-line refusal."""

import sys
from pathlib import Path

import pytest

from iml_general.errors import UsageError
from iml_general.learner import COHORT_SEEDS
from iml_general.study.plan.keys import check_plan
from iml_general.study.plan.overrides import Overrides, find_plan
from iml_general.study.plan.resolve import Study, resolve
from iml_general.worlds.statements import Statements
from learners.neural.training import CUDA_SEEDS

TOYS = str(Path(__file__).parents[1] / "plugins" / "toys.py")


def study(**values: object) -> Study:
    return resolve(check_plan({"name": "x", "seeds": 3, **values}, "test"))


def learners(*names: str, **fields: object) -> list[dict[str, object]]:
    return [{"name": name, **fields} for name in names]


def test_controls_always_take_part() -> None:
    entrants = study(learners=learners("chance")).entrants
    assert [entrant.variants[0].info.role for entrant in entrants] == [
        "reference",
        "positive control",
        "negative control",
    ]


def test_all_learners_are_every_registered_one_under_every_rule() -> None:
    entrants = study(all_learners=True, learners=learners("mlp", options={"depth": 1})).entrants
    rules = {(entrant.name, variant.active_rule) for entrant in entrants for variant in entrant.variants}
    assert [entrant.level for entrant in entrants if entrant.name == "mlp"] == ["chosen"]
    trees = ("random-forest", "extra-trees", "xgboost", "lightgbm")
    assert {(name, rule) for name in trees for rule in ("grow", "refit", "retrain")} <= rules
    assert {name for name, _ in rules} == {
        *trees,
        "logistic-regression",
        "sgd",
        "nearest-neighbors",
        "naive-bayes",
        "adaboost",
        "adaptive-random-forest",
        "catboost",
        "causal-lm",
        "decision-tree",
        "hist-boosting",
        "mondrian-forest",
        "gaussian-process",
        "random-features",
        "svm",
        "mlp",
        "transformer",
        "ideal-observer",
        "tag-blind",
        "chance",
    }


def test_an_optional_learner_that_can_not_be_loaded_is_absent_with_the_reason() -> None:
    gone = [{"name": "nowhere:Class", "optional": True}, {"name": "chance", "optional": True}]
    resolved = study(learners=gone)
    assert [entrant.name for entrant in resolved.entrants] == ["chance", "ideal-observer", "tag-blind"]
    assert list(resolved.absent) == ["nowhere:Class"]
    assert "No module named 'nowhere'" in resolved.absent["nowhere:Class"]
    with pytest.raises(UsageError, match="did you mean 'xgboost'"):
        study(learners=[{"name": "xgbost", "optional": True}])


def test_a_preset_goes_without_what_is_not_installed_unless_it_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "xgboost", None)
    monkeypatch.delitem(sys.modules, "learners.trees.boosted_xgb", raising=False)
    resolved = resolve(find_plan("quick", Overrides()))
    assert "xgboost" not in [entrant.name for entrant in resolved.entrants]
    missing = "the library 'xgboost' is not installed"
    how = "pip install 'iml_general[xgboost]' or pip install 'iml_general[xgboost-cpu]'"
    assert resolved.absent == {"xgboost": f"{missing}: {how}"}
    with pytest.raises(UsageError, match=missing):
        resolve(find_plan("quick", Overrides(learners=("xgboost",))))


def test_units_cover_every_entrant_and_seed_once() -> None:
    resolved = study(seeds=COHORT_SEEDS + 2, learners=learners("mlp", "chance"))
    covered = [(unit.who.name, seed.index) for unit in resolved.units for seed in unit.seeds]
    names = [entrant.name for entrant in resolved.entrants]
    assert sorted(covered) == sorted((name, index) for name in names for index in range(COHORT_SEEDS + 2))
    blocks = {name: [len(u.seeds) for u in resolved.units if u.who.name == name] for name in names}
    assert blocks["mlp"] == [COHORT_SEEDS, 2]
    assert set(blocks["chance"]) == {1}


def test_one_unit_on_a_gpu_has_as_many_seeds_as_keep_it_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    for device, block in (("cuda", CUDA_SEEDS), ("auto", COHORT_SEEDS), ("cpu", COHORT_SEEDS)):
        resolved = study(seeds=CUDA_SEEDS, learners=learners("mlp", options={"device": device}))
        assert {len(unit.seeds) for unit in resolved.units if unit.who.name == "mlp"} == {block}


def test_confirmation_seeds_are_what_units_use() -> None:
    assert {seed.purpose for unit in study(learners=learners("chance")).units for seed in unit.seeds} == {
        "confirm"
    }


def test_the_resolved_plan_is_a_plan_with_every_default_and_means_the_same() -> None:
    resolved = study(learners=learners("lightgbm", options={"num_leaves": 7}))
    again = resolve(check_plan(resolved.plan, "again"))
    assert again.plan == resolved.plan
    assert again.entrants == resolved.entrants
    assert resolved.plan["protocol"]["sources"]["reliable"] == {
        "reliability": 1.0,
        "stage1": 100,
        "stage2": 50,
    }
    assert resolved.plan["conditions"] == ["informative", "shuffled", "no_stage1"]
    assert resolved.plan["learners"][0]["options"]["num_leaves"] == 7


def test_the_level_says_whether_options_are_the_learners_own_defaults() -> None:
    default = study(learners=learners("lightgbm", options={"num_leaves": 31})).entrants[0]
    chosen = study(learners=learners("lightgbm", options={"num_leaves": 7})).entrants[0]
    assert (default.level, chosen.level) == ("default", "chosen")


def test_everything_that_rows_depend_on_changes_the_configuration() -> None:
    plans: list[dict[str, object]] = [
        {},
        {"learners": learners("nearest-neighbors", options={"n_neighbors": 3})},
        {"learners": learners("nearest-neighbors", encoding={"alias": "dense"})},
        {"encoding": {"tag": "dense"}},
        {"protocol": {"unseen": 31}},
        {"protocol": {"sources": {"unreliable": {"reliability": 0.25}}}},
        {"world": {"name": "statements", "options": {"n_questions": 5}}},
        {"world": {"name": "table"}},
    ]
    found = set()
    for plan in plans:
        entrant = study(**{"learners": learners("nearest-neighbors"), **plan}).entrants[0]
        found |= {entrant.configuration(variant) for variant in entrant.variants}
    assert len(found) == 2 * len(plans)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"learners": learners("xgbost")}, "unknown learner 'xgbost'; did you mean 'xgboost'"),
        (
            {"learners": learners("mlp", rules=["refit"])},
            "'mlp' has no update rule 'refit' (allowed: continue",
        ),
        ({"learners": learners("mlp", options={"rule": "retrain"})}, "give update rules as `rules = [...]`"),
        ({"learners": learners("mlp", options={"dept": 2})}, "unknown option 'dept'; did you mean 'depth'"),
        ({"learners": learners("mlp", options={"width": "big"})}, "width = 'big'"),
        (
            {"learners": learners("chance", "chance")},
            "learner 'chance' with rule 'append' and the same options",
        ),
        ({"learners": learners("nowhere:Class")}, "No module named 'nowhere'"),
        ({"learners": learners(f"{TOYS}:Memori")}, "did you mean 'Memory'"),
        ({"learners": learners(f"{TOYS}:unrelated")}, "is not a subclass"),
        (
            {"learners": learners(f"{TOYS}:NotADataclass")},
            "is not decorated with @dataclass(frozen=True)",
        ),
        ({"learners": learners("./no.py:X")}, "'no.py' is not a file"),
        ({"world": {"name": "tables"}}, "unknown world 'tables'; did you mean 'table'"),
        ({"world": {"name": "statements", "options": {"n_answers": 1}}}, "2"),
        ({"world": {"name": "statements", "options": {"n_aliases": 50}}}, "50"),
        ({"protocol": {"sources": {"reliable": {"stage1": 1}}}}, "stage1 = 1; statements that are not true"),
        (
            {"protocol": {"sources": {"reliable": {"reliability": 1.5}}}},
            "reliability = 1.5: Input should be less than or equal to 1",
        ),
        ({"protocol": {"corroborated": 100}}, "unknown option 'corroborated'"),
        ({"protocol": {"unsen": 3}}, "unknown option 'unsen'; did you mean 'unseen'"),
        (
            {"encoding": {"alias_width": 4}},
            "4 bits gives 16 different codes, but there are 470 aliases: widen",
        ),
        ({"verdict": {"sesoi": -1.0}}, "sesoi = -1.0"),
        ({"conditions": ["informativ"]}, "unknown condition 'informativ'; did you mean 'informative'"),
        (
            {"conditions": ["informative", "no_stage1"]},
            "'informative' is compared with 'shuffled', which is not among them (informative, no_stage1)",
        ),
        ({"conditions": ["shuffled", "no_stage1"]}, "none of them (shuffled, no_stage1) is compared with"),
        ({"conditions": ["informative", "shuffled", "shuffled"]}, "'shuffled' is there twice"),
        ({"search": {"maximise": "trustt"}}, "unknown effect 'trustt'; did you mean 'trust'"),
        ({"search": {"maximise": ["trust", "competence"]}}, 'or ["competence", "trust"] for both at once'),
        ({"search": {"maximise": []}}, "search.maximise: unknown effect ''"),
    ],
)
def test_what_can_not_be_done_is_refused_in_one_line_before_any_work(
    values: dict[str, object], message: str
) -> None:
    with pytest.raises(UsageError) as caught:
        study(**values)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_first_condition_with_a_control_is_the_primary_one_wherever_it_stands() -> None:
    resolved = study(conditions=["no_stage1", "shuffled", "informative"])
    assert [one.name for one in resolved.conditions] == ["informative", "no_stage1", "shuffled"]
    assert [one.name for one in resolved.searched] == ["informative", "shuffled"]


def test_a_further_source_is_a_table_of_the_plan() -> None:
    resolved = study(protocol={"sources": {"fifth": {"reliability": 0.75, "stage1": 20, "stage2": 10}}})
    protocol = resolved.entrants[0].setting.protocol
    assert [source.name for source in protocol.sources] == ["reliable", "unreliable", "neutral", "fifth"]
    assert {"told_by_fifth", "new_fifth"} <= set(protocol.groups)
    assert resolve(check_plan(resolved.plan, "again")).entrants == resolved.entrants


def test_a_learner_that_reads_another_form_than_the_world_offers_is_absent_and_says_why(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Statements, "forms", ("codes", "vectors"))
    resolved = study(learners=learners("transformer", "chance", "nearest-neighbors"))
    assert "transformer" not in [entrant.name for entrant in resolved.entrants]
    assert resolved.absent == {
        "transformer": "it reads tokens, and world 'statements' offers codes, vectors only"
    }
    monkeypatch.setattr(Statements, "forms", ("vectors",))
    with pytest.raises(UsageError, match="learner 'ideal-observer' has to take part: it reads codes"):
        study(learners=learners("nearest-neighbors"))


def test_a_learner_takes_part_at_its_own_levels_only() -> None:
    found = study(
        levels=["default", "tuned", "sought"],
        learners=[
            {"name": "naive-bayes", "levels": ["default", "sought"]},
            {"name": "sgd", "levels": ["tuned"]},
        ],
    )
    as_they_are = {entrant.name for entrant in found.entrants}
    assert as_they_are == {"naive-bayes", "ideal-observer", "tag-blind"}
    assert [(one.name, one.level) for one in found.searches] == [("sgd", "tuned"), ("naive-bayes", "sought")]
    assert resolve(check_plan(found.plan, "again")).units == found.units


def test_a_level_that_the_plan_lacks_is_refused() -> None:
    with pytest.raises(
        UsageError, match=r"'sgd': levels: 'tuned' is not among the plan's own \(default\): add"
    ):
        study(learners=[{"name": "sgd", "levels": ["tuned"]}])
