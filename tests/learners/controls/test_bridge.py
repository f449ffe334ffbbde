"""What follows from statements that answer no question that is asked, as the ideal observer learns it."""

import numpy as np
import pytest

from learners.controls.bridge import NOT_TOLD, Bridge

N_NAMES, N_QUESTIONS = 4, 5
FOLLOWS = np.array([[0, 0, 0, 1, 1], [1, 0, 1, 0, 1], [0, 1, 1, 1, 0], [1, 1, 0, 0, 0]])
MARGINALS = np.concatenate([np.full((1, N_NAMES), 0.25), np.tile([0.49, 0.49, 0.01, 0.01], (N_QUESTIONS, 1))])


def told(n: int, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Statements under two tags, the first true, about n aliases each; and the aliases' names."""
    names = generator.integers(N_NAMES, size=2 * n)
    said = np.full((3, 2 * n, 1 + N_QUESTIONS), NOT_TOLD)
    said[0, :, 1:] = FOLLOWS[names]
    said[1, :n, 0] = names[:n]
    said[2, n:, 0] = (names[n:] + generator.integers(1, N_NAMES, size=n)) % N_NAMES
    return said, names


def test_what_follows_is_learned_although_half_of_the_statements_are_false() -> None:
    said, _ = told(60, np.random.default_rng(2))
    bridge = Bridge.learned(said, MARGINALS)
    assert bridge is not None
    assert bridge.named == 0
    assert np.array_equal(bridge.follows[:, 1:].argmax(axis=2), FOLLOWS)
    assert bridge.follows.sum(axis=2) == pytest.approx(1)
    true, false = bridge.evidence[0, :60], bridge.evidence[1, 60:]
    assert true.min() > 0
    assert (false < 0).mean() > 0.95


def test_who_is_believed_is_followed_across_the_bridge() -> None:
    generator = np.random.default_rng(3)
    said, _ = told(60, generator)
    new = np.full((3, 1, 1 + N_QUESTIONS), NOT_TOLD)
    new[1, 0, 0], new[2, 0, 0] = 2, 1
    said = np.concatenate([said, new], axis=1)
    bridge = Bridge.learned(said, MARGINALS)
    assert bridge is not None
    first, second = (
        bridge.answers(said, MARGINALS, np.array(trust))[-1, 1:] for trust in ([0.99, 0.01], [0.01, 0.99])
    )
    assert np.array_equal(first.argmax(axis=1), FOLLOWS[2])
    assert np.array_equal(second.argmax(axis=1), FOLLOWS[1])


def test_an_alias_own_answers_narrow_down_what_it_may_be() -> None:
    said, names = told(60, np.random.default_rng(4))
    held_out = said[0, 0, 1]
    said[0, 0, 1], said[1, 0] = NOT_TOLD, NOT_TOLD  # of the first alias nobody speaks
    bridge = Bridge.learned(said, MARGINALS)
    assert bridge is not None
    answer = bridge.answers(said, MARGINALS, np.array([0.9, 0.1]))[0, 1]
    assert answer.argmax() == held_out == FOLLOWS[names[0], 0]
    assert answer.max() > 0.8


def test_entities_say_what_follows_without_any_alias() -> None:
    said = np.full((2, N_NAMES + 1, 1 + N_QUESTIONS), NOT_TOLD)
    said[0, :N_NAMES, 0] = np.arange(N_NAMES)
    said[0, :N_NAMES, 1:] = FOLLOWS
    said[1, N_NAMES, 0] = 2  # an alias of which nothing else is known
    bridge = Bridge.learned(said, MARGINALS)
    assert bridge is not None
    assert np.array_equal(bridge.follows[:, 1:].argmax(axis=2), FOLLOWS)
    answers = bridge.answers(said, MARGINALS, np.array([0.9]))[N_NAMES].argmax(axis=1)
    assert answers.tolist() == [2, *FOLLOWS[2]]
    assert not bridge.tested.any()  # no question row of an alias says who is right


def test_where_statements_answer_what_is_asked_there_is_no_bridge() -> None:
    said, _ = told(20, np.random.default_rng(5))
    said[0, 0, 0] = 1
    assert Bridge.learned(said, MARGINALS) is None
