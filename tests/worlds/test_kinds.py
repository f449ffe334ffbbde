"""The world of kinds: answers go together, and only there can an honest answer give a lie away."""

import numpy as np
import pytest

from iml_general.errors import UsageError
from iml_general.options import configure
from iml_general.worlds.kinds import Kinds


def distinct_rows(answers: np.ndarray) -> int:
    return len(np.unique(answers, axis=0))


def test_with_full_agreement_there_are_as_many_rows_of_answers_as_kinds() -> None:
    world = Kinds(n_kinds=5, agreement=1.0).draw(300, np.random.default_rng(1))
    assert world.answers.shape == (300, 8)
    assert distinct_rows(world.answers) == 5


def test_without_agreement_answers_tell_nothing_of_one_another() -> None:
    world = Kinds(agreement=0.0).draw(4000, np.random.default_rng(1))
    shares = np.bincount(world.answers[:, 0] * 4 + world.answers[:, 1], minlength=16) / 4000
    assert np.abs(shares - 1 / 16).max() < 0.02  # five standard errors of a share


def test_the_agreement_is_how_often_an_answer_is_its_kinds() -> None:
    world = Kinds(n_kinds=1, agreement=0.8).draw(4000, np.random.default_rng(2))
    kind = [np.bincount(column).argmax() for column in world.answers.T]
    expected = 0.8 + 0.2 / 4  # one in four of the others agrees by chance
    assert abs((world.answers == kind).mean() - expected) < 0.01


def test_the_same_generator_gives_the_same_world() -> None:
    first, second = (Kinds().draw(50, np.random.default_rng(7)) for _ in range(2))
    assert np.array_equal(first.answers, second.answers)
    assert first.alias_names == second.alias_names


def test_one_answer_is_no_question() -> None:
    with pytest.raises(UsageError, match=r"world 'kinds': n_answers = 1: .*greater than or equal to 2"):
        configure(Kinds, {"n_answers": 1}, "world 'kinds'")
