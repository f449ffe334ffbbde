"""From the statistics of one endpoint to one of five words: METHOD section 5."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from iml_general.options import OpenShare, PositiveFloat

if TYPE_CHECKING:  # a worker resolves a plan without loading the statistics
    from iml_general.judging.inference import Inference

VERDICTS = ("present", "reversed", "absent", "not internalised", "inconclusive")

ROUNDING = 1e-9  # 0.12 - 0.10 is 0.02, whatever floating-point numbers make of it


@dataclass(frozen=True)
class VerdictSettings:
    """Thresholds of the verdicts.

    Attributes:
        sesoi: Smallest effect of interest, as a difference of shares.
        alpha: Level of all tests.
        power: What "enough seeds" means.
        saturation: EM from which on a gap between two groups can't show.
    """

    sesoi: PositiveFloat = 0.02
    alpha: OpenShare = 0.05
    power: OpenShare = 0.8
    saturation: OpenShare = 0.98


def at_least(value: float, threshold: float) -> bool:
    """Whether a mean of shares, or a difference of two, reaches a threshold."""
    return value >= threshold - ROUNDING


def decide(
    inference: Inference, p_corrected: float | None, carried_over: float | None, settings: VerdictSettings
) -> str:
    """Give the verdict on one endpoint.

    Args:
        inference: Statistics of the paired controlled effects.
        p_corrected: Their p value, Holm-corrected; None if there is none.
        carried_over: By how much EM on the better of new_reliable and new_unreliable exceeds EM on
            unseen; None if that was not measured.
        settings: Thresholds.

    Returns:
        One of `VERDICTS`; inconclusive whatever else is known if fewer than two seeds were paired.
    """
    mean, low, high = inference.mean, inference.low, inference.high
    if mean is None or low is None or high is None or p_corrected is None:
        return "inconclusive"
    if carried_over is not None and not at_least(carried_over, settings.sesoi):
        return "not internalised"
    if p_corrected < settings.alpha and at_least(abs(mean), settings.sesoi):
        if low > 0:
            return "present"
        if high < 0:
            return "reversed"
    if inference.p_equivalence is not None and inference.p_equivalence < settings.alpha:
        return "absent"
    return "inconclusive"


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
