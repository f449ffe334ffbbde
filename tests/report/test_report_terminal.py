from __future__ import annotations

import io
import subprocess
import sys
from dataclasses import replace

import pytest
from rich.console import Console

from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.formats.terminal import print_verdicts


def printed(report: ComparisonReport, width: int = 80, encoding: str = "utf-8") -> str:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="\n")
    print_verdicts(report, Console(file=stream, width=width))
    stream.seek(0)
    return stream.read()


def test_every_pair_is_shown_with_verdict_effect_and_interval(report: ComparisonReport) -> None:
    text = printed(report)
    for pair in report.pairs:
        for end in pair.endpoints:
            assert f"{end.symbol} {end.verdict}" in text
            assert f"{end.effect} {end.interval}" in text


@pytest.mark.parametrize("width", [80, 100, 160])
def test_no_line_is_wider_than_the_terminal(report: ComparisonReport, width: int) -> None:
    assert max(len(line) for line in printed(report, width).splitlines()) <= width


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
    heavy = "{'altair', 'vl_convert', 'jinja2'}"
    code = f"import sys, iml_general.report.formats.terminal; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
