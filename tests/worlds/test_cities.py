"""The shipped table of cities."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iml_general.worlds.table import CITIES, CITY_QUESTIONS, Table

SCHEMA = {
    "city": pl.String(),
    "country": pl.String(),
    "continent": pl.String(),
    "hemisphere": pl.String(),
    "east_west": pl.String(),
    "latitude_zone": pl.String(),
    "latitude": pl.Float64(),
    "longitude": pl.Float64(),
    "utc_offset": pl.Float64(),
    "population": pl.Int64(),
    "known_names": pl.Int64(),
    "capital": pl.Boolean(),
    "country_area": pl.Int64(),
    "country_population": pl.Int64(),
    "neighbours": pl.Int64(),
    "language": pl.String(),
    "currency": pl.String(),
}


@pytest.fixture(scope="module")
def cities() -> pl.DataFrame:
    return pl.read_parquet(CITIES)


def test_the_table_is_complete_and_as_documented(cities: pl.DataFrame) -> None:
    assert dict(cities.schema) == SCHEMA
    assert cities.height == 6144
    assert cities.null_count().sum_horizontal().item() == 0
    assert all(cities[column].str.strip_chars().str.len_chars().min() for column in cities.columns[:6])


def test_its_size_and_columns_are_those_of_its_description(cities: pl.DataFrame) -> None:
    description = CITIES.with_name("CITIES-LICENSE.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1].strip() for line in description.splitlines() if line.startswith("| ")][1:]
    assert [row.removesuffix(" +") for row in rows] == cities.columns
    assert {row.removesuffix(" +") for row in rows if row.endswith("+")} == set(CITY_QUESTIONS)
    assert f"{cities.height:,} cities" in description
    assert "Creative Commons Attribution 4.0" in description
    assert "GeoNames" in description
    assert CITIES.stat().st_size < 1_000_000


def test_names_are_distinct(cities: pl.DataFrame) -> None:
    assert cities["city"].is_unique().all()


@pytest.mark.parametrize(
    ("city", "facts"),
    [
        ("Paris, FR", {"continent": "Europe", "hemisphere": "north", "capital": True, "currency": "EUR"}),
        ("Sydney, AU", {"continent": "Oceania", "hemisphere": "south", "utc_offset": 10.0, "capital": False}),
        ("Lima, PE", {"continent": "South America", "latitude_zone": "tropics", "language": "Spanish"}),
        ("Mumbai, IN", {"continent": "Asia", "utc_offset": 5.5, "east_west": "east"}),
        ("Dublin, IE", {"utc_offset": 0.0, "east_west": "west", "language": "English", "neighbours": 1}),
        ("Nairobi, KE", {"continent": "Africa", "hemisphere": "south", "utc_offset": 3.0}),
    ],
)
def test_known_facts_hold(cities: pl.DataFrame, city: str, facts: dict[str, object]) -> None:
    row = cities.row(by_predicate=pl.col("city") == city, named=True)
    assert {column: row[column] for column in facts} == facts


def test_derived_columns_agree_with_what_they_derive_from(cities: pl.DataFrame) -> None:
    assert ((cities["latitude"] >= 0) == (cities["hemisphere"] == "north")).all()
    assert ((cities["longitude"] >= 0) == (cities["east_west"] == "east")).all()
    assert ((cities["latitude"].abs() < 23.44) == (cities["latitude_zone"] == "tropics")).all()
    assert cities["population"].is_sorted(descending=True)
    assert cities["population"].min() == 100_000
    # The sun is at most a few hours off the clock anywhere; the date line wraps round.
    sun = np.abs(cities["longitude"].to_numpy() / 15 - cities["utc_offset"].to_numpy())
    assert np.minimum(sun, 24 - sun).max() < 4


def test_default_questions_have_2_to_12_answers_and_none_settles_another() -> None:
    entities = Table().entities()
    assert tuple(question.column for question in entities.questions) == CITY_QUESTIONS
    for question in entities.questions:
        assert 2 <= len(question.answer_names) <= 12
        assert question.shares.max() < 0.9
    for given_one in entities.questions:
        for other in entities.questions:
            if other is not given_one:
                pairs = np.zeros((len(given_one.answer_names), len(other.answer_names)))
                np.add.at(pairs, (given_one.answers, other.answers), 1)
                assert pairs.max(axis=1).sum() / pairs.sum() < 0.95


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 6144), st.integers(2, 6), st.integers(0, 2**32))
def test_any_size_gives_a_world_of_that_size(n_aliases: int, bins: int, seed: int) -> None:
    world = Table(bins=bins).draw(n_aliases, np.random.default_rng(seed))
    assert world.answers.shape == (n_aliases, len(CITY_QUESTIONS))
    assert world.answers.dtype == np.int16
    assert ((world.answers >= 0) & (world.answers < world.classes_per_question)).all()
    assert len(set(world.alias_names)) == n_aliases


def test_marginals_are_kept_in_expectation() -> None:
    answers = np.concatenate([Table().draw(400, np.random.default_rng(seed)).answers for seed in range(100)])
    for question, drawn in zip(Table().entities().questions, answers.T, strict=True):
        shares = np.bincount(drawn, minlength=len(question.answer_names)) / len(drawn)
        # 40,000 sampled rows: no share has a standard error above 0.0025.
        assert np.abs(shares - question.shares).max() < 0.01


def test_another_process_with_another_hash_seed_draws_the_same_world() -> None:
    code = (
        "import hashlib, numpy; from iml_general.worlds.table import Table;"
        "world = Table().draw(99, numpy.random.default_rng(5));"
        "print(hashlib.sha256(world.answers.tobytes() + repr(world.alias_names).encode()).hexdigest())"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1] != ""
