"""A plan that is like another one says only what differs."""

from pathlib import Path

import pytest

from iml_general.errors import UsageError
from iml_general.study.plan.keys import Plan
from iml_general.study.plan.overrides import Overrides, find_plan

OTHER = """
name = "the other one"
seeds = 5
conditions = ["informative", "shuffled"]

[world]
name = "table"
options = { bins = 3, max_answers = 9 }

[protocol]
unseen = 7
undefined = 8

[[learners]]
name = "chance"

[[learners]]
name = "mean"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "other.toml").write_text(OTHER)
    return tmp_path


def like(folder: Path, text: str, name: str = "mine.toml") -> Plan:
    (folder / name).write_text(text)
    return find_plan(str(folder / name), Overrides())


def test_what_is_not_said_is_the_other_plans(folder: Path) -> None:
    mine, other = like(folder, 'like = "other.toml"'), find_plan(folder / "other.toml", Overrides())
    assert mine.model_dump() == {**other.model_dump(), "name": "mine"}


def test_sections_are_filled_in_key_by_key_and_lists_replaced(folder: Path) -> None:
    mine = like(
        folder,
        'like = "other.toml"\nseeds = 20\nlearners = [{ name = "prior" }]\n'
        "[protocol]\nunseen = 50\n[world]\noptions = { bins = 4 }\n",
    )
    assert mine.seeds == 20
    assert [one.name for one in mine.learners] == ["prior"]
    assert mine.protocol == {"unseen": 50, "undefined": 8}
    assert mine.world.name == "table"
    assert mine.world.options == {"bins": 4, "max_answers": 9}


def test_another_world_does_not_take_over_options(folder: Path) -> None:
    mine = like(folder, 'like = "other.toml"\n[world]\nname = "voters"\n')
    assert mine.world.options == {}
    assert like(folder, 'like = "other.toml"\n[world]\nname = "table"\n').world.options["bins"] == 3


def test_a_plan_can_be_like_one_that_is_like_another_in_another_folder(folder: Path) -> None:
    (folder / "below").mkdir()
    like(folder, 'like = "other.toml"\nseeds = 9')
    far = like(folder, 'like = "../mine.toml"', "below/far.toml")
    assert (far.name, far.seeds, far.protocol["unseen"]) == ("far", 9, 7)


def test_presets_and_plans_in_python_can_be_like_another(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = find_plan("quick", Overrides())
    assert like(folder, 'like = "quick"\nseeds = 3').learners == quick.learners
    monkeypatch.chdir(folder)
    given = find_plan({"like": "other.toml", "seeds": 3}, Overrides(settings={"protocol.unseen": 1}))
    assert (given.name, given.seeds, given.protocol) == ("study", 3, {"unseen": 1, "undefined": 8})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("like = 3", "like = 3: give a preset's name or a TOML file"),
        ('like = ""', "like = '': give a preset's name"),
        ('like = "quik"', "unknown preset 'quik'; did you mean 'quick'"),
        ('like = "no.toml"', "no.toml' does not exist"),
        ('like = "mine.toml"', "like = 'mine.toml': that plan is itself like this one"),
        ('like = "back.toml"', "like = 'mine.toml': that plan is itself like this one"),
        ('like = "broken.toml"', "broken.toml' is not TOML"),
        ('like = "other.toml"\nlearners = { name = "chance" }', "learners is a list of tables"),
    ],
)
def test_what_it_can_not_be_like_is_refused(folder: Path, text: str, message: str) -> None:
    (folder / "back.toml").write_text('like = "mine.toml"')
    (folder / "broken.toml").write_text("seeds =")
    with pytest.raises(UsageError, match=message):
        like(folder, text)
