"""The world of numbers."""

import numpy as np
import pytest

from iml_general.errors import UsageError
from iml_general.protocol import configure_protocol
from iml_general.protocol.drawing import draw
from iml_general.seeds import Seed
from iml_general.worlds.numbers import Numbers, normal_quantiles, number_names


def test_every_question_has_the_same_normal_numbers_one_for_each_alias() -> None:
    world = Numbers(n_questions=3).draw(200, np.random.default_rng(0))
    assert world.numbers is not None
    assert (np.sort(world.answers, axis=0) == np.arange(200)[:, None]).all()
    assert (np.diff(world.numbers) > 0).all()
    assert world.numbers.mean(axis=1) == pytest.approx(np.zeros(3), abs=1e-12)
    assert world.numbers.var(axis=1) == pytest.approx(np.ones(3))
    assert abs(world.numbers[0, 158]) == pytest.approx(0.82, abs=0.03)  # a normal distribution's 79th percent
    correlations = np.corrcoef(world.answers.T)[np.triu_indices(3, 1)]
    assert np.abs(correlations).max() < 0.3  # who has which is drawn anew


def test_same_seed_same_world() -> None:
    first, second = (Numbers().draw(50, np.random.default_rng(3)) for _ in range(2))
    assert np.array_equal(first.answers, second.answers)
    assert not np.array_equal(first.answers, Numbers().draw(50, np.random.default_rng(4)).answers)


@pytest.mark.parametrize("n", [1, 2, 7, 420, 5000])
def test_names_tell_numbers_apart_and_say_what_they_are(n: int) -> None:
    numbers = normal_quantiles(n)
    names = number_names(numbers)
    assert len(set(names)) == n
    assert [float(name) for name in names] == pytest.approx(numbers.tolist(), abs=0.005)


def test_more_aliases_than_numbers_are_refused() -> None:
    with pytest.raises(UsageError, match="there are 32767 numbers"):
        Numbers().draw(40_000, np.random.default_rng(0))


def test_lies_that_follow_from_the_truth_are_refused() -> None:
    with pytest.raises(UsageError, match="write lies = 'another'"):
        draw(configure_protocol({"lies": "shift"}), Numbers(), Seed(0, "search", "numbers", 0))
