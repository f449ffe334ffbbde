"""The page on disbelief shows plans that are plans, and presets whose learners are swept as it says."""

import re
import tomllib
from pathlib import Path

import pytest

from iml_general.protocol import configure_protocol
from iml_general.protocol.lies import LIES
from iml_general.study.plan.keys import check_plan
from iml_general.study.plan.overrides import Overrides, find_plan
from iml_general.study.plan.sweep import named

PAGE = (Path(__file__).parents[2] / "docs" / "disbelief.md").read_text()


def test_every_plan_on_the_page_is_one() -> None:
    blocks = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    assert blocks
    for block in blocks:
        plan = check_plan(tomllib.loads(block), "docs")
        assert configure_protocol(plan.protocol).lies == "opposite"


def test_every_kind_of_lies_is_on_the_page() -> None:
    assert re.findall(r"^\| `(\w+)`", PAGE, re.MULTILINE) == list(LIES)


@pytest.mark.parametrize("preset", ["phase-disbelief", "phase-disbelief-full"])
def test_its_presets_vary_aliases_and_a_regularisation_of_every_learner(preset: str) -> None:
    assert f"iml run {preset} " in PAGE
    plan = find_plan(preset, Overrides())
    assert configure_protocol(plan.protocol).lies == "opposite"
    aliases, *others = named(plan.sweep)
    assert aliases.name == "aliases"
    varied = {key.split(".")[1] for factor in others for key in factor.factors}
    assert varied == {one.name for one in plan.learners}
