"""Plans as files that can be run again, and side by side."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iml_general.report.shown.plans import plan_differences, plan_toml

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


@pytest.mark.parametrize("plan", [{"a": None, "b": 1}, {"b": 1, "c": {}}, {"b": [{"c": None, "d": 1}]}])
def test_toml_has_no_null_so_it_is_left_out(plan: dict[str, Any]) -> None:
    def without(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: without(inner) for key, inner in value.items() if inner is not None}
        return [without(inner) for inner in value] if isinstance(value, list) else value

    assert tomllib.loads(plan_toml(plan)) == without(plan)


def test_a_learner_that_takes_part_twice_is_compared_with_its_like() -> None:
    one = {"learners": [{"name": "mlp", "options": {"width": w}} for w in (64, 128)]}
    other = {"learners": [{"name": "mlp", "options": {"width": w}} for w in (64, 256)]}
    assert plan_differences([("a", one), ("b", other)]).rows == (
        ("learner mlp (2).options.width", "128", "256"),
    )
    assert plan_differences([("a", one), ("b", one)]).rows == ()
