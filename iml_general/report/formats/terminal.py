"""The verdict table on the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from iml_general.report.findings.endpoint import Endpoint
from iml_general.report.findings.pairs import grouped
from iml_general.report.text.wording import plain

if TYPE_CHECKING:
    from iml_general.report.findings.comparison import ComparisonReport

WIDE = 100  # columns of text from which the less important columns of the table are shown
STYLES = {
    "present": "bold blue",
    "reversed": "bold red",
    "absent": "bold",
    "not internalised": "bold magenta",
    "inconclusive": "bold yellow",
}


def print_verdicts(report: ComparisonReport, console: Console | None = None) -> None:
    """Print the verdict table, what is wrong with the run, and the answer.

    Args:
        report: The report.
        console: Where to; standard output if not given.
    """
    out = console or Console()
    out.print(_table(report, out.width >= WIDE, symbols=out.encoding.lower().startswith("utf")))
    for note in _notes(report):
        out.print(note)
    out.print(Text(report.answer, style="bold red" if report.faults else "bold"))
    if report.second_answer:
        out.print(Text(report.second_answer))


def _table(report: ComparisonReport, wide: bool, symbols: bool) -> Table:
    title = Text(f"{report.title}: controlled effects with 95% intervals", style="bold")
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("learner, rule", overflow="fold")
    table.add_column("IML gap", no_wrap=True)
    table.add_column("conflict preference", no_wrap=True)
    if wide:
        table.add_column("share of ideal", justify="right")
        table.add_column("seeds", justify="right")
    for heading, pairs in grouped(report.pairs):
        table.add_row(Text(heading, style="underline"))
        for pair in pairs:
            name = Text(pair.name if pair.is_subject else f"{pair.name} ({pair.role})")
            cells = [_cell(end, symbols) for end in pair.endpoints]
            more = [Text(pair.share_of_ideal), Text(pair.seeds)] if wide else []
            table.add_row(name, *cells, *more)
        table.add_section()
    return table


def _cell(end: Endpoint, symbols: bool) -> Text:
    text = Text(f"{end.symbol} {end.verdict}" if symbols else end.verdict, style=STYLES.get(end.verdict, ""))
    if end.mean is not None:
        text.append(f"\n{end.effect} {end.interval}", style="not bold default")
    return text


def _notes(report: ComparisonReport) -> Iterator[Text]:
    """What is to be borne in mind, the worst last: it stands next to the answer."""
    for pair in report.pairs:
        remarks = [f"{end.name}: {end.remark}" for end in pair.endpoints if end.remark]
        if pair.flags or remarks:
            yield Text(f"Note: {pair.name}: {'; '.join(pair.flags + remarks)}", style="dim")
    for record in report.records:
        for name, reason in record.absent.items():
            yield Text(f"ABSENT: {plain(name)}: {plain(reason)}", style="yellow")
        for row in record.failures.iter_rows(named=True):
            yield Text(f"FAILED: {plain(row['reason'])} (seeds {plain(row['seeds'])})", style="yellow")
    if report.unfinished:
        yield Text(f"UNFINISHED: {report.unfinished}; verdicts may still change.", style="bold yellow")
    for fault in report.faults:
        yield Text(f"INVALID: {plain(fault)}", style="bold red")
