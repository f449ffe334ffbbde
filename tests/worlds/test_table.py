"""Worlds drawn from tables."""

from __future__ import annotations

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


def test_what_a_draw_returns_can_be_changed_without_harm(tmp_path: Path) -> None:
    table = Table(path=saved(ANIMALS, tmp_path))
    before = table.draw(N, np.random.default_rng(0)).answers
    table.draw(N, np.random.default_rng(0)).answers[:] = 0
    assert np.array_equal(table.draw(N, np.random.default_rng(0)).answers, before)


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


def test_dropping_is_told_by_the_description(tmp_path: Path) -> None:
    frame = ANIMALS.with_columns(diet=pl.when(pl.col("legs") > 0).then(pl.col("diet")))
    table = Table(path=saved(frame, tmp_path), missing="drop")
    assert "40 entities named by 'animal', 20 rows with missing values left out" in table.describe()


def test_too_few_rows_are_refused_with_both_numbers(tmp_path: Path) -> None:
    table = Table(path=saved(ANIMALS, tmp_path))
    with pytest.raises(UsageError, match="need 61 entities, but it has 60; make the groups smaller"):
        table.draw(61, np.random.default_rng(0))


def test_rows_dropped_are_counted_when_too_few_are_left(tmp_path: Path) -> None:
    frame = ANIMALS.with_columns(diet=pl.when(pl.col("legs") > 0).then(pl.col("diet")))
    table = Table(path=saved(frame, tmp_path), missing="drop")
    with pytest.raises(UsageError, match=r"it has 40 \(20 more have missing values\)"):
        table.draw(41, np.random.default_rng(0))


@pytest.mark.parametrize("option", ["bins", "max_answers"])
@pytest.mark.parametrize(("value", "bound"), [(1, "greater than or equal to 2"), (40_000, "32767")])
def test_numbers_of_answers_out_of_range_are_refused(option: str, value: int, bound: str) -> None:
    with pytest.raises(UsageError, match=f"{option} = {value}: Input should be .*{bound}"):
        configure(Table, {option: value}, "world 'table'")


def test_an_unknown_way_with_gaps_is_refused() -> None:
    with pytest.raises(UsageError, match="missing = 'ignore': Input should be 'refuse', 'drop' or 'skip'"):
        configure(Table, {"missing": "ignore"}, "world 'table'")


def test_options_survive_a_round_trip() -> None:
    source = Table(path="animals.csv", questions=("legs", "diet"), missing="drop")
    assert configure(Table, options_of(source), "world") == source
