"""Presets that vary one thing hold everything else, as their pages say."""

from typing import Any

import pytest

from iml_general.study.plan.entrant import Entrant
from iml_general.study.plan.overrides import Overrides, find_plan
from iml_general.study.plan.resolve import resolve


def points(preset: str) -> list[Entrant]:
    return [one for one in resolve(find_plan(preset, Overrides())).entrants if one.point]


def options(preset: str, learner: str) -> list[Any]:
    return [one.variants[0] for one in points(preset) if one.name == learner]


def test_half_of_all_statements_are_true_at_every_point_of_the_symmetric_sweep() -> None:
    pairs = [
        tuple(one.setting.protocol.source(name).reliability for name in ("reliable", "unreliable"))
        for one in points("sweep-symmetric")
    ]
    assert {round(sum(pair), 9) for pair in pairs} == {1.0}
    assert len(set(pairs)) == 5
    assert max(pairs) == (1.0, 0.0)


@pytest.mark.parametrize("stage", ["epochs", "update_epochs"])
def test_steps_or_epochs_are_equal_whatever_the_batch_size(stage: str) -> None:
    steps = {getattr(one, stage) / one.batch_size for one in options("batch-size-steps", "mlp")}
    assert max(steps) < 1.1 * min(steps)
    assert len({getattr(one, stage) for one in options("batch-size", "mlp")}) == 1
    sizes = [[one.batch_size for one in options(f"batch-size{end}", "mlp")] for end in ("", "-steps")]
    assert sizes[0] == sizes[1] == [16, 64, 256]


def test_stage_1_alone_gets_longer_in_emergence() -> None:
    for name, key in (("mlp", "epochs"), ("xgboost", "n_estimators"), ("extra-trees", "n_estimators")):
        found = options("emergence", name)
        assert [getattr(one, key) for one in found] == [1, 3, 10, 30, 100]
    assert {one.update_epochs for one in options("emergence", "mlp")} == {30}
