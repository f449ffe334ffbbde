"""A sweep varies its factors and nothing else, and has its own upper anchor at every point."""

import datetime
import json
from pathlib import Path
from typing import Any

import pytest

from iml_general.errors import UsageError
from iml_general.judging.decision import VerdictSettings
from iml_general.judging.findings import validity
from iml_general.judging.judge import judge
from iml_general.rows import ANCHOR
from iml_general.study import engine
from iml_general.study.plan.entrant import Entrant
from iml_general.study.plan.keys import check_plan
from iml_general.study.plan.resolve import Study, resolve
from iml_general.study.storage.place import Place

SMALL = {
    **dict.fromkeys(("undefined", "new_conflict", "unseen"), 12),
    "sources": {
        "reliable": {"stage1": 12, "stage2": 12},
        "unreliable": {"stage1": 12, "stage2": 12},
        "neutral": {"stage2": 12},
    },
}


RELIABILITY = "protocol.sources.reliable.reliability"
UNRELIABILITY = "protocol.sources.unreliable.reliability"
STAGE1 = ["protocol.sources.reliable.stage1", "protocol.sources.unreliable.stage1"]

LEARNERS = ("random-forest", "extra-trees", "naive-bayes")


def study(*sweep: dict[str, Any], learner: str = "naive-bayes", **more: Any) -> Study:
    plan = {"name": "x", "seeds": 4, "protocol": SMALL, "learners": [{"name": learner}], "sweep": list(sweep)}
    return resolve(check_plan({**plan, **more}, "test"))


def factor(key: str | list[str], *values: Any, **more: Any) -> dict[str, Any]:
    return {"factors": [key] if isinstance(key, str) else key, "values": list(values), **more}


def points(planned: Study, name: str = "naive-bayes") -> list[Entrant]:
    return [one for one in planned.entrants if one.name == name and one.point]


def test_only_the_factor_varies() -> None:
    low, high = points(study(factor(RELIABILITY, 0.25, 1.0)))
    assert [low.point, high.point] == ['{"reliable.reliability": 0.25}', '{"reliable.reliability": 1.0}']
    assert [low.level, high.level] == ["default", "default"]
    assert [one.setting.protocol.source("reliable").reliability for one in (low, high)] == [0.25, 1.0]
    assert low.variants == high.variants
    assert low.setting.encoding == high.setting.encoding
    assert low.setting.source == high.setting.source


def test_several_keys_make_one_factor_and_a_factor_may_have_a_name() -> None:
    found = points(study(factor(STAGE1, 5, 9, name="aliases")))
    taught = {one.point: [source.stage1 for source in one.setting.protocol.sources] for one in found}
    assert taught == {'{"aliases": 5}': [5, 5, 0], '{"aliases": 9}': [9, 9, 0]}


def test_keys_may_go_along_with_a_factor_to_values_of_their_own() -> None:
    planned = study(factor(RELIABILITY, 0.5, 1.0, along={UNRELIABILITY: [0.5, 0.0]}))
    found = points(planned)
    assert [one.point for one in found] == ['{"reliable.reliability": 0.5}', '{"reliable.reliability": 1.0}']
    sources = [one.setting.protocol.source for one in found]
    assert [(of("reliable").reliability, of("unreliable").reliability) for of in sources] == [
        (0.5, 0.5),
        (1.0, 0.0),
    ]
    assert [one.point for one in points(planned, "ideal-observer")] == [one.point for one in found]
    assert resolve(check_plan(planned.plan, "again")).entrants == planned.entrants


def test_a_factor_may_be_an_option_of_another_name_in_every_learner() -> None:
    keys = ["options.random-forest.n_estimators", "options.decision-tree.max_depth"]
    learners = [{"name": "random-forest"}, {"name": "decision-tree"}]
    planned = study(factor(keys, 2, 3, name="length"), learners=learners)
    assert [one.variants[0].n_estimators for one in points(planned, "random-forest")] == [2, 3]  # type: ignore[attr-defined]
    assert [one.variants[0].max_depth for one in points(planned, "decision-tree")] == [2, 3]  # type: ignore[attr-defined]
    assert {one.point for one in planned.entrants if one.point} == {'{"length": 2}', '{"length": 3}'}


