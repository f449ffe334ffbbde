"""Whether runs kept to what was written down before them, as text for every format."""

from __future__ import annotations

from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.shown.sheet import Sheet
from iml_general.report.text.wording import plain
from iml_general.study.storage.adherence import Adherence

KEPT = {True: "yes", False: "no", None: "can't be told"}


def adherences(report: ComparisonReport) -> list[tuple[str, Adherence]]:
    """The runs that a preregistration was given for, by their names in the report, and what was found."""
    return [(label, run.adherence) for label, run in report.runs if run.adherence is not None]


def adherence_sheet(adherence: Adherence) -> Sheet:
    """What was written down, point by point.

    Args:
        adherence: What was found.

    Returns:
        One row per point.
    """
    rows = tuple((point.what, KEPT[point.kept], plain(point.why)) for point in adherence.points)
    return Sheet(("written down", "kept", "what the run's record says"), rows)


def claims_in_words(adherence: Adherence) -> list[str]:
    """The hypotheses, each as it was written down, and which file it stands in."""
    claims = [f"Claimed beforehand: {plain(claim)}" for claim in adherence.claims]
    return [*claims, f"SHA-256 of the preregistration: {adherence.sha256}."]
