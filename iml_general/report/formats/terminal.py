"""The verdict table on the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from iml_general.judging.effect import Effect
from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.findings.endpoint import Endpoint
from iml_general.report.findings.estimates import text_of
from iml_general.report.findings.pairs import Pair, grouped
from iml_general.report.shown.answer import answer, second_answer
from iml_general.report.shown.preregistration import adherences
from iml_general.report.text.wording import plain

BETWEEN = 3  # columns of text between two columns of the table
LONGEST = 30  # letters of a name's word that is not broken
FINDING, LONG_FINDING = 12, 18  # what a finding takes on two lines, and on one
END, LONG_END = 18, 26  # what a verdict takes with effect and interval below each other, and on one line
SHARE, SEEDS = 8, 5
STYLES = {
    **dict.fromkeys(("trusts", "present"), "bold blue"),
    **dict.fromkeys(("distrusts", "reversed"), "bold red"),
    **dict.fromkeys(("no trust", "absent"), "bold"),
    **dict.fromkeys(("gap only", "saturated"), "bold cyan"),
    "not internalised": "bold magenta",
    **dict.fromkeys(("undecided", "inconclusive"), "bold yellow"),
}


def print_verdicts(report: ComparisonReport, console: Console | None = None) -> None:
    """Print the verdict table, what is wrong with the run, and the answer.

    Args:
        report: The report.
        console: Where to; standard output if not given.
    """
    out = console or Console()
    layout = _Layout.of(report, out.width)
    symbols = out.encoding.lower().startswith("utf")
    # Endpoints that don't fit beside each other stand in tables below each other.
    for start in range(0, len(report.endpoints), layout.at_once):
        out.print(_table(report, layout, slice(start, start + layout.at_once), symbols))
    notes = [(pair, said) for pair in report.pairs if (said := _said(pair))]
    if notes:
        out.print(_notes(notes, layout.name))
    for warning in _warnings(report):
        out.print(warning)
    out.print(Text(answer(report), style="bold red" if report.faults else "bold"))
    if second := second_answer(report):
        out.print(Text(second))


@dataclass(frozen=True)
class _Layout:
    """What fits into a line: no name is broken for the sake of a number.

    Attributes:
        name: Columns of text of the names' longest word.
        at_once: Endpoints that stand beside each other.
        is_long: Whether findings and estimates stand on one line each.
        with_more: Whether there is room for the share of the ideal, and for the seeds.
        with_beside: Whether there is room for effects that have no verdict.
    """

    name: int
    at_once: int
    is_long: bool
    with_more: bool
    with_beside: bool

    @classmethod
    def of(cls, report: ComparisonReport, width: int) -> _Layout:
        words = (word for pair in report.pairs for word in _name(pair).split())
        name = min(max(map(len, words), default=0), LONGEST)
        room = width - name - FINDING - BETWEEN
        at_once = min(max(room // (END + BETWEEN), 1), len(report.endpoints))
        more = room - SHARE - SEEDS - 2 * BETWEEN
        long = more - (LONG_FINDING - FINDING) - at_once * (LONG_END + BETWEEN)
        return cls(
            name=name,
            at_once=at_once,
            is_long=long >= 0,
            with_more=more >= at_once * (END + BETWEEN),
            with_beside=long >= len(report.beside) * (LONG_END + BETWEEN),
        )


def _table(report: ComparisonReport, layout: _Layout, ends: slice, symbols: bool) -> Table:
    table = _head(report, layout, report.endpoints[ends])
    beside = report.beside if layout.with_beside else ()
    for heading, pairs in grouped(report.pairs):
        table.add_row(Text(heading, style="underline"))
        for pair in pairs:
            cells = [_cell(end, layout.is_long, symbols) for end in pair.ends[ends]]
            cells += [Text(text_of(report.estimated.controlled(pair.key, effect.name))) for effect in beside]
            cells += [Text(pair.share_of_ideal), Text(pair.seeds)] if layout.with_more else []
            table.add_row(Text(_name(pair)), _word(pair.symbol, pair.finding, symbols), *cells)
        table.add_section()
    return table


def _head(report: ComparisonReport, layout: _Layout, endpoints: Sequence[Effect]) -> Table:
    """The table without rows. All columns but the names have their widths, so only names are wrapped."""
    title = Text(f"{report.title}: controlled effects with 95% intervals", style="bold")
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("learner, rule", overflow="fold")
    table.add_column("finding", width=LONG_FINDING if layout.is_long else FINDING)
    for effect in endpoints:
        table.add_column(plain(effect.words), width=LONG_END if layout.is_long else END)
    for effect in report.beside if layout.with_beside else ():
        table.add_column(plain(effect.words), width=LONG_END)
    if layout.with_more:
        table.add_column("share of ideal", justify="right", width=SHARE)
        table.add_column("seeds", justify="right", width=SEEDS)
    return table


def _name(pair: Pair) -> str:
    return pair.name if pair.is_subject else f"{pair.name} ({pair.role})"


def _word(symbol: str, word: str, symbols: bool) -> Text:
    return Text(f"{symbol} {word}" if symbols else word, style=STYLES.get(word, ""))


def _cell(end: Endpoint, is_long: bool, symbols: bool) -> Text:
    text = _word(end.symbol, end.verdict, symbols)
    if end.mean is not None:
        text.append(f"\n{end.effect}{' ' if is_long else chr(10)}{end.interval}", style="not bold default")
    return text


def _said(pair: Pair) -> list[str]:
    """What is to be borne in mind when reading a line."""
    return [*pair.flags, *(f"{end.words}: {end.remark}" for end in pair.ends if end.remark)]


def _notes(notes: Sequence[tuple[Pair, list[str]]], name: int) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, style="dim")
    table.add_column("learner, rule", overflow="fold", min_width=name)
    table.add_column("note")
    for pair, said in notes:
        table.add_row(Text(pair.name), Text("\n".join(said)))
    return table


def _warnings(report: ComparisonReport) -> Iterator[Text]:
    """What is wrong, and what was promised, the worst last: it stands next to the answer."""
    for label, adherence in adherences(report):
        which = f"{label}: " if len(report.runs) > 1 else ""
        broken = [f"{point.what}: {plain(point.why)}" for point in adherence.points if not point.kept]
        style = "bold" if adherence.kept else "bold yellow"
        yield Text("; ".join([f"PREREGISTERED: {which}{adherence.in_words}", *broken]), style=style)
    for record in report.records:
        for name, reason in record.absent.items():
            yield Text(f"ABSENT: {plain(name)}: {plain(reason)}", style="yellow")
        for row in record.failures.iter_rows(named=True):
            yield Text(f"FAILED: {plain(row['reason'])} (seeds {plain(row['seeds'])})", style="yellow")
    if report.unfinished:
        yield Text(f"UNFINISHED: {report.unfinished}; verdicts may still change.", style="bold yellow")
    for fault in report.faults:
        yield Text(f"INVALID: {plain(fault)}", style="bold red")
