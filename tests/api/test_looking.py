"""Lists of what there is, and the rows that a learner sees."""

from pathlib import Path

import polars as pl
import pytest

import iml_general as iml
from iml_general.errors import UsageError
from iml_general.plugins import registry


def test_lists_have_one_row_for_each_registered_name() -> None:
    lists = {
        "learners": iml.list_learners(),
        "worlds": iml.list_worlds(),
        "conditions": iml.list_conditions(),
        "effects": iml.list_effects(),
        "presets": iml.list_studies(),
    }
    for kind, frame in lists.items():
        assert sorted(frame.to_series().to_list()) == registry.registered(kind)
        assert frame.null_count().sum_horizontal().item() == 0
    forest = iml.list_learners().row(by_predicate=pl.col("learner") == "random-forest", named=True)
    assert forest["rules"].split(", ") == list(registry.learner("random-forest").info.rules)


def test_rows_are_shown_in_words_with_the_truth_beside_them() -> None:
    rows = iml.peek(settings={"protocol.unseen": 5})
    assert rows["stage"].unique(maintain_order=True).to_list() == ["stage1", "stage2", "asked"]
    said = rows.filter(kind="statement", stage="stage1")
    is_true = pl.col("answer") == pl.col("truth")
    assert said.filter(group="corroborated").select(is_true.all()).item()
    assert said.filter(group="contradicted").select(is_true.mean()).item() < 0.6
    assert rows.filter(kind="question")["tag"].is_null().all()
    assert rows.filter(stage="stage2")["tag"].is_not_null().all()
    assert rows.filter(stage="asked", group="unseen")["alias"].n_unique() == 5
    other = iml.peek(seed=1)
    reliable = [
        frame.filter(stage="stage1", group="corroborated", kind="statement")["tag"][0]
        for frame in (rows, other)
    ]
    assert sorted(reliable) == ["A", "B"]


def test_rows_of_another_world_and_condition_are_shown(tmp_path: Path) -> None:
    rows = iml.peek(world="table", condition="no_stage1")
    assert rows["stage"].unique(maintain_order=True).to_list() == ["stage2", "asked"]
    assert "continent" in rows["question"]
    with pytest.raises(UsageError, match="unknown condition 'shufled'; did you mean 'shuffled'"):
        iml.peek(condition="shufled")
