"""What an effect is: a formula over the scores of one seed under one condition, and its words.

A new effect is one `Effect`: in the table of `iml_general.judging.effects`, or registered by a
plugin under the entry-point group ``iml_general.effects``. Nothing else needs to know it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

import polars as pl

from iml_general.errors import UsageError, unknown
from iml_general.judging.decision import VerdictSettings
from iml_general.rows import CORRECTNESS, TWIN

SCORE = ("moment", "group", "probe", "measure")
"""The columns that tell one score of a seed and condition from another."""

SEPARATOR = " | "
CONFLICT = "new_conflict"


def score_column(measure: str, group: str, moment: str = "stage2", probe: str = "question") -> str:
    """Name the column in which a formula finds one score.

    Args:
        measure: Such as ``"em"``.
        group: Such as ``"new_reliable"``.
        moment: Name of the stage after which it was scored, with ``"_twin"`` after that stage's twin.
        probe: ``"question"`` or ``"statement"``.

    Returns:
        A name from which `needed_scores` reads the four back.
    """
    return SEPARATOR.join((moment, group, probe, measure))


def score(measure: str, group: str, moment: str = "stage2", probe: str = "question") -> pl.Expr:
    """Write one score into a formula; null where it was not measured.

    Args:
        measure: Such as ``"em"``.
        group: Such as ``"new_reliable"``.
        moment: Name of the stage after which it was scored, with ``"_twin"`` after that stage's twin.
        probe: ``"question"`` or ``"statement"``.

    Returns:
        The expression.
    """
    return pl.col(score_column(measure, group, moment, probe))


def correct(group: str, moment: str = "stage2", probe: str = "question") -> pl.Expr:
    """Write into a formula how right the answers about a group are, whatever kind of answers a world has.

    Args:
        group: Such as ``"new_reliable"``.
        moment: As for `score`.
        probe: As for `score`.

    Returns:
        The expression: the one of `iml_general.rows.CORRECTNESS` that was measured.
    """
    return pl.coalesce(score(measure, group, moment, probe) for measure in CORRECTNESS)


@dataclass(frozen=True, eq=False)
class Effect:
    """One number per seed and condition that says something about a learner.

    Attributes:
        name: What it is called in tables of data and on the command line, such as ``"iml_gap"``.
        words: What people read, such as ``"IML gap"``.
        definition: One or two sentences for the glossary.
        formula: Its value, made of `score`; element by element, never over seeds.
        endpoint: Whether it gets verdicts, under every condition that has a control.
        sesoi: The field of `VerdictSettings` that holds its smallest effect of interest.
        ceiling: Scores that leave the effect no room to show when all of them are at least
            `VerdictSettings.saturation`; none if it has no ceiling.
        unit: What it is measured in.

    Raises:
        UsageError: If a formula reads anything but scores, or `sesoi` is no threshold.
    """

    name: str
    words: str
    definition: str
    formula: pl.Expr
    endpoint: bool = False
    sesoi: str = "sesoi"
    ceiling: tuple[pl.Expr, ...] = ()
    unit: str = "share"

    def __post_init__(self) -> None:
        thresholds = [field.name for field in fields(VerdictSettings) if field.name.startswith("sesoi")]
        if self.sesoi not in thresholds:
            raise UsageError(f"effect {self.name!r}: {unknown('sesoi', self.sesoi, thresholds)}")
        for column in column_names((self.formula, *self.ceiling)):
            if len(column.split(SEPARATOR)) != len(SCORE):
                raise UsageError(
                    f"effect {self.name!r} reads {column!r}, which is no score;"
                    " write score(measure, group, moment, probe) instead"
                )


def column_names(formulas: Iterable[pl.Expr]) -> list[str]:
    """Tell which scores formulas read.

    Args:
        formulas: Expressions made of `score`.

    Returns:
        Names of columns, each once, in the order in which they are first read.
    """
    return list(dict.fromkeys(name for formula in formulas for name in formula.meta.root_names()))


def needed_scores(formulas: Iterable[pl.Expr]) -> pl.DataFrame:
    """Read back which score each column that formulas read holds.

    Args:
        formulas: Expressions made of `score`.

    Returns:
        One row per score: ``column`` and the columns of `SCORE`, all strings.
    """
    names = column_names(formulas)
    rows = [(name, *name.split(SEPARATOR)) for name in names]
    return pl.DataFrame(rows, schema=dict.fromkeys(("column", *SCORE), pl.String()), orient="row")


def preference(moment: str, probe: str = "question") -> pl.Expr:
    """How much more often the reliable source's word is given than the unreliable one's, where they disagree.

    Args:
        moment: When, such as ``"stage2"``.
        probe: What is asked.

    Returns:
        The expression.
    """
    return score("said_reliable", CONFLICT, moment, probe) - score("said_unreliable", CONFLICT, moment, probe)


def preference_over_twins(probe: str = "question") -> pl.Expr:
    """The same averaged over stage 2 as drawn and its twin, in which the two change places (METHOD 5a).

    Args:
        probe: What is asked.

    Returns:
        The expression.
    """
    return 0.5 * (preference("stage2", probe) + preference("stage2" + TWIN, probe))
