from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iml_general.report.formats.plan_text import plan_toml

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
scalars = st.one_of(st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False), texts)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(texts, values, max_size=5))
def test_any_plan_is_read_back_as_it_was(plan: dict[str, Any]) -> None:
    assert tomllib.loads(plan_toml(plan)) == plan


def test_a_plan_looks_like_one_that_a_person_would_write() -> None:
    plan = {
        "learners": [{"name": "mlp", "options": {"width": 8}}],
        "name": "quick",
        "world": {"name": "table"},
    }
    assert plan_toml(plan).splitlines() == [
        'name = "quick"',
        "",
        "[world]",
        'name = "table"',
        "",
        "[[learners]]",
        'name = "mlp"',
        "",
        "[learners.options]",
        "width = 8",
    ]


@pytest.mark.parametrize("plan", [{"a": None, "b": 1}, {"b": 1, "c": {}}])
def test_toml_has_no_null_so_it_is_left_out(plan: dict[str, Any]) -> None:
    assert tomllib.loads(plan_toml(plan)) == {key: value for key, value in plan.items() if value is not None}
