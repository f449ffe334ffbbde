"""The world of pictures: who looks like what, and when."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.datasets import load_digits

from iml_general.errors import UsageError
from iml_general.protocol import Protocol, Source
from iml_general.protocol.drawing import draw
from iml_general.seeds import Seed
from iml_general.worlds.digits import Digits
from iml_general.worlds.world import World

ALL = np.arange(40)


def world(n_aliases: int = 40, seed: int = 7, **options: object) -> World:
    return Digits(**options).draw(n_aliases, np.random.default_rng(seed))  # type: ignore[arg-type]


def shown(drawn: World, stage: str | None = "stage1") -> NDArray[np.float32]:
    assert drawn.pictures is not None
    return drawn.pictures.show(ALL, stage)


def written(pictures: NDArray[np.float32]) -> list[tuple[int, int, int]]:
    """Which samples of scikit-learn's pictures stand side by side."""
    images = load_digits().images
    samples = {(image / 16).astype(np.float32).tobytes(): number for number, image in enumerate(images)}
    digits = [np.ascontiguousarray(part) for part in np.split(pictures, 3, axis=2)]
    return [tuple(samples[one.tobytes()] for one in three) for three in zip(*digits, strict=True)]  # type: ignore[misc]


@pytest.mark.parametrize("handwriting", ["fixed", "fresh"])
def test_an_alias_is_named_by_the_digits_that_are_seen(handwriting: str) -> None:
    drawn, target = world(handwriting=handwriting), load_digits().target
    for stage in ("stage1", None):
        pictures = shown(drawn, stage)
        assert pictures.shape == (40, 8, 24)
        assert pictures.min() == 0
        assert pictures.max() == 1
        numbers = ["".join(str(target[sample]) for sample in one) for one in written(pictures)]
        assert numbers == list(drawn.alias_names)


def test_all_numbers_of_three_digits_are_distinct_aliases_and_there_are_no_more() -> None:
    drawn = world(1000)
    assert sorted(drawn.alias_names) == [f"{number:03}" for number in range(1000)]
    room = Digits().room()
    assert room.n_aliases == 1000
    with pytest.raises(UsageError, match=r"need 1001 aliases, but there are 1000 numbers .*make the groups"):
        world(1001)


def test_groups_that_need_more_are_told_at_once_how_small_they_must_be() -> None:
    sizes = (Source("reliable", 1.0, 500, 50), Source("unreliable", 0.0, 500, 50))
    with pytest.raises(
        UsageError, match=r"world 'digits': the groups need \d+ aliases, but it has 1000; --fit"
    ):
        draw(Protocol(sources=sizes), Digits(), Seed(0, "confirm", "digits", 0))


@pytest.mark.parametrize("handwriting", ["fixed", "fresh"])
def test_same_seed_gives_the_same_world_and_another_seed_another(handwriting: str) -> None:
    first, second, other = (world(seed=seed, handwriting=handwriting) for seed in (7, 7, 8))
    assert np.array_equal(first.answers, second.answers)
    assert first.alias_names == second.alias_names != other.alias_names
    assert np.array_equal(shown(first), shown(second))
    assert not np.array_equal(shown(first), shown(other))


def test_fixed_handwriting_is_the_same_whenever_the_alias_is_shown() -> None:
    drawn = world()
    assert np.array_equal(shown(drawn, "stage1"), shown(drawn, "stage2"))
    assert np.array_equal(shown(drawn, "stage1"), shown(drawn, None))


def test_fresh_handwriting_is_another_in_every_row_and_that_asked_is_never_learned_from() -> None:
    drawn = world(handwriting="fresh")
    assert drawn.pictures is not None
    one_alias = np.zeros(300, dtype=np.int64)
    learned, later, asked = (written(drawn.pictures.show(one_alias, stage)) for stage in ("a", "b", None))
    assert len(set(learned)) > 250
    assert learned != later
    assert not {sample for three in [*learned, *later] for sample in three} & {
        sample for three in asked for sample in three
    }


def test_handwriting_says_nothing_of_the_answers() -> None:
    """Answers are drawn before pictures, so they are the same however aliases look."""
    assert np.array_equal(world().answers, world(handwriting="fresh").answers)


def test_several_pictures_of_one_row_are_refused_where_they_would_be_the_same() -> None:
    assert world(handwriting="fresh", pictures_per_row=3).pictures.per_row == 3  # type: ignore[union-attr]
    with pytest.raises(UsageError, match="pictures_per_row = 3, but with handwriting = 'fixed'"):
        Digits(pictures_per_row=3)
    with pytest.raises(UsageError, match="world 'digits': n_answers = 1; a question needs at least 2"):
        Digits(n_answers=1)


def test_scikit_learn_is_loaded_only_when_the_world_is_drawn() -> None:
    code = (
        "import sys, numpy as np; from iml_general.worlds.digits import Digits; Digits().describe(); "
        "assert 'sklearn' not in sys.modules; Digits().draw(5, np.random.default_rng(0)).pictures; "
        "assert 'sklearn' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
