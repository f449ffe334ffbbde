"""Which rows of a table are entities, and which columns are questions."""

from __future__ import annotations

import polars as pl
import pytest

from iml_general.errors import UsageError
from iml_general.worlds.choice import Choice, Missing
from iml_general.worlds.entities import Entities, choose_entities

N = 60
ANIMALS = pl.DataFrame(
    {
        "animal": [f"animal {row}" for row in range(N)],
        "legs": [(0, 2, 4)[row % 3] for row in range(N)],
        "diet": [("plants", "meat")[row // 3 % 2] for row in range(N)],
        "weight": [float(row * row % 61) for row in range(N)],
        "tame": [row % 4 == 0 for row in range(N)],
    }
)


def choose(
    frame: pl.DataFrame,
    asked: tuple[str, ...] = (),
    name_column: str = "",
    max_answers: int = 12,
    missing: Missing = "refuse",
) -> Entities:
    choice = Choice(asked, name_column, max_answers=max_answers, missing=missing)
    return choose_entities(frame, "table 't'", choice)


def refusal(
    frame: pl.DataFrame, asked: tuple[str, ...] = (), name_column: str = "", missing: Missing = "refuse"
) -> str:
    with pytest.raises(UsageError) as caught:
        choose(frame, asked, name_column, missing=missing)
    message = str(caught.value)
    assert message.startswith("table 't': ")
    assert "\n" not in message
    return message


def columns_of(entities: Entities) -> list[str]:
    return [question.column for question in entities.questions]


# Columns


def test_rules_choose_every_usable_column_and_give_reasons_for_the_others() -> None:
    frame = ANIMALS.with_columns(
        number=pl.int_range(100, 100 + N),
        kingdom=pl.lit("animals"),
        note=pl.col("animal") + "!",
        food=pl.col("diet").replace({"plants": "leaves", "meat": "mice"}),
        owner=pl.when(pl.col("animal") == "animal 3").then(pl.lit("Ann")),
    )
    entities = choose(frame)
    assert columns_of(entities) == ["legs", "diet", "weight", "tame"]
    assert dict(entities.skipped) == {
        "number": "only numbers the rows",
        "kingdom": "has one value only ('animals')",
        "note": "has 60 classes, more than max_answers = 12 (raise it, or group the rare ones by"
        ' rare = "group")',
        "food": "divides the rows exactly as 'diet' does",
        "owner": "is missing in 59 of 60 rows",
    }


def test_the_rules_do_not_bind_who_names_a_column() -> None:
    frame = ANIMALS.with_columns(number=pl.int_range(100, 100 + N), feet=pl.col("legs"))
    assert columns_of(choose(frame, ("feet", "number", "legs"))) == ["feet", "number", "legs"]


def test_integers_of_more_values_than_max_answers_are_binned() -> None:
    (question,) = choose(ANIMALS, ("legs",), max_answers=2).questions
    assert (question.kind, question.answer_names) == ("bins", ("0", "2", "4"))


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ("leg", "unknown column 'leg'; did you mean 'legs'?"),
        ("animal", "column 'animal' has 60 classes, more than max_answers = 12 (raise it"),
        ("parts", "column 'parts' holds values of type List(List(Int64))"),
        ("kingdom", "column 'kingdom' has one value only ('animals'); choose another question"),
        ("young", "column 'young' is '0' in 57 of 60 rows once binned, more than 90%"),
    ],
)
def test_a_column_that_cannot_be_a_question_is_refused(asked: str, reason: str) -> None:
    frame = ANIMALS.with_columns(
        kingdom=pl.lit("animals"),
        parts=pl.Series([[[1, 2]]] * N),
        young=pl.Series([0.0] * 57 + [1.0, 2.0, 3.0]),
    )
    assert reason in refusal(frame, ("legs", asked))


def test_asking_about_a_column_twice_is_refused() -> None:
    assert "column 'legs' is asked about twice" in refusal(ANIMALS, ("legs", "diet", "legs"))


def test_a_table_without_any_usable_column_is_refused() -> None:
    assert "no column can be asked about (there is only the name column)" in refusal(ANIMALS.select("animal"))
    constant = pl.DataFrame({letter: ["x", "x"] for letter in "abcde"})
    message = refusal(constant)
    assert "('a' has one value only ('x'); 'b' has" in message
    assert "; and 2 more)" in message


