"""The tables of voters and characters that come with the program."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from iml_general.worlds.shipped import DATA, Characters, Shipped, Voters

WORLDS = (Voters(), Characters())


def frame(world: Shipped) -> pl.DataFrame:
    return pl.read_parquet(world.origin.path)


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
def test_its_size_and_columns_are_those_of_its_description(world: Shipped) -> None:
    description = (DATA / f"{world.name.upper()}-LICENSE.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1].strip() for line in description.splitlines() if line.startswith("| ")][1:]
    assert [row.removesuffix(" +") for row in rows] == frame(world).columns
    assert tuple(row.removesuffix(" +") for row in rows if row.endswith("+")) == world.asked
    assert f"holds {frame(world).height:,} " in description
    assert f"{frame(world).height:,} " in world.summary
    assert "## Licence" in description
    assert world.origin.path.stat().st_size < 100_000


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
def test_every_entity_has_a_name_of_its_own_and_is_there_by_default(world: Shipped) -> None:
    entities = world.entities()
    assert entities.n_dropped == 0
    assert len(set(entities.names)) == frame(world).height
    assert [question.column for question in entities.questions] == list(world.asked)


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
def test_no_question_that_is_asked_of_all_settles_another(world: Shipped) -> None:
    answers = world.entities().answers
    for a in answers.T[(answers >= 0).all(axis=0)]:  # having a script or a case tells that it is a letter
        for b in answers.T:
            pairs = np.zeros((a.max() + 1, b.max() + 1))
            np.add.at(pairs, (a[b >= 0], b[b >= 0]), 1)
            assert np.array_equal(a, b) or pairs.max(axis=1).sum() / pairs.sum() < 0.95


@pytest.mark.parametrize(
    ("world", "name", "facts"),
    [
        (Characters(), "latin capital letter a", {"kind": "letter", "script": "Latin", "case": "upper"}),
        (Characters(), "hebrew letter alef", {"direction": "right to left", "case": None, "composed": False}),
        (Characters(), "combining acute accent", {"kind": "mark", "script": None, "bytes": 2}),
        (Characters(), "euro sign", {"kind": "symbol", "script": None, "words": 2}),
        (Voters(), "voter 1", {"party": "strong Republican", "vote": "Dole", "age": 36}),
    ],
)
def test_known_facts_hold(world: Shipped, name: str, facts: dict[str, object]) -> None:
    table = frame(world)
    row = table.row(by_predicate=pl.col(table.columns[0]) == name, named=True)
    assert {column: row[column] for column in facts} == facts
