"""The table of all effects: what each was under every condition, and what is left of it when controlled."""

from __future__ import annotations

from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.findings.estimates import text_of
from iml_general.report.shown.sheet import Sheet
from iml_general.report.text.wording import plain
from iml_general.rows import KEYS

ALL_EFFECTS = "Every effect under every condition"


def effect_sheet(report: ComparisonReport) -> Sheet:
    """What every effect was, whether it gets a verdict or not.

    Args:
        report: The report.

    Returns:
        One row per configuration and effect, in the order of the verdict table and of the table of
        effects: means with 95% intervals under each condition, and controlled.
    """
    found = report.estimated
    controlled = [one for one in report.conditions if one.control]
    titles = [f"controlled: {plain(one.words)}" for one in controlled]
    # Conditions stand in columns here, so each configuration has its rows once.
    configurations = {pair.key[: len(KEYS)]: pair.configured for pair in report.pairs}
    rows = [
        (
            name,
            plain(effect.words),
            *(text_of(found.value((*key, one.name), effect.name)) for one in report.conditions),
            *(text_of(found.controlled((*key, one.name), effect.name)) for one in controlled),
        )
        for key, name in configurations.items()
        for effect in report.effects_table
    ]
    conditions = (plain(one.words) for one in report.conditions)
    last = titles if len(titles) > 1 else ["controlled"] * len(titles)
    return Sheet(("learner, rule", "effect", *conditions, *last), tuple(rows))
