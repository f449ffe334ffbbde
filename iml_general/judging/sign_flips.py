"""Sign flips: how often a mean is as extreme as it is if the signs of effects are a matter of chance."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

NO_SPREAD = 1e-12  # effects are differences of shares: what differs by less differs by rounding
EXACT_SEEDS = 30  # up to here all sign flips are tried; their sums are those of two halves of 2^15
FLIPS = 9999  # where there are too many to try all
AT_ONCE = 1000  # of them: what is made of more leaves the processor's cache
SAMPLES_AT_ONCE = 128
DIGITS = 12  # means that are equal but for the order of summation count as equal


def sign_flip_p(effects: NDArray[np.float64]) -> float:
    """Test a mean against 0 by flipping the signs of effects at random: two-sided permutation test.

    Args:
        effects: One controlled effect per seed, shape (n_seeds,), at least 2.

    Returns:
        The exact share of all sign flips whose mean is as extreme, up to `EXACT_SEEDS` seeds. With
        more seeds the share among `FLIPS` random flips and the one observed.
    """
    return sign_flip_ps(effects[None])[0]


def sign_flip_ps(samples: NDArray[np.float64]) -> list[float]:
    """Do the same for many samples.

    Args:
        samples: One sample of effects per row, shape (n_samples, n_seeds).

    Returns:
        What `sign_flip_p` gives for each.
    """
    if samples.shape[1] <= EXACT_SEEDS:
        return [_exact(effects) for effects in samples]
    found: list[float] = []
    for start in range(0, len(samples), SAMPLES_AT_ONCE):
        found += _drawn(samples[start : start + SAMPLES_AT_ONCE])
    return found


def _exact(effects: NDArray[np.float64]) -> float:
    # Meet in the middle: every sum is one of each half's, and only the halves are enumerated.
    first, second = (_signed_sums(half) for half in np.array_split(effects, 2))
    extreme = abs(effects.sum()) - NO_SPREAD
    # Sums lie symmetrically around 0: as many are at most -extreme as are at least +extreme.
    above = len(second) - np.searchsorted(np.sort(second), extreme - first)
    return min(1.0, int(above.sum()) / len(first) / len(second) * 2)


def _drawn(samples: NDArray[np.float64]) -> list[float]:
    """The shares among random flips, which are the same for all samples: one product of matrices."""
    n = samples.shape[1]
    observed = np.round(np.abs(samples.mean(axis=1)), DIGITS)
    extreme = observed - 100 * np.finfo(np.float64).eps * observed  # as scipy has it
    as_extreme, flips = np.zeros(len(samples), dtype=np.int64), _flips(n)
    for start in range(0, FLIPS, AT_ONCE):
        means = flips[start : start + AT_ONCE].astype(np.float64) @ samples.T / n
        as_extreme += (np.round(np.abs(means), DIGITS) >= extreme).sum(axis=0)
    return [float(p) for p in (as_extreme + 1) / (FLIPS + 1)]


@lru_cache(maxsize=4)
def _flips(n_seeds: int) -> NDArray[np.int8]:
    """Signs, 1 or -1, shape (FLIPS, n_seeds): those that `scipy.stats.permutation_test` draws from seed 0."""
    generator, drawn = np.random.default_rng(0), []
    for start in range(0, FLIPS, AT_ONCE):
        # It puts each effect beside its negative, and permutes the two.
        pairs = np.tile(np.arange(2), (min(AT_ONCE, FLIPS - start), n_seeds, 1))
        drawn.append((1 - 2 * generator.permuted(pairs, axis=-1)[..., 0]).astype(np.int8))
    return np.concatenate(drawn)


def _signed_sums(effects: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sums of numbers under all choices of their signs, shape (2**n,)."""
    sums = np.zeros(1)
    for effect in effects:
        sums = np.concatenate([sums + effect, sums - effect])
    return sums
