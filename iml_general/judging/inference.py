"""What S paired controlled effects say of their mean: METHOD section 5, by scipy and statsmodels."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from statsmodels.stats.weightstats import DescrStatsW

from iml_general.judging.sign_flips import NO_SPREAD, sign_flip_ps

CONFIDENCE = 0.95
RESAMPLES = 9999  # of the bootstrap
AT_ONCE = 8  # samples that are resampled together, at most
NUMBERS_AT_ONCE = 2**21  # that are drawn for them: more leave the processor's cache, and fill the memory
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
    return infer_all([effects], [sesoi])[0]


def infer_all(samples: Sequence[NDArray[np.float64]], sesois: Sequence[float]) -> list[Inference]:
    """Do the same for many samples: those that are alike together, which is several times as fast.

    Args:
        samples: One controlled effect per seed each, shape (n_seeds,).
        sesois: Smallest effect of interest of each.

    Returns:
        What `infer` gives for each; only the p of equivalence may differ, in its last digit.
    """
    alike: dict[tuple[int, float], list[int]] = {}
    for place, (effects, sesoi) in enumerate(zip(samples, sesois, strict=True)):
        alike.setdefault((len(effects), sesoi), []).append(place)
    found: dict[int, Inference] = {}
    for (_, sesoi), places in alike.items():
        block = np.stack([samples[place] for place in places])
        found |= zip(places, _inferences(block, sesoi), strict=True)
    return [found[place] for place in range(len(samples))]


def _inferences(block: NDArray[np.float64], sesoi: float) -> Iterator[Inference]:
    """All statistics of samples of one length, one per row."""
    tested = t_inferences(block, sesoi)
    # The robustness checks need spread to work on.
    spread = block[[bool(one.sd) for one in tested]]
    checks = zip(_bca(spread), sign_flip_ps(spread), strict=True)
    for one in tested:
        if one.sd:
            (low, high), p = next(checks)
            yield replace(one, bca_low=low, bca_high=high, p_sign_flip=p)
        else:
            yield replace(one, bca_low=one.low, bca_high=one.high, p_sign_flip=one.p)


def t_inferences(samples: NDArray[np.float64], sesoi: float) -> list[Inference]:
    """Estimate mean effects, and test each against 0 and for equivalence to 0.

    Args:
        samples: One sample of controlled effects per row, shape (n_samples, n_seeds).
        sesoi: Smallest effect of interest.

    Returns:
        The statistics that verdicts rest on, one set per sample.
    """
    n = samples.shape[1]
    if n < 2:
        return [Inference(n, float(effects[0]) if n else None) for effects in samples]
    means = samples.mean(axis=1)
    is_spread = np.ptp(samples, axis=1) >= NO_SPREAD
    spread = samples[is_spread]
    test = stats.ttest_1samp(spread, 0.0, axis=1)
    interval = test.confidence_interval(CONFIDENCE)
    p_equivalence = DescrStatsW(spread.T).ttost_mean(-sesoi, sesoi)[0]
    sd = spread.std(axis=1, ddof=1)
    columns = (means[is_spread], sd, interval.low, interval.high, test.pvalue, p_equivalence)
    tested = (Inference(n, *row) for row in np.column_stack(columns).tolist())
    return [
        next(tested) if has_spread else _without_spread(n, mean, sesoi)
        for has_spread, mean in zip(is_spread, means.tolist(), strict=True)
    ]


def holm(p_values: Sequence[float]) -> list[float]:
    """Correct p values that are claimed together (Holm 1979); their dependence does not matter.

    Ours because that of statsmodels collects garbage, 0.05 s, whenever it is called.

    Args:
        p_values: P values of one family.

    Returns:
        Corrected p values in the same order, each at least as large and at most 1.
    """
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p)
    corrected = np.empty_like(p)
    corrected[order] = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    return [float(one) for one in np.minimum(corrected, 1.0)]


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


def _bca(block: NDArray[np.float64]) -> Iterator[tuple[float | None, float | None]]:
    """Ends of the bootstrap interval of every row; None where the sample is degenerate."""
    at_once = max(1, min(AT_ONCE, NUMBERS_AT_ONCE // (RESAMPLES * block.shape[1])))
    for start in range(0, len(block), at_once):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a degenerate sample gives NaN, which is dealt with here
            interval = stats.bootstrap(
                (block[start : start + at_once],),
                # Added up in one order: an interval does not depend on what else is drawn at once.
                lambda resamples, axis: np.ascontiguousarray(resamples).mean(axis=axis),
                n_resamples=RESAMPLES,
                confidence_level=CONFIDENCE,
                method="BCa",
                axis=1,
                vectorized=True,
                rng=np.random.default_rng(0),
            ).confidence_interval
        for low, high in zip(interval.low.tolist(), interval.high.tolist(), strict=True):
            yield (low, high) if math.isfinite(low) and math.isfinite(high) else (None, None)


def _without_spread(n: int, mean: float, sesoi: float) -> Inference:
    """Both tests by sign flips, for want of a spread: METHOD section 5."""
    one_sided = 2.0**-n  # of the 2^n sign flips of n equal numbers, one has a mean as large
    if abs(mean) < NO_SPREAD:
        p, p_equivalence = 1.0, 0.0
    else:
        p, p_equivalence = 2 * one_sided, one_sided if abs(mean) < sesoi else 1.0
    return Inference(n, mean, 0.0, mean, mean, p, p_equivalence)
