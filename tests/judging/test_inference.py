"""Statistics of one sample: by hand, and against scipy and statsmodels."""

import itertools
import math
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import TTestPower
from statsmodels.stats.weightstats import ttost_paired

from iml_general.judging.inference import (
    holm,
    infer,
    infer_all,
    power_of_t_test,
    seeds_for_power,
    t_inferences,
)
from iml_general.judging.sign_flips import EXACT_SEEDS, FLIPS, sign_flip_p, sign_flip_ps

samples = st.lists(st.floats(-1, 1).map(lambda x: round(x, 3)), min_size=2, max_size=12).map(np.array)


def test_interval_and_t_test_by_hand() -> None:
    found = infer(np.array([0.1, 0.2, 0.3]), sesoi=0.02)
    # Standard error 0.1 / sqrt(3) = 0.057735; t = 0.2 / 0.057735 = 3.4641 on 2 degrees of freedom,
    # where p = 1 - t / sqrt(t^2 + 2) = 0.07418; the 97.5% quantile is 4.30265.
    assert found.mean == pytest.approx(0.2)
    assert found.sd == pytest.approx(0.1)
    assert found.low == pytest.approx(0.2 - 4.30265 * 0.057735, abs=1e-5)
    assert found.high == pytest.approx(0.2 + 4.30265 * 0.057735, abs=1e-5)
    assert found.p == pytest.approx(0.07418, abs=1e-5)


def test_sign_flips_by_hand() -> None:
    # Of the 8 sign flips of three positive numbers, only +++ and --- are as extreme.
    assert infer(np.array([0.1, 0.2, 0.3]), sesoi=0.02).p_sign_flip == pytest.approx(2 / 8)


@given(effects=samples)
def test_sign_flips_equal_full_enumeration(effects: np.ndarray) -> None:
    found = infer(effects, sesoi=0.02)
    if np.ptp(effects) < 1e-12:
        return
    flips = np.array(list(itertools.product([1, -1], repeat=len(effects))))
    means = np.abs((flips * effects).mean(axis=1))
    exact = (means >= abs(effects.mean()) - 1e-12).mean()
    assert found.p_sign_flip == pytest.approx(exact)


def test_sign_flips_of_twenty_seeds_reach_the_smallest_p_there_is() -> None:
    assert sign_flip_p(np.linspace(0.1, 0.3, 20)) == 2.0 ** (1 - 20)


def test_sign_flips_of_many_seeds_are_sampled_and_come_near_the_t_test() -> None:
    effects = np.random.default_rng(1).normal(0.01, 0.05, size=EXACT_SEEDS + 10)
    p = sign_flip_p(effects)
    assert p == sign_flip_p(effects)
    assert p == pytest.approx(stats.ttest_1samp(effects, 0).pvalue, abs=0.02)


@pytest.mark.parametrize("n_seeds", [EXACT_SEEDS + 1, EXACT_SEEDS + 30])
def test_sampled_sign_flips_are_those_of_scipy_also_where_means_are_tied(n_seeds: int) -> None:
    generator = np.random.default_rng(n_seeds)
    samples = np.concatenate(
        [
            generator.normal(0.02, 0.1, size=(3, n_seeds)),
            generator.integers(-2, 4, size=(3, n_seeds)) / 7,  # so that many flips have one and the same mean
            np.full((1, n_seeds), 0.1),
        ]
    )
    expected = [
        stats.permutation_test(
            (effects,),
            lambda x, axis: np.round(np.abs(np.mean(x, axis=axis)), 12),
            permutation_type="samples",
            alternative="greater",
            vectorized=True,
            n_resamples=FLIPS,
            rng=np.random.default_rng(0),
        ).pvalue
        for effects in samples
    ]
    assert sign_flip_ps(samples) == expected


def test_many_samples_of_many_seeds_take_no_more_memory_than_a_few() -> None:
    many = np.random.default_rng(0).normal(0.01, 0.05, size=(8, 300))
    infer(many[0], 0.02)  # the flips are remembered
    peaks = []
    for block in (many[:1], many):
        tracemalloc.start()
        infer_all(list(block), [0.02] * len(block))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0]


@given(effects=st.lists(samples.filter(lambda x: len(x) >= 4).map(lambda x: x[:4]), min_size=1, max_size=5))
def test_samples_tested_together_give_what_they_give_alone(effects: list[np.ndarray]) -> None:
    together = t_inferences(np.array(effects), 0.02)
    for one, sample in zip(together, effects, strict=True):
        alone = t_inferences(sample[None, :], 0.02)[0]
        assert vars(one) == pytest.approx(vars(alone))


@settings(max_examples=15)
@given(effects=st.lists(samples, max_size=12), sesois=st.lists(st.sampled_from([0.02, 0.05]), min_size=12))
def test_inferred_together_every_sample_has_the_statistics_that_it_has_alone(
    effects: list[np.ndarray], sesois: list[float]
) -> None:
    few = [np.array([]), np.array([0.3]), *effects]
    thresholds = [0.02, 0.05, *sesois][: len(few)]
    for one, sample, sesoi in zip(infer_all(few, thresholds), few, thresholds, strict=True):
        alone = infer(sample, sesoi)
        assert one.p_equivalence == pytest.approx(alone.p_equivalence)
        assert replace(one, p_equivalence=alone.p_equivalence) == alone


