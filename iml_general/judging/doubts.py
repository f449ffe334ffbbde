"""What a verdict leaves open: why it is inconclusive, what would decide it, who objects."""

from __future__ import annotations

import math

from iml_general.judging.decision import VerdictSettings
from iml_general.judging.inference import Inference, seeds_for_power


def why_inconclusive(inference: Inference, p_corrected: float | None, settings: VerdictSettings) -> str:
    """Say what an inconclusive verdict lacks.

    Args:
        inference: Statistics of the paired controlled effects.
        p_corrected: Their p value, Holm-corrected; None if there is none.
        settings: Thresholds.

    Returns:
        A phrase.
    """
    if inference.n_seeds == 0:
        return "no seed was measured under both conditions"
    if inference.n_seeds == 1 or p_corrected is None:
        return "one seed has no spread to test against"
    if p_corrected >= settings.alpha:
        return "neither told apart from 0 nor shown to be equivalent to it"
    return "told apart from 0, but not shown to be below or above the SESOI"


def seeds_needed(
    inference: Inference, p_corrected: float | None, n_tests: int, sesoi: float, settings: VerdictSettings
) -> int | None:
    """Say how many seeds would tell an effect from 0.

    Args:
        inference: Statistics of the paired controlled effects.
        p_corrected: Their p value, Holm-corrected; None if there is none.
        n_tests: How many claims it was corrected for.
        sesoi: The endpoint's smallest effect of interest.
        settings: Thresholds.

    Returns:
        The number; None if seeds are not what is lacking, or it can't be known.
    """
    if inference.mean is None or p_corrected is None or p_corrected < settings.alpha:
        return None
    # The strictest step of Holm's procedure: a promise that holds whatever the others show.
    effect, level = max(abs(inference.mean), sesoi), settings.alpha / n_tests
    if not inference.sd:  # without spread the p value is that of sign flips, 2^(1 - n): METHOD section 5
        return math.floor(2 - math.log2(level)) if inference.mean else None
    return seeds_for_power(effect, inference.sd, level, settings.power)


def disagreement(inference: Inference, alpha: float) -> str:
    """Say where the robustness checks come to another result than the t-test.

    Args:
        inference: Statistics of the paired controlled effects.
        alpha: Level of the tests, before correction.

    Returns:
        A phrase; empty if all agree or there is nothing to compare.
    """
    found = []
    if inference.low is not None and inference.high is not None and inference.p is not None:
        t_excludes = inference.low > 0 or inference.high < 0
        if inference.bca_low is not None and inference.bca_high is not None:
            bca_excludes = inference.bca_low > 0 or inference.bca_high < 0
            if bca_excludes != t_excludes:
                found.append(f"the bootstrap interval {'excludes' if bca_excludes else 'includes'} 0")
        attainable = 2.0 ** (1 - inference.n_seeds) < alpha  # the smallest p that sign flips can give
        if (
            attainable
            and inference.p_sign_flip is not None
            and (inference.p_sign_flip < alpha) != (inference.p < alpha)
        ):
            found.append(f"sign-flip p = {inference.p_sign_flip:.2g} but t-test p = {inference.p:.2g}")
    return "; ".join(found)
