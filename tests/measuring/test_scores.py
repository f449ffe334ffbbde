"""Scores of single probes, worked out by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iml_general.measuring.answer_key import HONEST, NONE, AnswerKey
from iml_general.measuring.layout import FEW, by_columns, first_true, pick
from iml_general.measuring.measures import MEASURES
from iml_general.measuring.scores import CLIP, Answers

NOBODY = np.array([[NONE], [NONE]])


def score(
    p: list[float],
    answer: int,
    n_classes: int = 3,
    ties: list[float] | None = None,
    said: np.ndarray = NOBODY,
    inverse: int = NONE,
    lie: int = NONE,
    beside: int = NONE,
) -> Answers:
    key = AnswerKey(
        right=np.arange(len(p)) == np.array([[answer]]),
        n_classes=np.array([n_classes]),
        said=said,
        inverse=np.array([inverse]),
        lie=np.array([lie]),
        beside=np.array([beside]),
        tie_breaks=np.array([ties or [0.1, 0.2, 0.3]]),
    )
    return Answers.of(np.array([p]), key)


def log_probability(scored: Answers) -> float:
    return float(scored.log_probability[0])


def test_a_sure_right_answer() -> None:
    scored = score([0.0, 1.0, 0.0], answer=1)
    assert scored.correct[0]
    # 1 / (1 + 2e-6) after clipping two zeros at 1e-6 and renormalising
    assert log_probability(scored) == pytest.approx(-math.log1p(2e-6))
    assert scored.brier[0] == pytest.approx(0, abs=1e-10)


def test_a_sure_wrong_answer_costs_a_finite_amount() -> None:
    scored = score([0.0, 1.0, 0.0], answer=0)
    assert not scored.correct[0]
    assert log_probability(scored) == pytest.approx(math.log(CLIP / (1 + 2 * CLIP)))
    assert scored.brier[0] == pytest.approx(2, abs=1e-5)


def test_brier_by_hand() -> None:
    # (0.5 - 1)^2 + 0.3^2 + 0.2^2
    assert score([0.5, 0.3, 0.2], answer=0).brier[0] == pytest.approx(0.38, abs=1e-5)


def test_classes_that_the_question_does_not_have_get_nothing() -> None:
    scored = score([0.2, 0.3, 0.5], answer=1, n_classes=2)
    assert scored.chosen[0] == 1
    assert log_probability(scored) == pytest.approx(math.log(0.6))


def test_ties_are_broken_by_the_given_numbers_not_by_class_order() -> None:
    assert score([0.4, 0.4, 0.2], answer=0, ties=[0.9, 0.1, 0.95]).chosen[0] == 0
    assert score([0.4, 0.4, 0.2], answer=0, ties=[0.1, 0.9, 0.95]).chosen[0] == 1


def test_tiny_differences_below_the_clip_still_decide() -> None:
    assert score([0.0, 0.0, 0.0], answer=0, ties=[0.1, 0.9, 0.2]).chosen[0] == 1
    assert score([1e-8, 0.0, 0.0], answer=0, ties=[0.1, 0.9, 0.2]).chosen[0] == 0


def test_what_two_sources_said_is_followed_and_weighed() -> None:
    scored = score([0.6, 0.3, 0.1], answer=2, said=np.array([[1], [0]]))
    values = {name: float(measure.of(scored)[0]) for name, measure in MEASURES.items()}
    assert values["said_reliable"] == 0
    assert values["said_unreliable"] == 1
    assert values["log_odds_reliable"] == pytest.approx(math.log(0.3 / 0.6))


def test_whoever_takes_the_truth_for_a_lie_inverts_it() -> None:
    inverted = MEASURES["inverted"]
    for p, share in (([0.1, 0.7, 0.2], 1), ([0.7, 0.1, 0.2], 0), ([0.1, 0.2, 0.7], 0)):
        scored = score(p, answer=2, inverse=1)
        assert inverted.defined(scored.key).tolist() == [True]
        assert inverted.of(scored).tolist() == [share]
    assert inverted.defined(score([0.1, 0.7, 0.2], answer=2).key).tolist() == [False]


def test_a_lie_is_believed_or_not_and_beside_it_honest_answers_count() -> None:
    lied, honest = MEASURES["lied"], MEASURES["honest_em"]
    for lie, p, defined, value in (
        (1, [0.1, 0.7, 0.2], lied, 1),
        (1, [0.7, 0.1, 0.2], lied, 0),
        (HONEST, [0.1, 0.2, 0.7], honest, 1),
        (HONEST, [0.1, 0.7, 0.2], honest, 0),
    ):
        scored = score(p, answer=2, lie=lie)
        assert {name for name in ("lied", "honest_em") if MEASURES[name].defined(scored.key)[0]} == {
            "lied" if defined is lied else "honest_em"
        }
        assert defined.of(scored).tolist() == [value]
    nobody = score([0.1, 0.7, 0.2], answer=2)
    assert not lied.defined(nobody.key)[0]
    assert not honest.defined(nobody.key)[0]


@given(number=st.integers(0, 10_000))
def test_random_tie_breaks_choose_every_tied_class_equally(number: int) -> None:
    generator = np.random.default_rng(number)
    n = 3000
    p = np.tile([0.4, 0.4, 0.2], (n, 1))
    said, nothing = np.full((2, n), NONE), np.full(n, NONE)
    right, n_classes = np.tile(np.arange(3) == 0, (n, 1)), np.full(n, 3)
    key = AnswerKey(right, n_classes, said, nothing, nothing, nothing, generator.random((n, 3)))
    scored = Answers.of(p, key)
    assert abs(scored.correct.mean() - 0.5) < 0.06  # over six standard errors
    assert (scored.chosen != 2).all()


def test_any_of_several_right_answers_will_do_and_together_they_are_the_truth() -> None:
    p, right = np.array([[0.5, 0.3, 0.2], [0.1, 0.6, 0.3]]), np.array([[True, False, True]] * 2)
    nothing = np.full(2, NONE)
    key = AnswerKey(right, np.full(2, 3), np.stack([nothing] * 2), *[nothing] * 3, np.full((2, 3), 0.5))
    scored = Answers.of(p, key)
    assert scored.correct.tolist() == [True, False]
    assert np.exp(scored.log_probability) == pytest.approx([0.7, 0.4])
    # (0.7 - 1)^2 + 0.3^2, and (0.4 - 1)^2 + 0.6^2
    assert scored.brier == pytest.approx([0.18, 0.72])


def test_what_stands_beside_is_followed_or_not_whatever_is_right() -> None:
    followed = MEASURES["followed"]
    assert not followed.defined(score([0.1, 0.2, 0.7], answer=2).key)[0]
    for beside, value in ((2, 1.0), (1, 0.0)):
        scored = score([0.1, 0.2, 0.7], answer=1, beside=beside)
        assert followed.defined(scored.key)[0]
        assert followed.of(scored)[0] == value


@pytest.mark.parametrize("n_columns", range(1, 20))
def test_rows_sum_to_the_same_number_to_the_last_digit_however_they_are_laid_out(n_columns: int) -> None:
    rows = np.random.default_rng(n_columns).random((5000, n_columns))
    assert (by_columns(rows).sum(axis=1) == rows.sum(axis=1)).all()


@pytest.mark.parametrize("name", MEASURES)
def test_a_measure_of_some_answers_is_what_it_is_of_all(name: str) -> None:
    generator = np.random.default_rng(0)
    n = 200
    key = AnswerKey(
        np.arange(3) == generator.integers(3, size=(n, 1)),
        np.full(n, 3),
        generator.integers(3, size=(2, n)),
        *generator.integers(3, size=(3, n)),
        generator.random((n, 3)),
    )
    answers = Answers.of(generator.dirichlet(np.ones(3), n), key)
    places = generator.permutation(n)[:50]
    some = answers.at(places, key.at(places))
    assert (MEASURES[name].of(some) == MEASURES[name].of(answers)[places]).all()


@pytest.mark.parametrize("n_columns", [1, 2, FEW - 1, FEW, 2 * FEW])
def test_what_is_found_column_by_column_is_what_numpy_finds_row_by_row(n_columns: int) -> None:
    generator = np.random.default_rng(n_columns)
    rows, columns = generator.random((500, n_columns)), generator.integers(n_columns, size=500)
    hold = rows >= np.median(rows, axis=1, keepdims=True)  # several of most rows
    for layout in (np.ascontiguousarray, np.asfortranarray, by_columns):
        assert (pick(layout(rows), columns) == rows[np.arange(500), columns]).all()
        assert (first_true(layout(hold)) == hold.argmax(axis=1)).all()
