"""What several figures say of a report: its seeds, its bands, what is left out, and what a drawing shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import polars as pl

from iml_general.judging.effect import Effect
from iml_general.report.findings.pairs import KEY, Key
from iml_general.report.shown.frame import DRAWN_AT_MOST, Frame
from iml_general.report.text.rounding import count_range, signed
from iml_general.report.text.wording import listing, plain

if TYPE_CHECKING:
    from iml_general.report.findings.comparison import ComparisonReport


def seeds_in_words(report: ComparisonReport) -> str:
    """Say how many seeds the lines of a report rest on.

    Args:
        report: The report.

    Returns:
        Text such as ``"20"`` or ``"18 to 20"``.
    """
    return count_range([n for pair in report.pairs for n in pair.seed_counts])


def seeds_by_line(report: ComparisonReport, effect: Effect) -> dict[Key, list[float]]:
    """Look up the single seeds behind an effect's controlled means.

    Args:
        report: The report.
        effect: The effect.

    Returns:
        Controlled effects in the order of the seeds, by line.
    """
    rows = report.effects.filter(effect=effect.name).drop_nulls("controlled").sort("seed")
    gathered = rows.group_by(KEY, maintain_order=True).agg(pl.col("controlled"))
    return {row[:-1]: row[-1] for row in gathered.select(*KEY, "controlled").iter_rows()}


def sesoi_of(report: ComparisonReport, effect: Effect) -> float:
    """Look up the smallest effect of interest of an endpoint."""
    return float(getattr(report.settings, effect.sesoi))


def bands_in_words(report: ComparisonReport) -> str:
    """Say what the grey bands of charts of endpoints are."""
    bands = [f"±{sesoi_of(report, one):g} for {plain(one.words)}" for one in report.endpoints]
    return f"Grey bands are what is too small to be of interest: {listing(bands)}."


def omission(frame: Frame) -> str:
    """Say which lines there was no room for.

    Args:
        frame: Where the lines stand.

    Returns:
        A sentence to be added to a caption; nothing if all lines are drawn.
    """
    if not frame.omitted:
        return ""
    n_subjects = frame.omitted + DRAWN_AT_MOST
    return (
        f" Of {n_subjects} lines only the {DRAWN_AT_MOST} with the largest primary effects, of either sign,"
        " are drawn, and the controls; the tables have all."
    )


def described(report: ComparisonReport, what: str, values: Mapping[Key, float]) -> str:
    """Describe a drawing of one mean per line; every number of it is in a table on the page.

    Args:
        report: The report.
        what: What the means are of.
        values: The mean by line; no entry where it was not measured.

    Returns:
        A few sentences.
    """
    known = [(values[pair.key], pair) for pair in report.pairs if pair.key in values]
    if not known:
        return f"Dot plot of {what}: nothing was measured."
    (low, lowest), (high, highest) = (choose(known, key=lambda one: one[0]) for choose in (min, max))
    span = f"from {signed(low, 2)} ({lowest.name}) to {signed(high, 2)} ({highest.name})"
    return f"Dot plot of {what}, {len(known)} lines, {span}. The numbers are in the tables of this page."
