"""Columns as questions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time, timedelta
from decimal import Decimal

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iml_general.worlds.cells import UnusableColumnError, comparable
from iml_general.worlds.columns import Question, as_question


def ask(values: Sequence[object] | pl.Series, bins: int = 4, max_answers: int = 12) -> Question:
    column = values if isinstance(values, pl.Series) else pl.Series("c", values)
    return as_question(comparable(column).drop_nulls(), bins, max_answers)


def test_text_values_are_the_answers() -> None:
    question = ask(["wet", "dry", "wet"])
    assert (question.kind, question.answer_names) == ("classes", ("dry", "wet"))
    assert question.answers.tolist() == [1, 0, 1]


def test_shares_are_those_of_the_rows() -> None:
    assert ask(["wet", "dry", "wet", "wet"]).shares.tolist() == [0.25, 0.75]


@pytest.mark.parametrize("dtype", [pl.Categorical, pl.Enum(["wet", "dry"])])
def test_categories_are_classes_in_the_order_of_their_names(dtype: pl.DataType) -> None:
    question = ask(pl.Series("c", ["wet", "dry", "wet"], dtype=dtype))
    assert question.answer_names == ("dry", "wet")
    assert question.answers.tolist() == [1, 0, 1]


def test_booleans_are_classes() -> None:
    question = ask([True, False, False])
    assert question.answer_names == ("false", "true")
    assert question.answers.tolist() == [1, 0, 0]


def test_integers_of_few_values_are_classes_in_numerical_order() -> None:
    question = ask([10, 9, 10, -1])
    assert (question.kind, question.answer_names) == ("classes", ("-1", "9", "10"))


def test_integers_of_many_values_are_binned() -> None:
    question = ask(list(range(40)))
    assert (question.kind, question.answer_names) == ("bins", ("0 to 9", "10 to 19", "20 to 29", "30 to 39"))


def test_floats_are_binned_even_if_they_have_few_values() -> None:
    question = ask([0.0, 1.0, 2.0, 3.0, 4.0, 5.0], bins=3)
    assert (question.kind, question.answer_names) == ("bins", ("0 to 1", "2 to 3", "4 to 5"))


def test_decimals_are_binned() -> None:
    assert ask([Decimal("1.5"), Decimal("2.5")], bins=2).answer_names == ("1.5", "2.5")


def test_dates_times_and_durations_are_binned() -> None:
    days = [date(2001, 1, day) for day in (1, 2, 3, 4)]
    assert ask(days, bins=2).answer_names == ("2001-01-01 to 2001-01-02", "2001-01-03 to 2001-01-04")
    assert ask([time(1), time(2)], bins=2).answer_names == ("01:00:00", "02:00:00")
    assert len(ask([timedelta(hours=1), timedelta(hours=2)], bins=2).answer_names) == 2


def test_large_numbers_get_thousands_separators_and_years_do_not() -> None:
    assert ask([1250, 18300, 20000, 30000], bins=2, max_answers=2).answer_names == (
        "1,250 to 18,300",
        "20,000 to 30,000",
    )
    assert ask([1990, 1991, 2001, 2002], bins=2, max_answers=2).answer_names == (
        "1990 to 1991",
        "2001 to 2002",
    )


def test_names_of_close_floats_differ() -> None:
    names = ask([1.000001, 1.000002, 1.000003, 1.000004]).answer_names
    assert names == ("1.000001", "1.000002", "1.000003", "1.000004")


def test_names_of_negative_zero_and_large_floats_are_plain() -> None:
    assert ask([-0.0, 1234567.0], bins=2).answer_names == ("0", "1,235,000")


@settings(deadline=None, max_examples=200)
@given(st.lists(st.integers(-30, 30), min_size=4, max_size=80), st.integers(2, 8))
def test_bins_keep_order_and_never_split_equal_values(values: list[int], bins: int) -> None:
    try:
        question = ask([float(value) for value in values], bins=bins)
    except UnusableColumnError:
        assert max(np.unique(values, return_counts=True)[1]) > 0.5 * len(values)
        return
    order = np.argsort(values, kind="stable")
    steps = np.diff(question.answers[order])
    same = np.diff(np.array(values)[order]) == 0
    assert (steps >= 0).all()
    assert (steps[same] == 0).all()
    assert len(question.answer_names) <= bins
    assert set(question.answers.tolist()) == set(range(len(question.answer_names)))
    assert len(set(question.answer_names)) == len(question.answer_names)


@settings(deadline=None, max_examples=100)
@given(st.sets(st.floats(-1e9, 1e9), min_size=8, max_size=80), st.integers(2, 8))
def test_bins_of_distinct_values_hold_equal_counts(values: set[float], bins: int) -> None:
    counts = np.bincount(ask(list(values), bins=bins).answers)
    assert len(counts) == bins
    assert counts.max() - counts.min() <= 1


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (["same"] * 9, r"has one value only \('same'\)"),
        ([None, None], "is empty"),
        ([""] * 3, "is empty"),
        (list("abcdefghijklm"), r"has 13 classes, more than max_answers = 12 \(raise it"),
        ([0.0] * 95 + [1.0, 2.0, 3.0, 4.0, 5.0], "is '0' in 95 of 100 rows once binned, more than 90%"),
        (["no"] * 19 + ["yes"], "is 'no' in 19 of 20 rows, more than 90%"),
        ([[[1]], [[2]]], r"holds values of type List\(List\(Int64\)\)"),
        ([["a", "b"], ["a"]], "has rows in which every answer is right"),
        ([[1.5], [2.5, 3.5]], "has several numbers in a row, which can't be binned"),
        ([b"a", b"b"], "holds values of type Binary"),
        ([{"a": 1}, {"a": 2}], "holds values of type Struct"),
    ],
)
def test_columns_that_cannot_be_questions_say_why(values: list[object], reason: str) -> None:
    with pytest.raises(UnusableColumnError, match=reason):
        ask(values)


def test_blank_text_nan_and_infinities_are_missing() -> None:
    assert comparable(pl.Series([" ", "", "NA", None])).null_count() == 3
    assert comparable(pl.Series([float("nan"), float("inf"), -float("inf"), 0.0, None])).null_count() == 4
