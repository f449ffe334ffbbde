"""The tables of a report as text, the same in every format."""

from __future__ import annotations

from collections.abc import Iterable

from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.findings.estimates import text_of
from iml_general.report.findings.groups import mean_correctness
from iml_general.report.findings.matrix import Cell, Matrix
from iml_general.report.findings.pairs import Pair
from iml_general.report.findings.sweeps import Sweep
from iml_general.report.shown.sheet import Sheet
from iml_general.report.text import rounding
from iml_general.report.text.wording import plain, readable
from iml_general.rows import ANCHOR


def verdict_sheet(report: ComparisonReport, pairs: Iterable[Pair]) -> Sheet:
    """The verdict table, for formats that have nothing but text cells.

    Args:
        report: The report.
        pairs: Its lines, or some of them.

    Returns:
        One row per line: what was found, every endpoint's verdict, what stands beside them.
    """
    ends = (plain(effect.words) for effect in report.endpoints)
    beside = (plain(effect.words) for effect in report.beside)
    columns = ("learner, rule", "finding", *ends, *beside, "flags", "share of ideal", "seeds")
    rows = []
    for pair in pairs:
        name = pair.name if pair.is_subject else f"{pair.name} ({pair.role})"
        verdicts = (end.in_words for end in pair.ends)
        cells = (text_of(report.estimated.controlled(pair.key, effect.name)) for effect in report.beside)
        flags = "; ".join(pair.flags) or "none"
        finding = f"{pair.symbol} {pair.finding}"
        rows.append((name, finding, *verdicts, *cells, flags, pair.share_of_ideal, pair.seeds))
    return Sheet(columns, tuple(rows))


def matrix_sheets(report: ComparisonReport) -> list[tuple[str, Sheet]]:
    """Levels, worlds, conditions and runs side by side: what was found, then endpoint by endpoint.

    Args:
        report: The report.

    Returns:
        Titles and tables of one row per learner and rule; none where nothing stands side by side.
    """
    if report.matrix is None:
        return []
    names = [(effect.name, plain(effect.words)) for effect in report.endpoints]
    return [
        ("finding", matrix_sheet(report.matrix)),
        *((words, matrix_sheet(report.matrix, name)) for name, words in names),
    ]


def matrix_sheet(matrix: Matrix, endpoint: str = "") -> Sheet:
    """What stands side by side, as text.

    Args:
        matrix: The matrix.
        endpoint: Name of the endpoint to show; the findings if empty.

    Returns:
        One row per learner and rule.
    """

    def text(cell: Cell) -> str:
        said = (
            pair.end(endpoint).in_short if endpoint else f"{pair.symbol} {pair.finding}"
            for pair in cell.pairs
        )
        found = "; ".join(said)
        return f"{found} ({cell.remark})" if found and cell.remark else found or cell.remark

    rows = tuple((name, *map(text, cells)) for name, cells in matrix.rows)
    return Sheet(("learner, rule", *matrix.columns), rows)


def evidence_sheet(report: ComparisonReport) -> Sheet:
    """What each verdict rests on: one row per line of the verdict table and endpoint."""
    columns = ("p", "corrected p", "p of equivalence", "sign-flip p", "BCa interval")
    rows = tuple(
        (
            pair.name,
            end.words,
            *(end.p(column) for column in ("p", "p_holm", "p_equivalence", "p_sign_flip")),
            end.bca,
        )
        for pair in report.pairs
        for end in pair.ends
    )
    return Sheet(("learner, rule", "endpoint", *columns), rows)


def group_sheet(report: ComparisonReport) -> Sheet:
    """Mean EM, of numbers R2, of every group after each stage, under the condition of the line."""
    places = [(moment, group) for moment, groups in report.groups.items() for group in groups]
    found = [mean_correctness(report.means, moment, group) for moment, group in places]
    titles = [f"{readable(group)} ({readable(moment)})" for moment, group in places]
    rows = tuple(
        (pair.name, *(rounding.share(values.get(pair.key)) for values in found)) for pair in report.pairs
    )
    return Sheet(("learner, rule", *titles), rows)


def sweep_sheet(sweep: Sweep) -> Sheet:
    """What was found at every value of the first factor: one row per curve, then one per endpoint of it."""
    rows = []
    for curve in sweep.curves:
        name = curve.name if curve.is_subject else f"{curve.name} ({ANCHOR})"
        at = [curve.points.get(value) for value in sweep.values]
        found = (f"{pair.symbol} {pair.finding}" if pair else rounding.MISSING for pair in at)
        rows.append((name, "finding", *found))
        for i, end in enumerate(next(iter(curve.points.values())).ends):
            cells = (pair.ends[i].in_short if pair else rounding.MISSING for pair in at)
            rows.append((name, end.words, *cells))
    values = (f"{sweep.factor}={value}" for value in sweep.values)
    return Sheet(("learner, rule", "finding or endpoint", *values), tuple(rows))
