"""The order of decision: of the verdict on one endpoint, and of the finding."""

import itertools
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iml_general.judging.decision import FINDINGS, VERDICTS, VerdictSettings, decide, finding
from iml_general.judging.inference import infer

Around = Callable[..., list[float]]

SETTINGS = VerdictSettings()


def verdict(
    effects: list[float],
    p: float = 0.001,
    sesoi: float = 0.02,
    carried_over: float | None = 0.5,
    is_saturated: bool = False,
) -> str:
    inference = infer(np.array(effects), sesoi)
    return decide(inference, p, sesoi, SETTINGS, carried_over=carried_over, is_saturated=is_saturated)


@pytest.mark.parametrize(("carried_over", "expected"), [(0.019, "not internalised"), (0.02, "present")])
def test_what_carried_over_is_asked_before_anything_else(
    carried_over: float, expected: str, around: Around
) -> None:
    assert verdict(around(0.1), carried_over=carried_over) == expected


def test_where_unseen_was_not_measured_nothing_is_said_to_have_failed_to_carry_over(around: Around) -> None:
    assert verdict(around(0.1), carried_over=None) == "present"


@pytest.mark.parametrize(("p", "expected"), [(0.049, "present"), (0.05, "inconclusive")])
def test_a_corrected_p_at_the_level_or_above_is_not_present(p: float, expected: str, around: Around) -> None:
    assert verdict(around(0.1), p) == expected


@pytest.mark.parametrize("sesoi", [0.02, 0.05])
@pytest.mark.parametrize(("beyond", "expected"), [(0.0, "present"), (-0.001, "inconclusive")])
def test_a_mean_below_the_smallest_effect_of_interest_is_not_present(
    sesoi: float, beyond: float, expected: str, around: Around
) -> None:
    effects = around(sesoi + beyond, sd=0.008)
    assert verdict(effects, sesoi=sesoi) == expected
    mirrored = verdict([-one for one in effects], sesoi=sesoi)
    assert mirrored == {"present": "reversed"}.get(expected, expected)


def test_an_effect_of_interest_on_one_scale_is_none_on_another(around: Around) -> None:
    effects = around(0.03, sd=0.005)
    assert verdict(effects, sesoi=SETTINGS.sesoi) == "present"
    assert verdict(effects, sesoi=SETTINGS.sesoi_trust) == "absent"


def test_significance_comes_before_equivalence_and_both_before_inconclusive(around: Around) -> None:
    assert verdict(around(0.01, sd=0.001)) == "absent"  # significant, and surely too small
    assert verdict(around(0.03, sd=0.1), p=0.5) == "inconclusive"


@pytest.mark.parametrize(("gap", "expected"), [(0.0, "saturated"), (0.1, "present"), (-0.1, "reversed")])
def test_at_the_ceiling_only_absence_has_another_word(gap: float, expected: str, around: Around) -> None:
    assert verdict(around(gap), is_saturated=True) == expected


def test_at_the_ceiling_what_is_open_stays_open(around: Around) -> None:
    assert verdict(around(0.03, sd=0.1), p=0.5, is_saturated=True) == "inconclusive"


@pytest.mark.parametrize("effects", [[], [0.1]])
def test_fewer_than_two_seeds_decide_nothing_not_even_that_nothing_carried_over(effects: list[float]) -> None:
    assert verdict(effects, carried_over=0.0, is_saturated=True) == "inconclusive"


@pytest.mark.parametrize(
    ("trust", "gap", "expected"),
    [
        ("not internalised", "not internalised", "not internalised"),
        ("inconclusive", "not internalised", "not internalised"),  # trust had too few seeds
        ("present", "absent", "trusts"),
        ("present", "saturated", "trusts"),
        ("present", "reversed", "trusts"),
        ("reversed", "present", "distrusts"),
        ("reversed", "inconclusive", "distrusts"),
        ("absent", "present", "gap only"),
        ("absent", "reversed", "gap only"),
        ("inconclusive", "present", "gap only"),
        ("absent", "absent", "no trust"),
        ("absent", "saturated", "no trust"),
        ("absent", "inconclusive", "no trust"),
        ("inconclusive", "absent", "undecided"),
        ("inconclusive", "saturated", "undecided"),
        ("inconclusive", "inconclusive", "undecided"),
    ],
)
def test_findings_in_the_order_of_decision(trust: str, gap: str, expected: str) -> None:
    assert finding(trust, gap) == expected


def test_every_two_verdicts_come_to_a_finding_and_a_claim_needs_trust() -> None:
    for trust, gap in itertools.product(VERDICTS, repeat=2):
        assert finding(trust, gap) in FINDINGS
        if finding(trust, gap) in ("trusts", "distrusts"):
            assert trust in ("present", "reversed")
    reached = {finding(trust, gap) for trust, gap in itertools.product(VERDICTS, repeat=2)}
    assert reached == set(FINDINGS)


effect_lists = st.lists(st.floats(-0.4, 0.4).map(lambda x: round(x, 3)), max_size=9)


@given(
    effects=effect_lists,
    p=st.floats(0, 1),
    carried_over=st.none() | st.floats(-0.1, 0.5),
    is_saturated=st.booleans(),
)
def test_every_verdict_is_one_of_the_six_words(
    effects: list[float], p: float, carried_over: float | None, is_saturated: bool
) -> None:
    assert verdict(effects, p, carried_over=carried_over, is_saturated=is_saturated) in VERDICTS
