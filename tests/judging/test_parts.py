"""Tables are cut into parts only where nothing that belongs together is cut."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from iml_general.judging import estimates, seed_effects
from iml_general.judging.judge import Judgement
from iml_general.judging.parts import parts

if TYPE_CHECKING:
    from tests.judging.conftest import Around, JudgeAll, MakeLearner

SIZES = [3, 1, 4, 1, 5, 9, 2, 6]


def table(names: list[str | None]) -> pl.DataFrame:
    return pl.DataFrame({"name": names, "part": ["x"] * len(names), "number": range(len(names))})


def standing_together() -> pl.DataFrame:
    names = [None, *"abcdefg"]
    return table([name for name, size in zip(names, SIZES, strict=True) for _ in range(size)])


@pytest.mark.parametrize("most", [1, 4, 5, 10, 30])
def test_parts_are_small_and_together_they_are_the_table(most: int) -> None:
    whole = standing_together()
    found = parts(whole, ["name", "part"], most)
    assert_frame_equal(pl.concat(found), whole)
    assert all(part.height <= most or part["name"].n_unique() == 1 for part in found)
    assert len(found) < len(SIZES) or most == 1


@pytest.mark.parametrize("most", [1, 4, 5, 10])
def test_rows_that_are_alike_stay_in_one_part(most: int) -> None:
    seen = [
        name for part in parts(standing_together(), ["name", "part"], most) for name in part["name"].unique()
    ]
    assert len(seen) == len(set(seen)) == len(SIZES)


def test_a_table_in_which_they_stand_apart_is_left_whole() -> None:
    (one,) = parts(table(["a", "b", "a", "c"]), ["name"], 2)
    assert one.height == 4


def test_what_is_judged_part_by_part_is_what_is_judged_at_once(
    judged: JudgeAll, learner: MakeLearner, around: Around, monkeypatch: pytest.MonkeyPatch
) -> None:
    learners = [learner(f"learner {i}", around(i / 10, 0.1)) for i in (3, 1, 4, 0, 5, 2)]
    whole = judged(*learners)
    heights: list[int] = []

    def few(frame: pl.DataFrame, together: list[str]) -> list[pl.DataFrame]:
        found = parts(frame, together, 100)
        heights.extend(part.height for part in found)
        return found

    for module in (seed_effects, estimates):
        monkeypatch.setattr(module, "parts", few)
    assert_equal(judged(*learners), whole)
    assert len(heights) > 9
    assert max(heights) < 300


def assert_equal(one: Judgement, other: Judgement) -> None:
    for name in ("effects", "estimates", "means", "verdicts", "findings"):
        assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True)