def test_what_goes_without_saying_stays_unsaid_in_the_resolved_plan() -> None:
    (one,) = study(factor(RELIABILITY, 0.5)).plan["sweep"]
    assert set(one) == {"name", "factors", "values"}


def test_several_factors_make_a_grid_of_named_values_in_the_order_of_the_plan() -> None:
    planned = study(factor(STAGE1, 5, 9, name="aliases"), factor(RELIABILITY, 0.5, 1.0, name="reliability"))
    found = points(planned)
    assert [json.loads(one.point) for one in found] == [
        {"aliases": 5, "reliability": 0.5},
        {"aliases": 5, "reliability": 1.0},
        {"aliases": 9, "reliability": 0.5},
        {"aliases": 9, "reliability": 1.0},
    ]
    reliable = [one.setting.protocol.source("reliable") for one in found]
    assert [(one.stage1, one.reliability) for one in reliable] == [(5, 0.5), (5, 1.0), (9, 0.5), (9, 1.0)]
    assert [one.point for one in points(planned, "ideal-observer")] == [one.point for one in found]
    assert resolve(check_plan(planned.plan, "again")).entrants == planned.entrants


def test_a_learners_own_option_can_be_swept_alone_or_beside_another_factor() -> None:
    planned = study(factor("options.decay", 0.1, 0.9), learner="random-forest")
    found = points(planned, "random-forest")
    assert [one.variants[0].decay for one in found] == [0.1, 0.9]  # type: ignore[attr-defined]
    assert not points(planned, "ideal-observer")
    both = study(factor("options.decay", 0.1, 0.9), factor(RELIABILITY, 0.5), learner="random-forest")
    anchors = points(both, "ideal-observer")
    assert [one.role for one in anchors] == [ANCHOR, ANCHOR]
    assert len({one.variants for one in anchors}) == 1


def test_a_factor_of_one_learner_is_none_to_the_others_and_every_point_has_its_anchor() -> None:
    factors = [
        factor(STAGE1, 5, 9, name="aliases"),
        factor("options.random-forest.decay", 0.1, 0.9, name="decay"),
        factor("options.extra-trees.min_samples_leaf", 1, 7),
    ]
    learners = [{"name": name, "rules": ["refit"]} for name in ("random-forest", "extra-trees")]
    planned = study(*factors, learners=[*learners, {"name": "naive-bayes"}])
    found = {name: [json.loads(one.point) for one in points(planned, name)] for name in LEARNERS}
    assert found["naive-bayes"] == [{"aliases": 5}, {"aliases": 9}]
    assert found["random-forest"] == [{"aliases": a, "decay": d} for a in (5, 9) for d in (0.1, 0.9)]
    leaf = "extra-trees.min_samples_leaf"
    assert found["extra-trees"] == [{"aliases": a, leaf: n} for a in (5, 9) for n in (1, 7)]
    for one in points(planned, "extra-trees"):
        assert one.variants[0].min_samples_leaf == json.loads(one.point)[leaf]  # type: ignore[attr-defined]
        assert one.variants[0].decay == 0.5  # type: ignore[attr-defined]
    anchors = points(planned, "ideal-observer")
    assert {one.point for one in anchors} == {one.point for name in LEARNERS for one in points(planned, name)}
    for one in anchors:
        assert one.setting.protocol.source("reliable").stage1 == json.loads(one.point)["aliases"]
    assert len(set(planned.entrants)) == len(planned.entrants)
    assert resolve(check_plan(planned.plan, "again")).entrants == planned.entrants


def test_worlds_encodings_and_new_sources_can_be_swept() -> None:
    found = points(study(factor("world.n_questions", 4, 5)))
    assert [one.setting.source.n_questions for one in found] == [4, 5]  # type: ignore[attr-defined]
    found = points(study(factor("encoding.alias_width", 16, 32)))
    assert [one.setting.encoding.alias_width for one in found] == [16, 32]
    found = points(study(factor("protocol.sources.fifth.stage2", 0, 6)))
    assert [one.setting.protocol.source("fifth").stage2 for one in found] == [0, 6]
    found = points(study(factor("protocol.sources.reliable", {"stage1": 4, "reliability": 0.5})))
    assert found[0].setting.protocol.source("reliable").stage2 == 12, "what the value leaves out stays"


