"""What S paired controlled effects say of their mean: METHOD section 5, by scipy and statsmodels."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from statsmodels.stats.weightstats import DescrStatsW

CONFIDENCE = 0.95
RESAMPLES = 9999  # of the two robustness checks; sign flips are exact up to 13 seeds
NO_SPREAD = 1e-12  # effects are differences of shares: what differs by less differs by rounding
MOST_SEEDS = 1_000_000


@dataclass(frozen=True)
class Inference:
    """Statistics of one sample of paired effects; None where they are undefined.

    Attributes:
        n_seeds: Number of seeds.
        mean: Mean effect.
        sd: Standard deviation over seeds.
        low: Lower end of the 95% t-interval.
        high: Upper end of the 95% t-interval.
        p: Two-sided one-sample t-test against 0.
        p_equivalence: The larger p of two one-sided t-tests against +-SESOI.
        bca_low: Lower end of the 95% BCa bootstrap interval.
        bca_high: Upper end of the 95% BCa bootstrap interval.
        p_sign_flip: Two-sided sign-flip permutation test.
    """

    n_seeds: int
    mean: float | None = None
    sd: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    p_equivalence: float | None = None
    bca_low: float | None = None
    bca_high: float | None = None
    p_sign_flip: float | None = None


def infer(effects: NDArray[np.float64], sesoi: float) -> Inference:
    """Estimate a mean effect, test it, and check the test's robustness.

    Args:
        effects: One controlled effect per seed, shape (n_seeds,).
        sesoi: Smallest effect of interest.

    Returns:
        All statistics. With fewer than two seeds there is no spread, and only the mean is given.
    """
    tested = t_inference(effects, sesoi)
    if not tested.sd:  # the robustness checks need spread to work on
        return replace(tested, bca_low=tested.low, bca_high=tested.high, p_sign_flip=tested.p)
    bca_low, bca_high = _bca(effects)
    return replace(tested, bca_low=bca_low, bca_high=bca_high, p_sign_flip=_sign_flip(effects))


def t_inference(effects: NDArray[np.float64], sesoi: float) -> Inference:
    """Estimate a mean effect, and test it against 0 and for equivalence to 0.

    Args:
        effects: One controlled effect per seed, shape (n_seeds,).
        sesoi: Smallest effect of interest.

    Returns:
        The statistics that verdicts rest on. With no spread among two or more seeds, p is 1 and
        p_equivalence 0 if the mean is 0; otherwise p is that of the sign flips.
    """
    n = len(effects)
    if n < 2:
        return Inference(n, float(effects.mean()) if n else None)
    mean = float(effects.mean())
    if np.ptp(effects) < NO_SPREAD:
        # All effects have one sign, or all are 0: of the 2^n sign flips, two are as extreme, or all.
        p = 1.0 if abs(mean) < NO_SPREAD else 2.0 ** (1 - n)
        return Inference(n, mean, 0.0, mean, mean, p, 0.0 if abs(mean) < sesoi else 1.0)
    test = stats.ttest_1samp(effects, 0.0)
    interval = test.confidence_interval(CONFIDENCE)
    return Inference(
        n_seeds=n,
        mean=mean,
        sd=float(effects.std(ddof=1)),
        low=float(interval.low),
        high=float(interval.high),
        p=float(test.pvalue),
        p_equivalence=float(DescrStatsW(effects).ttost_mean(-sesoi, sesoi)[0]),
    )


def seeds_for_power(effect: float, sd: float, alpha: float, power: float) -> int:
    """How many seeds a two-sided one-sample t-test needs.

    Args:
        effect: Mean effect to detect, > 0.
        sd: Standard deviation over seeds, > 0.
        alpha: Level of the test.
        power: Probability of detecting the effect, in (0, 1).

    Returns:
        The smallest sufficient number of seeds, at most `MOST_SEEDS`.
    """
    enough, too_few = 2, 1
    while enough < MOST_SEEDS and power_of_t_test(effect / sd, enough, alpha) < power:
        enough, too_few = 2 * enough, enough
    while enough - too_few > 1:
        middle = (enough + too_few) // 2
        if power_of_t_test(effect / sd, middle, alpha) < power:
            too_few = middle
        else:
            enough = middle
    return min(enough, MOST_SEEDS)


def power_of_t_test(d: float, n: int, alpha: float) -> float:
    """Probability that a two-sided one-sample t-test detects an effect.

    The chance of detecting it with the wrong sign, which statsmodels adds, is left out: it is
    below 1e-3 wherever the power is of interest, and scipy gives NaN for it at large effects.

    Args:
        d: Mean effect in standard deviations, > 0.
        n: Number of seeds, at least 2.
        alpha: Level of the test.

    Returns:
        Upper tail of the noncentral t distribution (Cohen 1988, chapter 2).
    """
    critical = stats.t.isf(alpha / 2, n - 1)
    return float(stats.nct.sf(critical, n - 1, d * math.sqrt(n)))


def _bca(effects: NDArray[np.float64]) -> tuple[float | None, float | None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a degenerate sample gives NaN, which is dealt with here
        interval = stats.bootstrap(
            (effects,),
            np.mean,
            n_resamples=RESAMPLES,
            confidence_level=CONFIDENCE,
            method="BCa",
            rng=np.random.default_rng(0),
        ).confidence_interval
    low, high = float(interval.low), float(interval.high)
    return (low, high) if math.isfinite(low) and math.isfinite(high) else (None, None)


def _sign_flip(effects: NDArray[np.float64]) -> float:
    test = stats.permutation_test(
        (effects,),
        # Rounded, so that means that are equal but for the order of summation count as equal.
        lambda x, axis: np.round(np.abs(np.mean(x, axis=axis)), 12),
        permutation_type="samples",
        alternative="greater",
        vectorized=True,
        n_resamples=RESAMPLES,
        rng=np.random.default_rng(0),
    )
    return float(test.pvalue)
