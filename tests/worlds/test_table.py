"""Worlds from the user's own tables."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from iml_general.errors import UsageError
from iml_general.options import configure, options_of
from iml_general.worlds.table import Table

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


def saved(frame: pl.DataFrame, folder: Path, name: str = "animals.parquet") -> str:
    path = folder / name
    if path.suffix == ".parquet":
        frame.write_parquet(path)
    else:
        frame.write_csv(path)
    return str(path)


def written(content: str | bytes, folder: Path, name: str = "t.csv") -> str:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(path)


def refusal(table: Table, n_aliases: int = 2) -> str:
    with pytest.raises(UsageError) as caught:
        table.draw(n_aliases, np.random.default_rng(0))
    message = str(caught.value)
    assert "\n" not in message
    assert table.path in message
    return message


# What is drawn


def test_same_seed_gives_the_same_world(tmp_path: Path) -> None:
    table = Table(path=saved(ANIMALS, tmp_path))
    first, second, other = (table.draw(20, np.random.default_rng(seed)) for seed in (3, 3, 4))
    assert np.array_equal(first.answers, second.answers)
    assert first.alias_names == second.alias_names
    assert first.alias_names != other.alias_names


def test_an_alias_has_the_answers_of_its_own_row(tmp_path: Path) -> None:
    world = Table(path=saved(ANIMALS, tmp_path)).draw(N, np.random.default_rng(1))
    truth = {row["animal"]: row for row in ANIMALS.iter_rows(named=True)}
    assert len(set(world.alias_names)) == N
    for name, answers in zip(world.alias_names, world.answers, strict=True):
        said = {q: world.answer_names[i][answers[i]] for i, q in enumerate(world.question_names)}
        assert said["legs"] == str(truth[name]["legs"])
        assert said["diet"] == truth[name]["diet"]
        assert said["tame"] == str(truth[name]["tame"]).lower()
        low, *_, high = said["weight"].split(" to ")
        assert float(low) <= truth[name]["weight"] <= float(high)


def test_aliases_come_in_random_order(tmp_path: Path) -> None:
    world = Table(path=saved(ANIMALS, tmp_path)).draw(N, np.random.default_rng(1))
    assert sorted(world.alias_names) == sorted(ANIMALS["animal"])
    assert list(world.alias_names) != ANIMALS["animal"].to_list()


def test_marginals_and_correlations_are_kept_in_expectation(tmp_path: Path) -> None:
    table = Table(path=saved(ANIMALS, tmp_path), questions=("legs", "tame"))
    draws = [table.draw(10, np.random.default_rng(seed)).answers for seed in range(2_000)]
    pairs = np.concatenate(draws) @ np.array([2, 1])
    expected = np.bincount(table.entities().answers @ np.array([2, 1]), minlength=6) / N
    # 20,000 sampled rows: the largest standard error of a share is 0.003.
    assert np.abs(np.bincount(pairs, minlength=6) / len(pairs) - expected).max() < 0.012


def test_csv_and_parquet_give_the_same_world(tmp_path: Path) -> None:
    worlds = [
        Table(path=saved(ANIMALS, tmp_path, name)).draw(30, np.random.default_rng(5))
        for name in ("animals.parquet", "animals.csv")
    ]
    assert np.array_equal(worlds[0].answers, worlds[1].answers)
    assert worlds[0].answer_names == worlds[1].answer_names


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_other_separators_than_commas_are_recognised(tmp_path: Path, separator: str) -> None:
    ANIMALS.write_csv(tmp_path / "t.csv", separator=separator)
    assert len(Table(path=str(tmp_path / "t.csv")).entities().questions) == 4


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbfcolour,size\n" + b"red,1\nblue,1\nred,2\nblue,2\n"
    world = Table(path=written(content, tmp_path)).draw(4, np.random.default_rng(0))
    assert world.question_names == ("colour", "size")


def test_a_file_is_told_by_its_content_not_by_its_name(tmp_path: Path) -> None:
    ANIMALS.write_parquet(tmp_path / "animals.csv")
    assert len(Table(path=str(tmp_path / "animals.csv")).entities().names) == N


def test_a_file_that_changed_is_read_again(tmp_path: Path) -> None:
    path = saved(ANIMALS, tmp_path)
    assert len(Table(path=path).entities().names) == N
    assert Table(path=path).entities() is Table(path=path).entities()
    saved(ANIMALS.head(30), tmp_path)
    os.utime(path, ns=(1, 1))
    assert len(Table(path=path).entities().names) == 30


def test_what_a_draw_returns_can_be_changed_without_harm(tmp_path: Path) -> None:
    table = Table(path=saved(ANIMALS, tmp_path))
    before = table.draw(N, np.random.default_rng(0)).answers
    table.draw(N, np.random.default_rng(0)).answers[:] = 0
    assert np.array_equal(table.draw(N, np.random.default_rng(0)).answers, before)


# Which columns are chosen


def test_rules_choose_every_usable_column_and_give_reasons_for_the_others(tmp_path: Path) -> None:
    frame = ANIMALS.with_columns(
        number=pl.int_range(100, 100 + N),
        kingdom=pl.lit("animals"),
        note=pl.col("animal") + "!",
        food=pl.col("diet").replace({"plants": "leaves", "meat": "mice"}),
        owner=pl.when(pl.col("animal") == "animal 3").then(pl.lit("Ann")),
    )
    entities = Table(path=saved(frame, tmp_path)).entities()
    assert [question.column for question in entities.questions] == ["legs", "diet", "weight", "tame"]
    assert dict(entities.skipped) == {
        "number": "only numbers the rows",
        "kingdom": "has one value only ('animals')",
        "note": "has 60 classes, more than max_answers = 12 (raise it, or group the rare ones)",
        "food": "divides the rows exactly as 'diet' does",
        "owner": "is missing in 59 of 60 rows",
    }


def test_the_description_names_questions_answers_and_reasons(tmp_path: Path) -> None:
    frame = ANIMALS.with_columns(kingdom=pl.lit("animals"))
    lines = Table(path=saved(frame, tmp_path)).describe().split("\n")
    assert lines[0].endswith("60 entities named by 'animal'")
    assert "asks 'diet', 2 classes: meat (50.0%); plants (50.0%)" in lines
    assert lines[-1] == "skips 'kingdom': has one value only ('animals')"


def test_named_questions_are_asked_in_the_order_given(tmp_path: Path) -> None:
    table = Table(path=saved(ANIMALS, tmp_path), questions=("tame", "legs"))
    assert table.draw(5, np.random.default_rng(0)).question_names == ("tame", "legs")


def test_bins_is_the_number_of_bins(tmp_path: Path) -> None:
    table = Table(path=saved(ANIMALS, tmp_path), questions=("weight",), bins=3)
    assert table.draw(5, np.random.default_rng(0)).classes_per_question.tolist() == [3]


def test_integers_of_more_values_than_max_answers_are_binned(tmp_path: Path) -> None:
    (question,) = (
        Table(path=saved(ANIMALS, tmp_path), questions=("legs",), max_answers=2).entities().questions
    )
    assert (question.kind, question.answer_names) == ("bins", ("0", "2", "4"))


def test_rows_are_numbered_when_no_text_column_is_distinct(tmp_path: Path) -> None:
    table = Table(path=saved(ANIMALS.drop("animal"), tmp_path))
    assert set(table.draw(N, np.random.default_rng(0)).alias_names) == {
        f"row {row}" for row in range(1, N + 1)
    }
    assert "named by row number" in table.describe()


def test_a_column_without_a_header_is_an_ordinary_column(tmp_path: Path) -> None:
    entities = Table(path=written(",b\n" + "x,1\nx,2\ny,1\ny,2\n", tmp_path)).entities()
    assert entities.name_column is None
    assert [question.column for question in entities.questions] == ["", "b"]


def test_the_name_column_can_be_chosen(tmp_path: Path) -> None:
    table = Table(path=saved(ANIMALS.with_row_index("id"), tmp_path), name_column="id")
    assert set(table.draw(N, np.random.default_rng(0)).alias_names) == {str(row) for row in range(N)}


def test_dates_in_csv_files_are_binned(tmp_path: Path) -> None:
    content = "born\n" + "".join(f"2001-01-{day:02d}\n" for day in range(1, 21))
    (question,) = Table(path=written(content, tmp_path)).entities().questions
    assert question.answer_names[0] == "2001-01-01 to 2001-01-05"


def test_a_word_far_down_a_column_of_numbers_is_a_class(tmp_path: Path) -> None:
    content = "n\n" + "1\n2\n" * 200 + "many\n" * 100
    (question,) = Table(path=written(content, tmp_path)).entities().questions
    assert question.answer_names == ("1", "2", "many")


# Missing values


GAPPY = ANIMALS.with_columns(
    diet=pl.when(pl.col("legs") > 0).then(pl.col("diet")),
    weight=pl.when(pl.col("animal") != "animal 1").then(pl.col("weight")).otherwise(float("nan")),
)


def test_a_gap_is_refused_with_column_count_and_remedy(tmp_path: Path) -> None:
    message = refusal(Table(path=saved(GAPPY, tmp_path)))
    assert "column 'diet' is missing in 20 of 60 rows" in message
    assert 'missing = "drop"' in message


def test_a_gap_in_a_column_that_is_not_used_does_no_harm(tmp_path: Path) -> None:
    table = Table(path=saved(GAPPY, tmp_path), questions=("legs", "tame"))
    assert len(table.entities().names) == N


def test_dropping_leaves_out_the_rows_with_gaps(tmp_path: Path) -> None:
    table = Table(path=saved(GAPPY, tmp_path), missing="drop")
    entities = table.entities()
    assert entities.n_dropped == 21
    assert set(entities.names) == set(GAPPY.filter(pl.col("legs") > 0)["animal"]) - {"animal 1"}
    legs = next(question for question in entities.questions if question.column == "legs")
    assert legs.answer_names == ("2", "4")
    assert "21 rows with missing values left out" in table.describe()


def test_rows_keep_their_numbers_when_others_are_dropped(tmp_path: Path) -> None:
    table = Table(path=written("a,b\n,1\nx,1\nx,2\ny,1\ny,2\n", tmp_path), missing="drop")
    assert table.entities().names == ("row 2", "row 3", "row 4", "row 5")


def test_a_question_that_dropping_leaves_with_one_answer_is_refused(tmp_path: Path) -> None:
    path = written("a,b\nx,\nx,\ny,1\ny,2\n", tmp_path)
    message = refusal(Table(path=path, questions=("a", "b"), missing="drop"))
    assert "column 'a' has one value only ('y')" in message


def test_no_complete_row_is_refused(tmp_path: Path) -> None:
    path = written("a,b\nx,\ny,\n,1\n,2\n", tmp_path)
    assert "no row has values in all of ['a', 'b']" in refusal(Table(path=path, missing="drop"))


# Tables and options that can't be used


def test_too_few_rows_are_refused_with_both_numbers(tmp_path: Path) -> None:
    message = refusal(Table(path=saved(ANIMALS, tmp_path)), n_aliases=61)
    assert "the groups need 61 entities, but it has 60; make the groups smaller" in message
    message = refusal(Table(path=saved(GAPPY, tmp_path), missing="drop"), n_aliases=40)
    assert "it has 39 (21 more have missing values)" in message


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"questions": ("leg",)}, "unknown column 'leg'; did you mean 'legs'?"),
        ({"questions": ("legs", "diet", "legs")}, "column 'legs' is asked about twice"),
        ({"questions": ("animal",)}, "column 'animal' has 60 classes, more than max_answers = 12 (raise it"),
        ({"name_column": "nimal"}, "unknown column 'nimal'; did you mean 'animal'?"),
        ({"name_column": "diet"}, "column 'diet' names 'plants' in 30 rows; give every entity one row"),
        ({"name_column": "parts"}, "column 'parts' holds values of type List(Int64)"),
        ({"questions": ("parts",)}, "column 'parts' holds values of type List(Int64)"),
        (
            {"questions": ("kingdom",)},
            "column 'kingdom' has one value only ('animals'); choose another question",
        ),
        ({"questions": ("young",)}, "column 'young' is '0' in 57 of 60 rows once binned, more than 90%"),
    ],
)
def test_a_wrong_choice_of_columns_is_refused(
    tmp_path: Path, options: dict[str, object], reason: str
) -> None:
    frame = ANIMALS.with_columns(
        kingdom=pl.lit("animals"),
        parts=pl.Series([[1, 2]] * N),
        young=pl.Series([0.0] * 57 + [1.0, 2.0, 3.0]),
    )
    table = configure(Table, {"path": saved(frame, tmp_path), **options}, "world 'table'")
    assert reason in refusal(table)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("empty.csv", b"", "the file is empty"),
        ("blank.csv", b"\n\n\n", "can't be read as a table"),
        ("header.csv", b"a,b\n", "has no rows"),
        ("picture.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)), "is neither Parquet nor text"),
        ("latin1.csv", "a,b\nfä,ü\n".encode("latin1"), "can't be read as a table (invalid utf-8 sequence)"),
        ("damaged.parquet", b"PAR1" + bytes(range(256)) + b"PAR1", "can't be read as a table (parquet:"),
        ("ragged.csv", b"a,b\n1,2,3\n4,5\n", "can't be read as a table (found more fields"),
        ("names.csv", b"name\nx\ny\n", "no column can be asked about (there is only the name column)"),
        (
            "one.csv",
            b"a,b\nx,1\nx,1\nx,1\n",
            "no column can be asked about ('a' has one value only ('x'); 'b'",
        ),
    ],
)
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    message = refusal(Table(path=written(content, tmp_path, name)))
    assert reason in message


def test_a_truncated_parquet_file_is_refused(tmp_path: Path) -> None:
    whole = Path(saved(ANIMALS, tmp_path)).read_bytes()
    message = refusal(Table(path=written(whole[:-100], tmp_path, "cut.parquet")))
    assert "can't be read as a table" in message


def test_a_missing_file_and_a_directory_are_refused(tmp_path: Path) -> None:
    assert "no such file" in refusal(Table(path=str(tmp_path / "nowhere.csv")))
    assert "is a directory" in refusal(Table(path=str(tmp_path)))


@pytest.mark.parametrize("option", ["bins", "max_answers"])
@pytest.mark.parametrize("value", [1, 40_000])
def test_numbers_of_answers_out_of_range_are_refused(option: str, value: int) -> None:
    with pytest.raises(UsageError, match=f"{option} = {value}; it must be from 2 to 32767"):
        configure(Table, {option: value}, "world 'table'")


def test_an_unknown_way_with_gaps_is_refused() -> None:
    with pytest.raises(UsageError, match="missing = 'ignore': Input should be 'refuse' or 'drop'"):
        configure(Table, {"missing": "ignore"}, "world 'table'")


def test_options_survive_a_round_trip() -> None:
    source = Table(path="animals.csv", questions=("legs", "diet"), missing="drop")
    assert configure(Table, options_of(source), "world") == source