def test_values_that_are_close_stay_two_points_and_equal_ones_are_refused() -> None:
    low, high = points(study(factor(RELIABILITY, 0.9999991, 0.9999992)))
    assert low.point != high.point
    assert json.loads(low.point) == {"reliable.reliability": 0.9999991}
    for values in ([0.5, 0.5], [0.25, 0.5, 0.25], [1, 1.0]):
        with pytest.raises(UsageError, match=r"factor 'reliable.reliability' has the value .* twice") as told:
            study(factor(RELIABILITY, *values))
        assert "\n" not in str(told.value)


def test_the_ideal_observer_fades_with_the_reliability_and_the_study_stays_valid(tmp_path: Path) -> None:
    planned = study(factor(RELIABILITY, 0.0, 1.0, name="reliability"), seeds=8)
    record = engine.run(planned, Place.of(tmp_path, None), "test", lambda *_: None)
    judgement = judge(record.scores, VerdictSettings(), {"informative": "shuffled"})
    assert validity(judgement.findings, "informative") == ()
    anchors = judgement.verdicts.filter(role=ANCHOR, endpoint="trust").sort("point")
    assert anchors["point"].to_list() == ['{"reliability": 0.0}', '{"reliability": 1.0}']
    assert abs(anchors["mean"][0]) < 0.15
    assert anchors["mean"][1] > 0.8
    assert anchors["share_of_ideal"][1] == pytest.approx(1.0)
    found = record.configurations.filter(learner="naive-bayes", rule="continue").sort("point")
    assert found["point"].to_list() == anchors["point"].to_list()
    assert set(record.scores.filter(learner="naive-bayes")["point"]) == set(anchors["point"])


@pytest.mark.parametrize(
    ("sweep", "message"),
    [
        ([factor("reliability", 1.0)], "sweep: 'reliability' is not a factor"),
        ([factor("encoding.a.b", 1.0)], "sweep: 'encoding.a.b' is not a factor"),
        ([factor("options.mpl.width", 64)], "sweep: 'options.mpl.width': unknown learner 'mpl'"),
        ([factor("options.mlp.width", 64)], "but 'options.mlp.width' does not concern naive-bayes: put a"),
        (
            [factor(RELIABILITY, 0.5, 1.0, along={UNRELIABILITY: [0.5]})],
            "goes along with factor 'reliable.reliability', which has 2 values, but has 1",
        ),
        ([factor(RELIABILITY, 0.5, along={"reliability": [0.5]})], "sweep: 'reliability' is not a factor"),
        (
            [factor(RELIABILITY, 0.5, along={RELIABILITY: [0.5]})],
            f"the key '{RELIABILITY}' is there 2 times",
        ),
        ([factor("protocol.", 1.0)], "sweep: 'protocol.' is not a factor"),
        ([factor("protocol.unsen", 10)], "did you mean 'unseen'"),
        ([factor("protocol.unseen.x", 10)], "'unseen' holds no keys"),
        ([factor("protocol.sources.reliable.relaibility", 1.0)], "did you mean 'reliability'"),
        ([factor(RELIABILITY, 2.0)], "reliability = 2.0"),
        ([factor("options.depth", 2)], "unknown option 'depth'"),
        ([factor(RELIABILITY, 0.5), factor(RELIABILITY, 1.0)], f"the key '{RELIABILITY}' is there 2 times"),
        (
            [factor(RELIABILITY, 0.5, name="x"), factor(STAGE1, 5, name="x")],
            "the name 'x' is there 2 times",
        ),
        ([factor("options.decay", datetime.date(2024, 1, 1))], "a value that a plan can't hold"),
    ],
)
def test_factors_and_values_that_do_not_exist_are_refused(sweep: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(UsageError) as told:
        study(*sweep)
    assert message in str(told.value)
    assert "\n" not in str(told.value)


def test_a_sweep_has_no_other_levels() -> None:
    with pytest.raises(UsageError, match="a plan with a sweep has no other levels"):
        study(factor(RELIABILITY, 1.0), levels=["tuned"])
