"""A result as HTML for a notebook: the answer, what is to be borne in mind, and a table of findings."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.shown.answer import answer, second_answer
from iml_general.report.shown.sheets import verdict_sheet
from iml_general.report.text.wording import plain

LEFT = ' style="text-align:left"'  # notebooks align numbers, and what is here is words


def markup(report: ComparisonReport) -> str:
    """Write a report's findings for a notebook.

    Args:
        report: The report.

    Returns:
        HTML, every text in it escaped.
    """
    sheet = verdict_sheet(report, report.pairs)
    head = "".join(f'<th scope="col"{LEFT}>{escape(column)}</th>' for column in sheet.columns)
    body = "".join(f"<tr>{_cells(row)}</tr>" for row in sheet.rows)
    return "".join(
        (
            f"<p><strong>{escape(answer(report))}</strong> {escape(second_answer(report))}</p>",
            *(f"<p>{escape(plain(warning))}</p>" for warning in _warnings(report)),
            f"<table><caption{LEFT}>{escape(report.title)}: controlled effects with 95% intervals</caption>",
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>",
        )
    )


def _cells(row: tuple[str, ...]) -> str:
    name, *others = row
    cells = "".join(f"<td{LEFT}>{escape(cell)}</td>" for cell in others)
    return f'<th scope="row"{LEFT}>{escape(name)}</th>{cells}'


def _warnings(report: ComparisonReport) -> Iterator[str]:
    """What is wrong, the worst first: it stands next to the answer."""
    yield from (f"INVALID: {fault}" for fault in report.faults)
    if report.unfinished:
        yield f"UNFINISHED: {report.unfinished}; verdicts may still change."
    for record in report.records:
        yield from (f"ABSENT: {name}: {reason}" for name, reason in record.absent.items())
        for row in record.failures.iter_rows(named=True):
            yield f"FAILED: {row['reason']} (seeds {row['seeds']})"
