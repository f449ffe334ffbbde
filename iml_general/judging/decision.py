"""From statistics to words: the verdict on one endpoint, and the finding; METHOD sections 5 and 5a."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from iml_general.options import OpenShare, PositiveFloat

if TYPE_CHECKING:  # a worker resolves a plan without loading the statistics
    from iml_general.judging.inference import Inference

VERDICTS = ("present", "reversed", "absent", "saturated", "not internalised", "inconclusive")
"""What can be said of one endpoint."""

FINDINGS = ("trusts", "distrusts", "gap only", "no trust", "not internalised", "undecided")
"""What can be said of one learner, update rule and level."""

ROUNDING = 1e-9  # 0.12 - 0.10 is 0.02, whatever floating-point numbers make of it


@dataclass(frozen=True)
class VerdictSettings:
    """Thresholds of the verdicts.

    Attributes:
        sesoi: Smallest effect of interest, as a difference of shares; two EMs that differ by less are
            alike.
        sesoi_trust: Smallest trust of interest.
        alpha: Level of all tests.
        power: What "enough seeds" means.
        saturation: EM from which on a gap between two groups can't show.
    """

    sesoi: PositiveFloat = 0.02
    sesoi_trust: PositiveFloat = 0.05
    alpha: OpenShare = 0.05
    power: OpenShare = 0.8
    saturation: OpenShare = 0.98


def at_least(value: float, threshold: float) -> bool:
    """Whether a mean of shares, or a difference of two, reaches a threshold.

    Args:
        value: The mean or difference.
        threshold: What it is held against.

    Returns:
        True also where it falls short by rounding alone.
    """
    return value >= threshold - ROUNDING


def decide(
    inference: Inference,
    p_corrected: float | None,
    sesoi: float,
    settings: VerdictSettings,
    *,
    carried_over: float | None,
    is_saturated: bool,
) -> str:
    """Give the verdict on one endpoint.

    Args:
        inference: Statistics of the paired controlled effects.
        p_corrected: Their p value, Holm-corrected; None if there is none.
        sesoi: The endpoint's smallest effect of interest, which `inference` was made with.
        settings: Thresholds.
        carried_over: By how much EM on the better of new_reliable and new_unreliable exceeds EM on
            unseen; None if that was not measured.
        is_saturated: Whether the endpoint's ceiling leaves it no room to show.

    Returns:
        One of `VERDICTS`; inconclusive whatever else is known if fewer than two seeds were paired.
    """
    mean, low, high = inference.mean, inference.low, inference.high
    if mean is None or low is None or high is None or p_corrected is None:
        return "inconclusive"
    if carried_over is not None and not at_least(carried_over, settings.sesoi):
        return "not internalised"
    if p_corrected < settings.alpha and at_least(abs(mean), sesoi):
        if low > 0:
            return "present"
        if high < 0:
            return "reversed"
    if inference.p_equivalence is not None and inference.p_equivalence < settings.alpha:
        return "saturated" if is_saturated else "absent"
    return "inconclusive"


def finding(trust: str, gap: str) -> str:
    """Say what a learner does, from the verdicts on both declared endpoints.

    Args:
        trust: Verdict on trust, which the claim rests on.
        gap: Verdict on the IML gap, which alone is no evidence of trust.

    Returns:
        One of `FINDINGS`.
    """
    if "not internalised" in (trust, gap):
        return "not internalised"
    if trust == "present":
        return "trusts"
    if trust == "reversed":
        return "distrusts"
    if gap in ("present", "reversed"):
        return "gap only"
    return "no trust" if trust == "absent" else "undecided"