@given(p_values=st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_is_that_of_statsmodels(p_values: list[float]) -> None:
    assert holm(p_values) == pytest.approx(list(multipletests(p_values, method="holm")[1]))


def test_holm_by_hand() -> None:
    # 0.01 x 3; 0.03 x 2 = 0.06; 0.04 x 1, but not below its predecessor
    assert holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])
    assert holm([]) == []


@given(effects=samples, sesoi=st.floats(0.01, 0.5))
def test_equivalence_is_that_of_a_paired_test_against_zero(effects: np.ndarray, sesoi: float) -> None:
    if np.ptp(effects) < 1e-9:
        return
    reference = ttost_paired(effects, np.zeros(len(effects)), -sesoi, sesoi)[0]
    assert infer(effects, sesoi).p_equivalence == pytest.approx(reference)


@given(effects=samples)
def test_mirrored_effects_give_mirrored_statistics(effects: np.ndarray) -> None:
    one, mirror = infer(effects, 0.02), infer(-effects, 0.02)
    assert mirror.mean == pytest.approx(-one.mean, abs=1e-12)
    assert mirror.low == pytest.approx(-one.high, abs=1e-9)
    assert mirror.p == pytest.approx(one.p)
    assert mirror.p_sign_flip == pytest.approx(one.p_sign_flip)
    assert mirror.p_equivalence == pytest.approx(one.p_equivalence)


def test_the_bootstrap_interval_is_near_the_t_interval_for_a_well_behaved_sample() -> None:
    effects = np.random.default_rng(0).normal(0.1, 0.05, size=20)
    found = infer(effects, 0.02)
    assert found.bca_low == pytest.approx(found.low, abs=0.01)
    assert found.bca_high == pytest.approx(found.high, abs=0.01)
    reference = stats.bootstrap((effects,), np.mean, method="BCa", rng=1).confidence_interval
    assert found.bca_low == pytest.approx(reference.low, abs=0.003)


def test_no_spread_around_zero_is_equivalent_and_far_from_significant() -> None:
    found = infer(np.zeros(8), sesoi=0.02)
    assert (found.mean, found.p, found.p_equivalence, found.sd) == (0, 1, 0, 0)


def test_no_spread_elsewhere_has_the_p_of_its_sign_flips() -> None:
    found = infer(np.full(8, 0.1), sesoi=0.02)
    assert found.p == 2 / 2**8
    assert (found.low, found.high) == (pytest.approx(0.1), pytest.approx(0.1))
    assert found.p_equivalence == 1


def test_no_spread_near_zero_takes_some_seeds_to_be_equivalent() -> None:
    # Each one-sided sign-flip test against the SESOI has p = 2^-n: 1/16 is not below 0.05, 1/32 is.
    assert infer(np.full(4, 0.01), sesoi=0.02).p_equivalence == 1 / 16
    assert infer(np.full(5, 0.01), sesoi=0.02).p_equivalence == 1 / 32


def test_differences_by_rounding_alone_are_no_spread() -> None:
    found = infer(np.array([0.3 - 0.2, 0.1, 0.4 - 0.3]), sesoi=0.02)
    assert found.sd == 0
    assert found.p == 2 / 2**3


@pytest.mark.parametrize("effects", [[], [0.3]])
def test_fewer_than_two_seeds_have_no_interval_and_no_p(effects: list[float]) -> None:
    found = infer(np.array(effects), sesoi=0.02)
    assert found.n_seeds == len(effects)
    assert (found.low, found.p, found.p_equivalence, found.p_sign_flip) == (None, None, None, None)


@given(effects=samples)
def test_statistics_are_finite_or_none(effects: np.ndarray) -> None:
    found = infer(effects, 0.02)
    assert all(number is None or math.isfinite(number) for number in vars(found).values())


@given(d=st.floats(0.05, 3), alpha=st.sampled_from([0.05, 0.01, 0.05 / 40]))
def test_the_needed_seeds_are_enough_and_one_fewer_is_not(d: float, alpha: float) -> None:
    n = seeds_for_power(d, 1.0, alpha, 0.8)
    assert power_of_t_test(d, n, alpha) >= 0.8
    assert n == 2 or power_of_t_test(d, n - 1, alpha) < 0.8


@given(d=st.floats(0.1, 2), n=st.integers(2, 60), alpha=st.sampled_from([0.05, 0.01]))
def test_power_is_the_upper_tail_of_statsmodels(d: float, n: int, alpha: float) -> None:
    reference = TTestPower().power(d, n, alpha / 2, alternative="larger")
    assert power_of_t_test(d, n, alpha) == pytest.approx(reference)


def test_a_textbook_sample_size() -> None:
    # Cohen (1988): a medium effect d = 0.5, two-sided 5%, 80% power, one sample: 34.
    assert seeds_for_power(0.5, 1.0, 0.05, 0.8) == 34
