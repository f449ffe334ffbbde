"""The report as LaTeX: tables and a methods paragraph, to be pasted into a paper or compiled as it is.

The document needs nothing but the article class and booktabs, and is pure ASCII, so that any engine
reads it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache, partial

import jinja2

from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.findings.estimates import Estimates
from iml_general.report.findings.pairs import Pair, grouped
from iml_general.report.shown.answer import answer, second_answer
from iml_general.report.shown.glossary import PAPER
from iml_general.report.shown.laws import law_sheet
from iml_general.report.shown.methods import methods
from iml_general.report.text.rounding import MISSING
from iml_general.report.text.wording import plain

LINES = 30  # of one table: with their headings they fit on a page
COLUMNS = 4  # worlds of one table
LONGEST, PIECE = 24, 8  # letters of a word that is never broken, and of the pieces of a longer one

SPECIAL = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    # What would be an argument of the table row before.
    **{character: f"{{{character}}}" for character in "[]*"},
    **{character: f"\\{character}" for character in "{}$&#_%"},
}
NAMED = {
    "±": r"$\pm$",
    "\N{MULTIPLICATION SIGN}": r"$\times$",
    "…": r"\ldots{}",
    "\N{EN DASH}": r"\textendash{}",
    "ß": r"\ss{}",
    "æ": r"\ae{}",
    "ø": r"\o{}",
}
ACCENTS = {
    "\N{COMBINING GRAVE ACCENT}": "`",
    "\N{COMBINING ACUTE ACCENT}": "'",
    "\N{COMBINING CIRCUMFLEX ACCENT}": "^",
    "\N{COMBINING TILDE}": "~",
    "\N{COMBINING DIAERESIS}": '"',
    "\N{COMBINING CEDILLA}": "c",
    "\N{COMBINING CARON}": "v",
}


class Tex(str):
    """Text that is LaTeX already; the template escapes all other."""

    __slots__ = ()


def render_latex(report: ComparisonReport) -> str:
    """Write the report as a LaTeX document.

    Args:
        report: The report.

    Returns:
        ASCII text; the same report always gives the same text.
    """
    return environment().get_template("report.tex.j2").render(
        report=report,
        answer=answer(report),
        second_answer=second_answer(report),
        methods=methods(report),
        paper=PAPER,
        tables=list(tables_of_a_page(report)),
        laws=law_sheet(report) if report.laws else None,
        worlds=list(_worlds(report)),
        others=[effect for effect in report.effects_table if not effect.endpoint],
        estimated=partial(_estimated, report.estimated, _controls(report)),
    )  # fmt: skip


def _worlds(report: ComparisonReport) -> Iterator[tuple[tuple[str, ...], list[tuple[str, ...]]]]:
    """Names of some worlds, and what some learners and rules show in them: as much as fits on a page."""
    if report.worlds is None:
        return
    columns, rows = report.worlds.columns, report.worlds.rows
    for left in range(0, len(columns), COLUMNS):
        for top in range(0, len(rows), LINES):
            shown = rows[top : top + LINES]
            yield columns[left : left + COLUMNS], [_world_row(row, left) for row in shown]


def _world_row(pairs: Sequence[Pair | None], left: int) -> tuple[str, ...]:
    first = next(pair for pair in pairs if pair is not None)
    name = f"{first.learner} {first.rule}" + ("" if first.is_subject else f" ({first.role})")
    cells = (
        MISSING if pair is None else Tex(f"{escape(pair.finding)} {number(pair.primary.effect)}")
        for pair in pairs[left : left + COLUMNS]
    )
    return name, *cells


def escape(text: object) -> str:
    """Make one line of text in which nothing is a command.

    Args:
        text: Anything.

    Returns:
        ASCII that LaTeX sets as the text; a character that the article class has no glyph for is
        named by its code point, and long words may be broken.
    """
    return text if isinstance(text, Tex) else _escaped(str(text))


@lru_cache(maxsize=4096)  # every name stands in a dozen tables
def _escaped(text: str) -> str:
    return " ".join(_word(word) for word in plain(text).split(" "))


def number(text: str) -> Tex:
    """Set a rounded number or interval as mathematics, with true minus signs; other text as text."""
    if re.fullmatch(r"[-+<\[\]\d., e]*\d[-+<\[\]\d., e]*%?", text):
        return Tex(f"${text.replace('%', SPECIAL['%'])}$")
    return Tex(escape(text))


def _word(word: str) -> str:
    pieces = [_character(character) for character in word]
    if len(pieces) > LONGEST:
        pieces = [
            piece if i == 0 or i % PIECE else rf"\allowbreak{{}}{piece}" for i, piece in enumerate(pieces)
        ]
    # Neither dashes nor curly quotation marks nor Spanish punctuation of repeated signs.
    return re.sub("([-'`,?!])(?=[-'`,])", r"\1{}", "".join(pieces))


def _character(character: str) -> str:
    if character in SPECIAL:
        return SPECIAL[character]
    if character.isascii():
        return character
    if character in NAMED:
        return NAMED[character]
    parts = unicodedata.normalize("NFD", character)
    letter, mark = parts[0], parts[1:]
    if letter.isascii() and mark in ACCENTS:
        return f"\\{ACCENTS[mark]}{{{letter}}}"
    return f"{{[}}U+{ord(character):04X}{{]}}"


def tables_of_a_page(report: ComparisonReport) -> Iterator[list[tuple[str, list[Pair]]]]:
    """Gather lines under their headings, as many at a time as a page holds.

    Args:
        report: The report.

    Yields:
        Headings and lines of one table.
    """
    for start in range(0, len(report.pairs), LINES):
        yield grouped(report.pairs[start : start + LINES])


def _controls(report: ComparisonReport) -> dict[str, str]:
    return {condition.name: condition.control for condition in report.conditions}


def _estimated(found: Estimates, controls: Mapping[str, str], pair: Pair, effect: str) -> tuple[str, ...]:
    """An effect of a line as cells: controlled, its interval, under the condition, under the control."""
    *configuration, condition = pair.key
    control = found.value((*configuration, controls[condition]), effect)
    estimates = (found.controlled(pair.key, effect), found.value(pair.key, effect), control)
    difference, value, control_value = (one.effect if one else MISSING for one in estimates)
    interval = estimates[0].interval if estimates[0] else MISSING
    return difference, interval, value, control_value


def environment() -> jinja2.Environment:
    """Make what reads the templates: it escapes all that a template is given."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("iml_general.report.formats", "templates"),
        finalize=escape,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<<",
        variable_end_string=">>",
        comment_start_string="<#",
        comment_end_string="#>",
    )
    environment.filters |= {"number": number, "tex": Tex}
    return environment
