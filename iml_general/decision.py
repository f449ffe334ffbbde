"""From the statistics of one endpoint to one of five words: METHOD section 5."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Interval

from iml_general.inference import Inference
from iml_general.options import PositiveFloat

VERDICTS = ("present", "reversed", "absent", "not internalised", "inconclusive")

OpenShare = Annotated[float, Interval(gt=0, lt=1)]


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
        One of `VERDICTS`.
    """
    if carried_over is not None and carried_over < settings.sesoi:
        return "not internalised"
    if inference.mean is None or inference.low is None or inference.high is None or p_corrected is None:
        return "inconclusive"
    if p_corrected < settings.alpha and abs(inference.mean) >= settings.sesoi:
        if inference.low > 0:
            return "present"
        if inference.high < 0:
            return "reversed"
    if inference.p_equivalence is not None and inference.p_equivalence < settings.alpha:
        return "absent"
    return "inconclusive"


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
