"""Plans are checked key by key, and every complaint is one line that says what is allowed."""

from pathlib import Path

import pytest

from iml_general.errors import UsageError
from iml_general.study.plan.keys import check_plan
from iml_general.study.plan.overrides import Overrides, find_plan, read_settings


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"name": "x", "sedes": 3}, "unknown key 'sedes'; did you mean 'seeds'"),
        ({"name": "x", "world": {"nme": "table"}}, "unknown key 'world.nme'; did you mean 'world.name'"),
        ({"name": "x", "learners": [{"name": "mlp", "rule": "grow"}]}, "did you mean 'learners.0.rules'"),
        ({"name": "x", "seeds": "20"}, "seeds = '20': Input should be a valid integer"),
        ({"name": "x", "seeds": 1}, "seeds = 1: Input should be greater than or equal to 2"),
        ({"name": "x", "root_seed": -1}, "root_seed = -1"),
        ({"name": "x", "world": "table"}, "world = 'table'"),
        ({"name": "x", "learners": [{}]}, "learners.0.name: Field required"),
        ({"name": ""}, "name = ''"),
        ({"name": "x", "sweep": {"factors": ["a"]}}, "sweep is a list of tables: write [[sweep]] over each"),
        ({"name": "x", "sweep": [{"factor": "a"}]}, "did you mean 'sweep.0.factors'"),
        ({"name": "x", "sweep": [{"factors": [], "values": [1]}]}, "sweep.0.factors = []"),
        ({"name": "x", "conditions": []}, "conditions = []"),
        ({"name": "x", "search": {"maximise": 3}}, "search.maximise"),
        ({}, "name: Field required"),
    ],
)
def test_a_wrong_key_or_value_is_named_with_what_is_allowed(values: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_plan(values, "'mine.toml'")
    assert message in str(caught.value)
    assert "'mine.toml'" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.fixture
def plan_file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(
        'seeds = 5\n[world]\nname = "table"\noptions = { bins = 3 }\n'
        '[[learners]]\nname = "mlp"\noptions = { depth = 1 }\n'
    )
    return path


def test_a_plan_is_named_after_its_file(plan_file: Path) -> None:
    assert find_plan(str(plan_file), Overrides()).name == "mine"


def test_overrides_change_what_they_name_and_leave_the_rest(plan_file: Path) -> None:
    overrides = Overrides(
        ("mlp", "chance"), seeds=3, settings={"protocol.unseen": 7, "world.options.path": "x.csv"}
    )
    plan = find_plan(str(plan_file), overrides)
    assert plan.seeds == 3
    assert plan.protocol == {"unseen": 7}
    assert plan.world.options == {"bins": 3, "path": "x.csv"}
    assert [(one.name, one.options) for one in plan.learners] == [("mlp", {"depth": 1}), ("chance", {})]


def test_another_world_does_not_inherit_options_of_the_planned_one(plan_file: Path) -> None:
    assert find_plan(str(plan_file), Overrides(world="statements")).world.options == {}
    assert find_plan(str(plan_file), Overrides(world="table")).world.options == {"bins": 3}


@pytest.mark.parametrize(
    ("text", "message"),
    [("seeds = ", "is not TOML"), ("seeds = 3\nseeds = 4", "is not TOML"), ("\x00", "is not TOML")],
)
def test_a_file_that_is_not_toml_says_where(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(text)
    with pytest.raises(UsageError, match=message) as caught:
        find_plan(str(path), Overrides())
    assert "bad.toml" in str(caught.value)


def test_missing_files_unknown_presets_and_broken_settings_are_refused(
    tmp_path: Path, plan_file: Path
) -> None:
    with pytest.raises(UsageError, match="does not exist: give a preset's name or a TOML file"):
        find_plan(str(tmp_path / "no.toml"), Overrides())
    with pytest.raises(UsageError, match="can't be read"):
        find_plan(f"{tmp_path}/", Overrides())
    with pytest.raises(UsageError, match="unknown preset 'quik'; did you mean 'quick'"):
        find_plan("quik", Overrides())
    with pytest.raises(UsageError, match="write KEY=VALUE"):
        read_settings(["seeds"])
    with pytest.raises(UsageError, match="'seeds' holds no keys"):
        find_plan(str(plan_file), Overrides(settings={"seeds.x": 1}))
