"""The synthetic world."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iml_general.errors import UsageError
from iml_general.options import configure, options_of
from iml_general.worlds.statements import Statements, nonsense_names


def test_same_seed_gives_the_same_world() -> None:
    first, second = (Statements().draw(50, np.random.default_rng(7)) for _ in range(2))
    assert np.array_equal(first.answers, second.answers)
    assert first.alias_names == second.alias_names


def test_another_seed_gives_another_world() -> None:
    first, second = (Statements().draw(50, np.random.default_rng(seed)) for seed in (7, 8))
    assert not np.array_equal(first.answers, second.answers)


@settings(deadline=None, max_examples=50)
@given(st.integers(1, 9), st.integers(2, 300), st.integers(0, 400), st.integers(0, 2**32))
def test_any_size_gives_a_world_of_that_size(questions: int, answers: int, aliases: int, seed: int) -> None:
    world = Statements(n_questions=questions, n_answers=answers).draw(aliases, np.random.default_rng(seed))
    assert world.answers.shape == (aliases, questions)
    assert world.answers.dtype == np.int16
    assert ((world.answers >= 0) & (world.answers < answers)).all()
    assert (world.n_aliases, world.n_questions, world.n_answers) == (aliases, questions, answers)
    assert len(set(world.alias_names)) == aliases
    assert all(len(set(names)) == answers for names in world.answer_names)


def test_answers_are_uniform_and_independent() -> None:
    answers = Statements(n_questions=2).draw(40_000, np.random.default_rng(0)).answers
    pairs = np.bincount(answers[:, 0] * 4 + answers[:, 1], minlength=16) / 40_000
    # A share of 1/16 out of 40,000 has a standard error of 0.0012.
    assert np.abs(pairs - 1 / 16).max() < 0.005


def test_names_stay_distinct_when_three_syllables_are_too_few() -> None:
    names = nonsense_names(80**3 + 1, np.random.default_rng(0))
    assert len(set(names)) == 80**3 + 1


def test_names_can_be_read_aloud() -> None:
    for name in nonsense_names(100, np.random.default_rng(0)):
        assert name.isalpha()
        assert name.istitle()
        assert all((letter in "aeiou") == (place % 2 == 1) for place, letter in enumerate(name.lower()))


def test_a_limit_of_aliases_that_suffices_changes_nothing() -> None:
    free = Statements().draw(30, np.random.default_rng(1))
    limited = Statements(n_aliases=31).draw(30, np.random.default_rng(1))
    assert np.array_equal(free.answers, limited.answers)


def test_a_limit_of_aliases_below_what_the_groups_need_is_refused_with_both_numbers() -> None:
    with pytest.raises(UsageError, match=r"need 30 aliases, but n_aliases = 29; raise n_aliases"):
        Statements(n_aliases=29).draw(30, np.random.default_rng(0))


def test_one_answer_class_is_refused() -> None:
    with pytest.raises(UsageError, match=r"n_answers = 1: Input should be greater than or equal to 2"):
        configure(Statements, {"n_answers": 1}, "world 'statements'")


def test_more_answer_classes_than_can_be_counted_are_refused() -> None:
    with pytest.raises(UsageError, match="up to 32767"):
        Statements(n_answers=40_000)


def test_no_question_is_refused() -> None:
    with pytest.raises(UsageError, match="n_questions = 0"):
        Statements(n_questions=0)


def test_options_survive_a_round_trip() -> None:
    source = Statements(n_questions=3, n_aliases=90)
    assert configure(Statements, options_of(source), "world") == source


def test_the_description_says_what_is_asked() -> None:
    assert Statements(n_questions=3, n_answers=5).describe() == "3 questions of 5 equally likely answers each"
