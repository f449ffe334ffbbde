"""Files that are tables, and files that are not."""

from __future__ import annotations

import os
from pathlib import Path

import polars as pl
import pytest

from iml_general.errors import UsageError
from iml_general.worlds.reading import locate, read_table
from iml_general.worlds.table import Table

WHERE = "table 't'"
ANIMALS = pl.DataFrame({"animal": ["ant", "bee", "cat"], "legs": [6, 6, 4], "weight": [0.01, 0.1, 4e3]})


def read(path: Path) -> pl.DataFrame:
    return read_table(locate(path, WHERE), WHERE)


def refusal(path: Path) -> str:
    with pytest.raises(UsageError) as caught:
        read(path)
    message = str(caught.value)
    assert message.startswith(WHERE)
    assert "\n" not in message
    return message


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_text_is_read_whatever_separates_its_fields(tmp_path: Path, separator: str) -> None:
    ANIMALS.write_csv(tmp_path / "t.csv", separator=separator)
    assert read(tmp_path / "t.csv").equals(ANIMALS)


def test_a_file_is_told_by_its_content_not_by_its_name(tmp_path: Path) -> None:
    ANIMALS.write_parquet(tmp_path / "animals.csv")
    assert read(tmp_path / "animals.csv").equals(ANIMALS)


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b"\xef\xbb\xbfcolour,size\nred,1\n")
    assert read(tmp_path / "t.csv").columns == ["colour", "size"]


def test_dates_in_text_are_recognised(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("born\n2001-01-31\n")
    assert read(tmp_path / "t.csv").dtypes == [pl.Date()]


def test_a_word_far_down_a_column_of_numbers_makes_it_text(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("n\n" + "1\n2\n" * 200 + "many\n")
    assert read(tmp_path / "t.csv")["n"].unique().sort().to_list() == ["1", "2", "many"]


def test_a_file_is_read_once_until_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    ANIMALS.write_parquet(path)
    first = read(path)
    assert read(path) is first
    ANIMALS.head(2).write_parquet(path)
    os.utime(path, ns=(1, 1))
    assert read(path).height == 2


def test_entities_follow_a_change_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    ANIMALS.write_parquet(path)
    table = Table(path=str(path))
    assert table.entities() is table.entities()
    ANIMALS.tail(2).write_parquet(path)
    os.utime(path, ns=(1, 1))
    assert table.entities().names == ("bee", "cat")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        (b"\n\n\n", "can't be read as a table"),
        (b"a,b\n", "has no rows"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)), "is neither Parquet nor text"),
        ("a,b\nfä,ü\n".encode("latin1"), "can't be read as a table (invalid utf-8 sequence)"),
        (b"PAR1" + bytes(range(256)) + b"PAR1", "can't be read as a table (parquet:"),
        (b"a,b\n1,2,3\n4,5\n", "can't be read as a table (found more fields"),
    ],
    ids=["empty", "blank", "header only", "picture", "latin1", "damaged parquet", "ragged"],
)
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "t").write_bytes(content)
    assert reason in refusal(tmp_path / "t")


def test_a_truncated_parquet_file_is_refused(tmp_path: Path) -> None:
    ANIMALS.write_parquet(tmp_path / "whole.parquet")
    (tmp_path / "cut.parquet").write_bytes((tmp_path / "whole.parquet").read_bytes()[:-100])
    assert "can't be read as a table" in refusal(tmp_path / "cut.parquet")


def test_a_missing_file_and_a_directory_are_refused(tmp_path: Path) -> None:
    assert "no such file" in refusal(tmp_path / "nowhere.csv")
    assert "is a directory" in refusal(tmp_path)


def test_the_path_as_written_is_in_the_message(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^table 'nowhere/animals\.csv': no such file"):
        Table(path="nowhere/animals.csv").entities()
