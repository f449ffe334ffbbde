from __future__ import annotations

import io
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.formats.terminal import print_verdicts

Make = Callable[..., Any]


def printed(report: ComparisonReport, width: int = 80, encoding: str = "utf-8") -> str:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="\n")
    print_verdicts(report, Console(file=stream, width=width))
    stream.seek(0)
    return stream.read()


def test_every_pair_is_shown_with_finding_verdict_effect_and_interval(report: ComparisonReport) -> None:
    text = printed(report, 160)
    for pair in report.pairs:
        assert f"{pair.symbol} {pair.finding}" in text
        for end in pair.ends:
            assert f"{end.symbol} {end.verdict}" in text
            assert f"{end.effect} {end.interval}" in text


@pytest.mark.parametrize("width", [80, 100, 160])
def test_no_line_is_wider_than_the_terminal(report: ComparisonReport, width: int) -> None:
    assert max(len(line) for line in printed(report, width).splitlines()) <= width


@pytest.mark.parametrize("width", [80, 90, 100, 160])
def test_no_name_verdict_effect_or_interval_breaks_in_the_middle(
    record: Make, synthetic: Any, width: int
) -> None:
    names = ("adaptive-random-forest", "logistic-regression", "mondrian-forest")
    report = ComparisonReport.from_run(record([synthetic(name, "continue", "f", 0.6, 0.2) for name in names]))
    words = set(re.split(r"[ \n]{2,}|\n", printed(report, width)))
    for pair in report.pairs:
        assert any(pair.learner in word for word in words)
        for end in pair.ends:
            assert {end.interval, f"{end.effect} {end.interval}"} & words, end.interval
            assert f"{end.symbol} {end.verdict}" in words


def test_endpoints_that_do_not_fit_stand_below_each_other(report: ComparisonReport) -> None:
    text = printed(report, 60)
    assert text.count("learner, rule") == 3  # two tables and the notes
    assert max(len(line) for line in text.splitlines()) <= 60
    assert all(end.interval in text for pair in report.pairs for end in pair.ends)


def test_what_has_no_verdict_and_what_is_less_important_needs_room(report: ComparisonReport) -> None:
    assert "statement weight" in printed(report, 160)
    assert "statement weight" not in printed(report, 100)
    assert "seeds" in printed(report, 100).splitlines()[2]


def test_notes_are_a_table(report: ComparisonReport) -> None:
    lines = printed(report, 160).splitlines()
    start = next(i for i, line in enumerate(lines) if re.fullmatch(r"learner, rule +note", line.rstrip()))
    assert re.search(r"random-forest refit +IML gap: about \d+ seeds needed", "\n".join(lines[start:]))


def test_the_answer_comes_last_with_warnings_before_it(report: ComparisonReport) -> None:
    record = replace(report.records[0], units_done=3)
    lines = printed(replace(report, records=(record,), faults=("A control failed.",)), 300).splitlines()
    assert lines[-3].startswith("UNFINISHED: 3 of 40")
    assert lines[-2] == "INVALID: A control failed."
    assert lines[-1].startswith("So far, with 3 of 40 units of work done: INVALID")


def test_failed_and_absent_are_told_with_their_reasons(hostile: ComparisonReport) -> None:
    text = printed(hostile, 400)
    assert "FAILED: <script>" in text
    assert "ABSENT: <script>" in text


def test_a_hostile_name_can_not_steer_the_terminal(hostile: ComparisonReport) -> None:
    text = printed(hostile)
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_a_terminal_without_these_symbols_gets_the_words(report: ComparisonReport) -> None:
    ascii_only = printed(report, encoding="ascii")
    assert "present" in ascii_only
    assert "\N{BLACK UP-POINTING TRIANGLE}" not in ascii_only


def test_printing_goes_to_standard_output(
    report: ComparisonReport, capsys: pytest.CaptureFixture[str]
) -> None:
    print_verdicts(report)
    out, err = capsys.readouterr()
    assert "IML gap" in out
    assert err == ""


def test_the_terminal_table_needs_no_charting_library() -> None:
    heavy = "{'vl_convert', 'jinja2'}"
    code = f"import sys, iml_general.report.formats.terminal; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
