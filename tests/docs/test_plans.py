"""The reference of plan files names every key, with the default that it has."""

import json
import re
import tomllib
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from iml_general.encoding import Encoding
from iml_general.judging.decision import VerdictSettings
from iml_general.protocol import Protocol, Source
from iml_general.study.plan import keys as plan
from iml_general.study.plan.overrides import Overrides, find_plan
from iml_general.study.plan.resolve import resolve
from iml_general.worlds.digits import Digits
from iml_general.worlds.numbers import Numbers
from iml_general.worlds.statements import Statements
from iml_general.worlds.table import Table

PAGE = (Path(__file__).parents[2] / "docs" / "plans.md").read_text()
BLOCKS = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
SECTIONS: dict[str, type[Any]] = {
    "At the top of the file": plan.Plan,
    "`[world]`": plan.WorldPlan,
    "`[world.options]` of `statements`": Statements,
    "`[world.options]` of `table`": Table,
    "`[world.options]` of `digits`": Digits,
    "`[world.options]` of `numbers`": Numbers,
    "`[protocol]`": Protocol,
    "`[protocol.sources.NAME]`": Source,
    "`[encoding]`": Encoding,
    "`[verdict]`": VerdictSettings,
    "`[[learners]]`": plan.LearnerPlan,
    "`[search]`": plan.SearchPlan,
    "`[limits]`": plan.LimitsPlan,
    "`[[sweep]]`": plan.SweepPlan,
    "`[prediction]`": plan.PredictionPlan,
}


def documented(section: str) -> dict[str, str]:
    """The default of every key, as the section's table has it."""
    text = PAGE.split(f"### {section}\n")[1].split("\n#")[0]
    rows = [line.strip("|").split(" | ") for line in text.splitlines() if line.startswith("| `")]
    return {cells[0].strip(" `"): cells[2].strip(" `") for cells in rows}


def as_toml(default: object) -> str:
    """A default as one writes it; a section whose keys have defaults of their own is empty."""
    if isinstance(default, BaseModel):
        return "{}"
    return "-" if default is None else json.dumps(default)


def defaults(owner: type[Any]) -> dict[str, str]:
    if issubclass(owner, BaseModel):
        found = owner.model_fields.items()
        return {
            name: "-" if field.is_required() else as_toml(field.get_default(call_default_factory=True))
            for name, field in found
        }
    # A source's name is its section's; of the sources a plan gives changes only.
    found = {field.name: field.default for field in fields(owner) if (owner, field.name) != (Source, "name")}
    assert MISSING not in found.values()
    return {name: "{}" if name == "sources" else as_toml(default) for name, default in found.items()}


@pytest.mark.parametrize("section", SECTIONS)
def test_every_key_is_on_the_page_with_its_default(section: str) -> None:
    assert documented(section) == defaults(SECTIONS[section])


def test_every_section_of_the_page_is_checked() -> None:
    keys = PAGE.split("## All keys")[1].split("\n## ")[0]
    assert re.findall(r"^### (.*)$", keys, re.MULTILINE) == list(SECTIONS)


def test_there_are_three_examples_and_one_that_is_like_another() -> None:
    assert ["like" in tomllib.loads(block) for block in BLOCKS] == [False, False, False, True]


@pytest.mark.parametrize("block", BLOCKS)
def test_every_example_is_a_plan(block: str) -> None:
    assert resolve(find_plan(tomllib.loads(block), Overrides())).units


def test_the_sources_that_there_are_have_the_numbers_that_the_page_gives() -> None:
    text = " ".join(PAGE.split("### `[protocol.sources.NAME]`")[1].split("|")[0].split())
    there = {source.name: source for source in Protocol().sources}
    assert list(there) == ["reliable", "unreliable", "neutral"]
    found = there["reliable"], there["unreliable"], there["neutral"]
    a, b, c = [(one.reliability, one.stage1, one.stage2) for one in found]
    assert f"`reliable` (reliability {a[0]}, {a[1]} aliases in stage 1 and {a[2]} in stage 2)" in text
    assert f"`unreliable` ({b[0]}, {b[1]} and {b[2]})" in text
    assert f"`neutral` (first heard in stage 2, of {c[2]} aliases)" in text
    assert c[1] == 0