# Names


def test_the_first_distinct_text_column_names_the_entities() -> None:
    entities = choose(ANIMALS.select("diet", "animal", latin=pl.col("animal") + "us"))
    assert entities.name_column == "animal"
    assert entities.names == tuple(ANIMALS["animal"])


def test_rows_are_numbered_when_no_text_column_is_distinct() -> None:
    entities = choose(ANIMALS.drop("animal"))
    assert entities.name_column is None
    assert entities.names == tuple(f"row {row}" for row in range(1, N + 1))


def test_a_column_without_a_header_is_an_ordinary_column() -> None:
    entities = choose(pl.DataFrame({"": ["x", "x", "y", "y"], "b": [1, 2, 1, 2]}))
    assert entities.name_column is None
    assert columns_of(entities) == ["", "b"]


def test_the_name_column_can_be_chosen() -> None:
    entities = choose(ANIMALS.with_row_index("id"), name_column="id")
    assert entities.names == tuple(str(row) for row in range(N))


@pytest.mark.parametrize(
    ("name_column", "reason"),
    [
        ("nimal", "unknown column 'nimal'; did you mean 'animal'?"),
        ("diet", "column 'diet' names 'plants' in 30 rows; give every entity one row"),
        ("parts", "column 'parts' holds values of type List(List(Int64))"),
        ("owner", "column 'owner' is missing in 59 of 60 rows"),
    ],
)
def test_a_column_that_cannot_name_entities_is_refused(name_column: str, reason: str) -> None:
    frame = ANIMALS.with_columns(
        parts=pl.Series([[[1, 2]]] * N),
        owner=pl.when(pl.col("animal") == "animal 3").then(pl.lit("Ann")),
    )
    assert reason in refusal(frame, ("legs",), name_column)


# Missing values


GAPPY = ANIMALS.with_columns(
    diet=pl.when(pl.col("legs") > 0).then(pl.col("diet")),
    weight=pl.when(pl.col("animal") != "animal 1").then(pl.col("weight")).otherwise(float("nan")),
)


def test_a_gap_is_refused_with_column_count_and_remedy() -> None:
    message = refusal(GAPPY)
    assert "column 'diet' is missing in 20 of 60 rows" in message
    assert 'missing = "drop"' in message


def test_a_gap_in_a_column_that_is_not_used_does_no_harm() -> None:
    assert len(choose(GAPPY, ("legs", "tame")).names) == N


def test_dropping_leaves_out_the_rows_with_gaps() -> None:
    entities = choose(GAPPY, missing="drop")
    assert entities.n_dropped == 21
    assert set(entities.names) == set(GAPPY.filter(pl.col("legs") > 0)["animal"]) - {"animal 1"}
    assert entities.questions[0].answer_names == ("2", "4")
    assert entities.answers.shape == (39, 4)


def test_rows_keep_their_numbers_when_others_are_dropped() -> None:
    frame = pl.DataFrame({"a": [None, "x", "x", "y", "y"], "b": [1, 1, 2, 1, 2]})
    assert choose(frame, missing="drop").names == ("row 2", "row 3", "row 4", "row 5")


def test_the_rules_hold_for_the_rows_that_are_left() -> None:
    frame = pl.DataFrame({"a": ["x", "y", "z", None], "b": [1, 2, 3, 1], "c": [True, None, False, None]})
    entities = choose(frame, missing="drop")
    assert columns_of(entities) == ["a"]
    assert dict(entities.skipped)["b"] == "divides the rows exactly as 'a' does"


def test_a_question_that_dropping_leaves_with_one_answer_is_refused() -> None:
    frame = pl.DataFrame({"a": ["x", "x", "y", "y"], "b": [None, None, 1, 2]})
    assert "column 'a' has one value only ('y')" in refusal(frame, ("a", "b"), missing="drop")


def test_no_complete_row_is_refused() -> None:
    frame = pl.DataFrame({"a": ["x", "y", None, None], "b": [None, None, 1, 2]})
    assert "no row has values in all of ['a', 'b']" in refusal(frame, missing="drop")
