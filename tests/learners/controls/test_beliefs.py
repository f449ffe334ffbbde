"""The ideal observer does Bayes' sums right: against numbers worked out by hand."""

import numpy as np
import pytest

from iml_general.learner import Batch
from learners.controls.beliefs import LAPSE
from learners.controls.ideal_observer import IdealObserver


def all_true(tag: int, aliases: tuple[int, ...]) -> list[tuple[int, int, int, int]]:
    return [(t, a, q, a % 2) for a in aliases for q in (0, 1) for t in (0, tag)]


def all_false(tag: int, aliases: tuple[int, ...]) -> list[tuple[int, int, int, int]]:
    return [(t, a, q, (a + (t > 0)) % 2) for a in aliases for q in (0, 1) for t in (0, tag)]


def answer(batch: Batch, tag: int, alias: int, question: int) -> np.ndarray:
    observer = IdealObserver()
    return observer.predict(observer.fit(batch, 0), np.array([[tag, alias, question]]))[0]


# Aliases 0 to 2 under tag 1, 3 to 5 under tag 2, two questions of two answers. Every question's marginal
# is (1 + 3) / (2 + 6) = 1/2, so two matches make "true" four times as likely as "false": 4/5 at rho 1/2.
TRUSTED = all_true(1, (0, 1, 2)) + all_false(2, (3, 4, 5))


def test_reliabilities_are_those_computed_by_hand(codes):
    state = IdealObserver().fit(codes(TRUSTED), 0)
    assert np.array_equal(state.marginals, np.full((2, 2), 0.5))
    # Bayes factor: B(1 + 2.4, 1 + 0.6) B(1, 1 + 3) / B(1 + 2.4, 1 + 3.6) = 3.5, above 3.
    np.testing.assert_allclose(state.reliability, [1, (1 + 2.4) / (2 + 3), 1 / (2 + 3), 1 / 2], atol=1e-5)


def test_tags_without_positive_evidence_that_they_differ_share_one_reliability(codes):
    few = all_true(1, (0, 1)) + all_false(2, (2, 3))  # Bayes factor 2.0
    state = IdealObserver().fit(codes(few), 0)
    assert state.reliability[1] == state.reliability[2]
    np.testing.assert_allclose(state.reliability[1], (1 + 1.6) / (2 + 4), atol=1e-5)
    assert state.reliability[3] == 0.5


def test_a_statement_is_believed_as_far_as_its_tag_is_reliable(codes):
    rows = codes([*TRUSTED, (1, 6, 0, 1), (2, 6, 1, 1), (3, 7, 0, 1)])
    # The class told has rho + (1 - rho) / 2 of the probability, as marginals are even.
    for tag, alias, question, rho in ((1, 6, 0, 0.68), (2, 6, 1, 0.2), (3, 7, 0, 0.5)):
        assert answer(rows, 0, alias, question)[1] == pytest.approx((1 + rho) / 2, abs=1e-5), tag


def test_in_a_conflict_the_odds_multiply(codes):
    rows = codes([*TRUSTED, (1, 6, 0, 0), (2, 6, 0, 1)])
    says_0, says_1 = (0.84 * 0.40), (0.16 * 0.60)  # (1 + rho) / 2 and (1 - rho) / 2 of both tags
    assert answer(rows, 0, 6, 0)[0] == pytest.approx(says_0 / (says_0 + says_1), abs=1e-5)


def test_an_alias_question_rows_tell_whether_its_other_statements_are_true(codes):
    corroborated = [(0, 6, 0, 0), (1, 6, 0, 0), (1, 6, 1, 0)]
    contradicted = [(0, 7, 0, 1), (1, 7, 0, 0), (1, 7, 1, 0)]
    rows = codes([*TRUSTED, *corroborated, *contradicted])
    # Tag 1: 2.4 + 2/3 + 0 of 5 aliases true; Bayes factor 2.2, so it shares tag 2's 0 of 3.
    rho = (1 + 2.4 + 2 / 3) / (2 + 8)
    trust = 2 * rho / (1 + rho)  # one match doubles the odds
    assert answer(rows, 0, 6, 1)[0] == pytest.approx((1 + trust) / 2, abs=1e-5)
    assert answer(rows, 0, 7, 1)[0] == pytest.approx(0.5, abs=10 * LAPSE)


def test_rows_seen_are_remembered_and_others_answered_as_their_question(codes):
    rows = codes([*TRUSTED, (2, 6, 0, 1), (0, 7, 0, 1)])
    assert answer(rows, 0, 7, 0).tolist() == [0, 1]
    assert answer(rows, 2, 6, 0).tolist() == [0, 1]
    assert answer(rows, 1, 7, 0).tolist() == [0, 1]
    assert answer(rows, 1, 6, 0).tolist() == answer(rows, 0, 6, 0).tolist()


def test_without_a_statement_the_marginal_is_answered(codes):
    rows = codes([(0, alias, 0, int(alias < 1)) for alias in range(4)])
    assert answer(rows, 0, 7, 0) == pytest.approx([4 / 6, 2 / 6])
    assert answer(codes([]), 1, 7, 0).tolist() == [0.5, 0.5]


def test_statements_learned_later_count_as_if_learned_at_once_and_test_no_tag(codes):
    observer, later = IdealObserver(), codes([(1, 6, 0, 1), (2, 6, 0, 0)])
    first = observer.fit(codes(TRUSTED), 0)
    reliability = first.reliability.copy()
    updated, at_once = observer.update(first, later, 1), observer.fit(codes(TRUSTED) + later, 2)
    probes = np.array([[tag, alias, q] for tag in range(4) for alias in range(8) for q in range(2)])
    assert np.array_equal(observer.predict(updated, probes), observer.predict(at_once, probes))
    assert np.array_equal(updated.reliability, reliability)
    assert not np.array_equal(observer.predict(first, probes), observer.predict(updated, probes))


def test_any_number_of_sources_is_weighed_each_by_its_own_record(codes):
    three = [*TRUSTED, *all_true(3, (6, 7))]
    state = IdealObserver().fit(codes([*three, (4, 0, 0, 1)], n_tags=6), 0)
    # 4/5 of each match and no mismatch at rho 1/2, as above; tags 4 and 5 are never put to the test.
    expected = [1, (1 + 2.4) / (2 + 3), 1 / (2 + 3), (1 + 1.6) / (2 + 2), 1 / 2, 1 / 2]
    np.testing.assert_allclose(state.reliability[:4], expected[:4], atol=1e-5)
    assert state.reliability[5] == 0.5
