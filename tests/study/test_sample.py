"""A sample: configurations of every subject drawn at random, alike in every process."""

import json
from pathlib import Path

import pytest

from iml_general.errors import UsageError
from iml_general.rows import SAMPLED, SUBJECT
from iml_general.study.plan.keys import check_plan
from iml_general.study.plan.resolve import Study, resolve

FEW = [{"name": f"{Path(__file__).with_name('few.py')}:Few"}]


def study(**values: object) -> Study:
    plan = {"name": "x", "seeds": 2, "sample": 3, "learners": [{"name": "extra-trees"}], **values}
    return resolve(check_plan(plan, "test"))


def sampled(found: Study) -> list[dict[str, object]]:
    return [vars(one.variants[0]) for one in found.entrants if one.role == SAMPLED]


def test_every_subject_takes_part_in_so_many_different_configurations_under_all_rules() -> None:
    found = study(learners=[{"name": "extra-trees"}, {"name": "sgd", "rules": ["continue"]}])
    drawn = [one for one in found.entrants if one.role == SAMPLED]
    assert [(one.name, json.loads(one.point)) for one in drawn] == [
        (name, {"draw": number}) for name in ("extra-trees", "sgd") for number in range(3)
    ]
    assert [variant.active_rule for variant in drawn[0].variants] == ["refit", "grow", "retrain"]
    assert len({one.configuration(one.variants[0]) for one in drawn}) == 6
    others = {one.name for one in found.entrants if one.role != SAMPLED}
    assert others == {"ideal-observer", "tag-blind"}
    assert all(one.learner.info.role != SUBJECT for one in found.entrants if one.role != SAMPLED)


def test_fields_that_only_the_update_reads_are_drawn_too() -> None:
    assert len({options["decay"] for options in sampled(study())}) == 3


def test_what_the_plan_fixes_stays() -> None:
    found = study(learners=[{"name": "extra-trees", "options": {"n_estimators": 7}}])
    assert {options["n_estimators"] for options in sampled(found)} == {7}


def test_another_root_seed_draws_others_and_the_same_one_the_same() -> None:
    assert sampled(study()) == sampled(study())
    assert sampled(study()) != sampled(study(root_seed=1))


def test_a_resolved_plan_with_a_sample_means_the_same_study() -> None:
    found = study(encoding={"alias_width": 16})
    assert resolve(check_plan(found.plan, "again")).units == found.units


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (
            {"prediction": {"predictor": "trsut"}},
            "prediction.predictor: unknown effect 'trsut'; did you mean 'trust'",
        ),
        ({"levels": ["default", "tuned"]}, "sample: a plan with a sample has no other levels"),
        (
            {"sweep": [{"factors": ["protocol.unseen"], "values": [10, 20]}]},
            "sample: a plan has a sample or a sweep, not both",
        ),
        (
            {"sample": 3, "learners": FEW, "search": {"encodings": False}},
            r"the search space of learner '.*Few' holds only 2 different configurations; set sample = 2",
        ),
    ],
)
def test_what_does_not_go_with_a_sample_is_refused(values: dict[str, object], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        study(**values)
