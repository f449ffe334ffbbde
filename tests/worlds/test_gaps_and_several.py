"""Tables with gaps, several right answers in a cell, lopsided numbers, or a fact in each row."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from iml_general.errors import UsageError
from iml_general.options import configure, options_of
from iml_general.worlds.table import Table
from iml_general.worlds.world import UNKNOWN, World

FACTS = """subject,predicate,object
Ada,nationality,British
Ada,born,1815
Ada,occupation,mathematician
Ada,occupation,writer
Homer,nationality,Greek
Homer,occupation,writer
Nazim,nationality,Greek
Nazim,nationality,Turkish
Nazim,born,1902
Nazim,occupation,writer
Emmy,nationality,German
Emmy,born,1882
Emmy,occupation,mathematician
Zeno,nationality,Greek
"""


def table(folder: Path, content: str | pl.DataFrame, **options: Any) -> Table:
    path = folder / "people.csv"
    if isinstance(content, str):
        path.write_text(content)
    else:
        path = folder / "people.parquet"
        content.write_parquet(path)
    return configure(Table, {"path": str(path), **options}, "world 'table'")


def answers(world: World) -> dict[str, dict[str, set[str]]]:
    """What is right of each alias, by question."""
    found: dict[str, dict[str, set[str]]] = {}
    for alias, question in np.argwhere(world.known):
        (right,) = world.right_answers(np.array([alias]), np.array([question]))
        names = {world.answer_names[question][place] for place in np.flatnonzero(right)}
        assert world.answer_names[question][world.answers[alias, question]] in names
        found.setdefault(world.alias_names[alias], {})[world.question_names[question]] = names
    return found


PEOPLE = {
    "Ada": {"nationality": {"British"}, "born": {"1815"}, "occupation": {"mathematician", "writer"}},
    "Homer": {"nationality": {"Greek"}, "occupation": {"writer"}},
    "Nazim": {"nationality": {"Greek", "Turkish"}, "born": {"1902"}, "occupation": {"writer"}},
    "Emmy": {"nationality": {"German"}, "born": {"1882"}, "occupation": {"mathematician"}},
}


def with_poet(text: str) -> str:
    """A third occupation, without which Ada would have all of them."""
    return text + "Emmy,occupation,poet\n"


def test_a_file_of_facts_is_recognised_and_gaps_and_several_objects_are_kept(tmp_path: Path) -> None:
    source = table(tmp_path, with_poet(FACTS), missing="skip")
    world = source.draw(4, np.random.default_rng(0))
    occupations = {**PEOPLE["Emmy"], "occupation": {"mathematician", "poet"}}
    assert answers(world) == {**PEOPLE, "Emmy": occupations}
    assert source.entities().n_dropped == 1  # of Zeno one fact is known


def test_facts_whose_columns_have_other_names_are_named(tmp_path: Path) -> None:
    text = with_poet(FACTS).replace("subject,predicate,object", "sub_label,predicate_id,obj_label")
    source = table(tmp_path, text, missing="skip", triples=["sub_label", "predicate_id", "obj_label"])
    assert answers(source.draw(4, np.random.default_rng(0)))["Nazim"] == PEOPLE["Nazim"]
    with pytest.raises(UsageError, match="unknown column 'object'"):
        table(tmp_path, text, triples=["sub_label", "predicate_id", "object"]).entities()
    with pytest.raises(UsageError, match=r"triples = \['sub_label'\]; name three columns"):
        table(tmp_path, text, triples=["sub_label"]).entities()


def test_numbers_among_facts_are_numbers(tmp_path: Path) -> None:
    facts = pl.DataFrame(
        {
            "Subject": [f"star {n}" for n in range(40) for _ in range(2)],
            "Predicate": ["magnitude", "kind"] * 40,
            "Object": [text for n in range(40) for text in (f"{n / 10}", "ab"[n % 2])],
        }
    )
    questions = table(tmp_path, facts).entities().questions
    assert [(q.column, q.kind, len(q.answer_names)) for q in questions] == [
        ("magnitude", "bins", 4),
        ("kind", "classes", 2),
    ]


WIDE = """name,country,field,alive
a,Greek|Turkish,art,yes
b,Greek,art,no
c,British, ,no
d,Turkish|British|Turkish,science,yes
e,,art,no
f,German,science,yes
"""


def test_a_separator_splits_cells_into_right_answers(tmp_path: Path) -> None:
    source = table(tmp_path, WIDE, several="|", missing="skip")
    found = answers(source.draw(6, np.random.default_rng(0)))
    assert found["a"]["country"] == {"Greek", "Turkish"}
    assert found["d"]["country"] == {"British", "Turkish"}
    assert found["c"] == {"country": {"British"}, "alive": {"no"}}
    assert found["e"] == {"field": {"art"}, "alive": {"no"}}
    whole = table(tmp_path, WIDE, missing="skip").draw(6, np.random.default_rng(0))
    assert answers(whole)["a"]["country"] == {"Greek|Turkish"}


def test_lists_are_several_right_answers(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "name": list("abcde"),
            "country": [["Greek", "Turkish"], ["Greek"], [], None, ["British", " ", "British"]],
            "size": [[1, 2], [2], [3], [1], [1]],
            "alive": [True, False, True, False, True],
        }
    )
    found = answers(table(tmp_path, frame, missing="skip").draw(5, np.random.default_rng(0)))
    assert found["a"] == {"country": {"Greek", "Turkish"}, "size": {"1", "2"}, "alive": {"true"}}
    assert found["d"] == {"size": {"1"}, "alive": {"false"}}
    assert found["e"]["country"] == {"British"}


def test_which_right_answer_is_stated_is_drawn_by_seed(tmp_path: Path) -> None:
    source = table(tmp_path, WIDE, several="|", missing="skip", questions=["country", "alive"])
    stated = set()
    for seed in range(40):
        world = source.draw(5, np.random.default_rng(seed))
        alias = world.alias_names.index("a")
        stated.add(world.answer_names[0][world.answers[alias, 0]])
        again = source.draw(5, np.random.default_rng(seed))
        assert np.array_equal(world.answers, again.answers)
    assert stated == {"Greek", "Turkish"}


def test_a_row_with_fewer_than_two_answers_is_left_out_and_the_description_says_so(tmp_path: Path) -> None:
    text = WIDE + "g,Greek,,\n"
    lines = table(tmp_path, text, several="|", missing="skip").describe().split("\n")
    assert lines[0].endswith("6 entities named by 'name', 1 rows with too few values left out")
    assert "; asked of 83.3%, others have no answer; 40.0% have several right answers" in lines[1]


def test_gaps_are_unknown_and_a_complete_table_has_none(tmp_path: Path) -> None:
    entities = table(tmp_path, WIDE, missing="skip").entities()
    assert (entities.answers == UNKNOWN).sum() == 2
    complete = "\n".join(line for line in WIDE.splitlines() if line[0] not in "ce")
    skipping, refusing = (table(tmp_path, complete, missing=how).entities() for how in ("skip", "refuse"))
    assert np.array_equal(skipping.answers, refusing.answers)
    assert refusing.right is None


def test_rare_classes_become_one_where_that_is_asked_for(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {"name": [f"n{n}" for n in range(60)], "town": [f"t{min(n % 16, 9)}" for n in range(60)]}
    )
    with pytest.raises(UsageError, match=r'has 10 classes, more than max_answers = 4 .*by rare = "group"'):
        table(tmp_path, frame, questions=["town"], max_answers=4).entities()
    (question,) = table(tmp_path, frame, questions=["town"], max_answers=4, rare="group").entities().questions
    assert question.answer_names == ("another", "t0", "t1", "t9")


def test_a_word_about_bins_that_ties_made_lopsided(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {"even": [float(n) for n in range(60)], "tied": [0.0] * 45 + [float(n) for n in range(15)]}
    )
    even, tied = table(tmp_path, frame).describe().split("\n")[1:]
    assert "lopsided" not in even
    assert tied.endswith(
        "lopsided: equal values stay together, so 4 bins of equal counts became 2, the largest of 77%"
    )


def test_options_that_came_later_go_unsaid_at_their_defaults() -> None:
    assert not {"rare", "several", "triples"} & set(options_of(Table()))
    source = Table(path="x", several="|", triples=("a", "b", "c"), rare="group", missing="skip")
    assert configure(Table, options_of(source), "world") == source
