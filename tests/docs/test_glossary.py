"""The glossary has every word that findings, verdicts, rules, levels, groups and effects are named by."""

import re
from pathlib import Path

import pytest

from iml_general.judging.decision import FINDINGS, VERDICTS
from iml_general.plugins import registry
from iml_general.protocol.protocol import configure_protocol
from iml_general.report.text.wording import LEVELS

PAGE = (Path(__file__).parents[2] / "docs" / "glossary.md").read_text()
TERMS = [term.strip() for line in re.findall(r"^(\w.*)\n  ", PAGE, re.MULTILINE) for term in line.split(",")]
RULES = sorted(
    {rule for found in registry.learners().values() if found.value for rule in found.value.info.rules}
)
SINGLE_LEVELS = [level for level in LEVELS if " " not in level]


@pytest.mark.parametrize("word", [*FINDINGS, *VERDICTS, *RULES, *SINGLE_LEVELS])
def test_every_finding_verdict_rule_and_level_is_marked_as_a_word(word: str) -> None:
    assert re.search(rf"[*`]{word}[*`]", PAGE.replace("\n  ", " "))


def test_every_group_and_endpoint_is_a_term() -> None:
    groups = configure_protocol({}).groups
    endpoints = [effect.words for effect in registry.all_effects() if effect.endpoint]
    assert [word for word in (*groups, *endpoints) if word not in TERMS] == []


def test_no_term_is_explained_twice() -> None:
    assert len(TERMS) == len(set(TERMS)) > 40
