"""A sweep varies one factor and nothing else, and has its own upper anchor at every value."""

from pathlib import Path
from typing import Any

import pytest

from iml_general.errors import UsageError
from iml_general.judging.verdict import VerdictSettings, judge, validity
from iml_general.protocol import GROUPS
from iml_general.study import engine
from iml_general.study.plan.keys import check_plan
from iml_general.study.plan.resolve import Study, resolve
from iml_general.study.storage.place import Place

SMALL = dict.fromkeys(GROUPS, 12)


def study(factors: list[str], values: list[Any], learner: str = "naive-bayes", **more: Any) -> Study:
    sweep = {"factors": factors, "values": values}
    plan = {"name": "x", "seeds": 4, "protocol": SMALL, "learners": [{"name": learner}], "sweep": sweep}
    return resolve(check_plan({**plan, **more}, "test"))


def test_only_the_factor_varies() -> None:
    planned = study(["protocol.alpha_reliable"], [0.25, 1.0])
    points = [one for one in planned.entrants if one.name == "naive-bayes"]
    assert [one.level for one in points] == ["alpha_reliable=0.25", "alpha_reliable=1"]
    low, high = points
    assert (low.setting.protocol.alpha_reliable, high.setting.protocol.alpha_reliable) == (0.25, 1.0)
    assert low.variants == high.variants
    assert low.setting.encoding == high.setting.encoding
    assert low.setting.source == high.setting.source


def test_several_keys_make_one_factor() -> None:
    planned = study(["protocol.corroborated", "protocol.contradicted"], [5, 9])
    sizes = {
        one.level: one.setting.protocol.sizes[:2] for one in planned.entrants if one.name == "naive-bayes"
    }
    assert sizes == {"corroborated=5": (5, 5), "corroborated=9": (9, 9)}


def test_a_learners_own_option_can_be_swept() -> None:
    planned = study(["options.decay"], [0.1, 0.9], learner="random-forest")
    points = [one for one in planned.entrants if one.name == "random-forest"]
    assert [one.variants[0].decay for one in points] == [0.1, 0.9]  # type: ignore[attr-defined]
    assert not [one for one in planned.entrants if one.role]


def test_the_ideal_observer_fades_with_the_reliability_and_the_study_stays_valid(tmp_path: Path) -> None:
    planned = study(["protocol.alpha_reliable"], [0.0, 1.0])
    record = engine.run(planned, Place.of(tmp_path, None), "test", lambda *_: None, 2)
    verdicts = judge(record.scores, VerdictSettings())
    assert validity(verdicts) == ()
    anchors = verdicts.filter(role="upper anchor", endpoint="iml_gap").sort("level")
    assert anchors["level"].to_list() == ["alpha_reliable=0", "alpha_reliable=1"]
    assert abs(anchors["mean"][0]) < 0.15
    assert anchors["mean"][1] > 0.4
    assert anchors["share_of_ideal"][1] == pytest.approx(1.0)
    points = record.configurations.filter(learner="naive-bayes", rule="continue").sort("value")
    assert points.select("factor", "value").rows() == [("alpha_reliable", "0"), ("alpha_reliable", "1")]


@pytest.mark.parametrize(
    ("factor", "value", "message"),
    [
        ("alpha_reliable", 1.0, "sweep: 'alpha_reliable' is not a factor"),
        ("protocol.alpha_relaible", 1.0, "did you mean 'alpha_reliable'"),
        ("protocol.alpha_reliable", 2.0, "alpha_reliable = 2.0"),
        ("options.depth", 2, "unknown option 'depth'"),
    ],
)
def test_factors_and_values_that_do_not_exist_are_refused(factor: str, value: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        study([factor], [value])


def test_a_sweep_has_no_other_levels() -> None:
    with pytest.raises(UsageError, match="a plan with a sweep has no other levels"):
        study(["protocol.alpha_reliable"], [1.0], levels=["tuned"])
