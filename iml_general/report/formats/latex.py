"""The report as LaTeX: tables and a methods paragraph, to be pasted into a paper or compiled as it is.

The document needs nothing but the article class and booktabs, and is pure ASCII, so that any engine
reads it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

import jinja2

from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.findings.endpoint import Endpoint
from iml_general.report.findings.pairs import Pair, grouped
from iml_general.report.shown.glossary import PAPER
from iml_general.report.shown.methods import methods
from iml_general.report.text.wording import ENDPOINTS, plain

LINES = 30  # of one table: with their headings they fit on a page
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
    return _environment().get_template("report.tex.j2").render(
        report=report,
        methods=methods(report),
        paper=PAPER,
        tables=list(_tables(report)),
        endpoints=ENDPOINTS,
    )  # fmt: skip


def escape(text: object) -> str:
    """Make one line of text in which nothing is a command.

    Args:
        text: Anything.

    Returns:
        ASCII that LaTeX sets as the text; a character that the article class has no glyph for is
        named by its code point, and long words may be broken.
    """
    if isinstance(text, Tex):
        return text
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


def _tables(report: ComparisonReport) -> Iterator[list[tuple[str, list[Pair]]]]:
    """The lines under their headings, as many at a time as a page holds."""
    for start in range(0, len(report.pairs), LINES):
        yield grouped(report.pairs[start : start + LINES])


def _endpoint(pair: Pair, column: str) -> Endpoint:
    return pair.gap if column == "iml_gap" else pair.conflict


def _environment() -> jinja2.Environment:
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
    environment.filters |= {"number": number, "endpoint": _endpoint}
    return environment
