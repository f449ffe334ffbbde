"""The LaTeX document, read by the strict rules that a plain article with booktabs has to keep."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.formats.latex import LINES, escape, number, render_latex
from iml_general.report.shown.methods import methods

Make = Callable[..., Any]

COMMANDS = {
    *("documentclass", "usepackage", "begin", "end", "section", "noindent", "textbf", "emph", "caption"),
    *("centering", "footnotesize", "raggedright", "linewidth", "multicolumn", "clearpage", "allowbreak"),
    *("toprule", "midrule", "bottomrule", "tabcolsep"),
    *("textbackslash", "textasciitilde", "textasciicircum", "textless", "textgreater", "textbar", "pm"),
}
ESCAPES = set("{}$&#_%\\")
NASTY = "a$b &c_d%e #f ~g ^h \\i {j} [k] *l \"m\" 'n' `o` <p> |q| \\\\ -- ''"


def tokens(text: str) -> list[str]:
    """Control sequences and single characters."""
    return re.findall(r"\\[A-Za-z]+|\\.|.|\n", text, flags=re.DOTALL)


def check(text: str) -> None:
    """Refuse whatever could stop the compiler, or do what no template of ours asked for."""
    assert text.isascii()
    assert text.count("\n\n\n\n") == 0
    open_environments: list[str] = []
    for kind, name in re.findall(r"\\(begin|end)\{(\w+)\}", text):
        if kind == "begin":
            open_environments.append(name)
        else:
            assert open_environments.pop() == name
    assert open_environments == []
    depth, mathematics = 0, False
    for token in tokens(text):
        depth += (token == "{") - (token == "}")
        assert depth >= 0
        mathematics ^= token == "$"
        assert token not in {"#", "%", "~", "^", "_"}, "an unescaped special character"
        if token.startswith("\\"):
            assert token[1:] in COMMANDS | ESCAPES, token
    assert depth == 0
    assert not mathematics
    assert "&" not in tokens(re.sub(r"\\begin\{tabular\}.*?\\end\{tabular\}", "", text, flags=re.DOTALL))


def rows_of(text: str) -> list[list[list[str]]]:
    """Cells of every row of every table; one that spans several columns is repeated."""
    tables = re.findall(r"\\begin\{tabular\}\{@\{\}p\{[^}]*\}(\w+)@\{\}\}\n(.*?)\\end\{tabular\}", text, re.S)
    found = []
    for columns, body in tables:
        rows = []
        for line in re.sub(r"\\(top|mid|bottom)rule\n", "", body).splitlines():
            assert line.endswith(r" \\")
            cells = [cell.strip() for cell in re.split(r"(?<!\\)&", line[:-3])]
            spanning = re.match(r"\\multicolumn\{(\d)\}", cells[0])
            rows.append(cells * (int(spanning[1]) if spanning else 1))
            assert len(rows[-1]) == len(columns) + 1
        found.append(rows)
    assert len(found) == text.count(r"\begin{tabular}") > 0
    return found


def test_the_document_keeps_the_rules(report: ComparisonReport, hostile: ComparisonReport) -> None:
    for one in (report, hostile):
        text = render_latex(one)
        check(text)
        assert text.startswith("\\documentclass{article}\n\\usepackage{booktabs}\n\\begin{document}\n")
        assert text.endswith("\\end{document}\n")
        assert len(rows_of(text)) == 1 + len(one.effects_table)


@pytest.mark.parametrize("broken", ["a_b", "50%", r"\input{x}", "{", "$1", "a & b", "é", r"\begin{table}"])
def test_the_rules_would_have_caught_a_fault(report: ComparisonReport, broken: str) -> None:
    text = render_latex(report).replace("\\section*{Results}", f"{broken}\n\\section*{{Results}}")
    with pytest.raises(AssertionError):
        check(text)


def test_escaped_text_holds_no_command_and_loses_nothing() -> None:
    text = escape(NASTY)
    check(text)
    undone = re.sub(r"\\text(\w+)\{\}", r"<\1>", text).replace("{}", "")
    assert re.sub(r"\\(.)", r"\1", undone) == (
        "a$b &c_d%e #f <asciitilde>g <asciicircum>h <backslash>i {j} {[}k{]} {*}l \"m\" 'n' `o`"
        " <less>p<greater> <bar>q<bar> <backslash><backslash> -- ''"
    )


def test_what_the_article_class_can_not_set_is_named_by_its_code_point() -> None:
    assert escape("né ± 中 \u202e") == r"n\'{e} $\pm$ {[}U+4E2D{]} {[}U+FFFD{]}"


def test_signs_do_not_join_and_long_words_may_be_broken() -> None:
    assert escape("a--b ``c''") == "a-{}-b `{}`c'{}'"
    assert escape("x" * 300).count(r"\allowbreak{}") == 37
    assert escape("x" * 24) == "x" * 24


def test_numbers_get_true_minus_signs_and_words_stay_words() -> None:
    assert [number(text) for text in ("-0.02", "[-0.1, +0.1]", "-1%", "< 0.0001")] == [
        "$-0.02$",
        "$[-0.1, +0.1]$",
        r"$-1\%$",
        "$< 0.0001$",
    ]
    assert [number(text) for text in ("not measured", "[no interval]", "1}$")] == [
        "not measured",
        "{[}no interval{]}",
        r"1\}\$",
    ]


def test_every_pair_has_its_finding_verdicts_effects_and_intervals(report: ComparisonReport) -> None:
    verdicts, *tables = rows_of(render_latex(report))
    for pair in report.pairs:
        name = rf"\raggedright {pair.name}"
        row = next(row for row in verdicts if row[0].startswith(name))
        assert row[1:4] == [pair.finding, *(end.verdict for end in pair.ends)]
        for table, end in zip(tables, pair.ends, strict=False):
            row = next(row for row in table if row[0] == name)
            assert row[1:3] == [f"${end.effect}$", f"${end.interval}$"]


def test_every_effect_without_a_verdict_has_a_table_too(report: ComparisonReport) -> None:
    text = render_latex(report)
    tables = rows_of(text)[1 + len(report.endpoints) :]
    others = [effect for effect in report.effects_table if not effect.endpoint]
    found = report.estimated
    for effect, table in zip(others, tables, strict=True):
        assert f"\\caption{{Controlled {effect.words}: mean over seeds" in text
        for pair in report.pairs:
            row = next(row for row in table if row[0] == rf"\raggedright {pair.name}")
            one, under = found.controlled(pair.key, effect.name), found.value(pair.key, effect.name)
            assert one is not None
            assert under is not None
            assert [row[1], row[3]] == [number(one.effect), number(under.effect)]


def test_many_lines_are_split_into_tables_that_fit_on_a_page(record: Make, synthetic: Any) -> None:
    many = [synthetic(f"a{i:02}", "grow", "f", gap=0.3) for i in range(LINES + 5)]
    report = ComparisonReport.from_run(record(many, 2))
    text = render_latex(report)
    check(text)
    tables = rows_of(text)
    assert len(tables) == 2 * (1 + len(report.effects_table))
    assert all(len(table) <= LINES + 3 for table in tables)
    assert text.count(" (continued).}") == len(tables) / 2


def test_the_methods_hold_the_run_s_own_numbers(report: ComparisonReport) -> None:
    design, run, statistics = methods(report)
    assert "Trust: How much more often" in design
    assert "controlled by subtracting its value under the condition shuffled, paired by seed" in design
    for fact in (
        "Study quick took place in the world statements.",
        "corroborated 100, contradicted 100,",
        "corroborated aliases were true with probability 1.",
        "random-forest (grow, refit)",
        "ideal-observer retrain (positive control)",
        "8 seeds (confirmation seeds 0 to 7 of root seed 0)",
        "Python 3.11.2 and iml-general 0.1.0",
    ):
        assert fact in run
    assert "at level 0.05 are Holm-corrected over all claims (10 tests in all)" in statistics
    assert "smallest effect of interest (SESOI): ±0.05 for trust and ±0.02 for IML gap" in statistics
    assert statistics.endswith("The positive control learned trust and the negative control did not.")


def test_the_methods_admit_what_went_wrong(hostile: ComparisonReport, report: ComparisonReport) -> None:
    assert "Of 40 units of work 3 were done, 1 failed." in methods(hostile)[1]
    invalid = replace(report, faults=("The negative control came out present.",))
    assert methods(invalid)[-1].endswith("The controls failed: The negative control came out present.")
