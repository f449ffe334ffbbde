"""Text and table for a paper say what was found, in sentences that can be pasted."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from markdown_it import MarkdownIt

from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.formats.latex import LINES
from iml_general.report.formats.paper import bibliography, paper_latex, paper_markdown
from iml_general.report.shown.paper import results, results_sheet

Make = Callable[..., Any]


def test_every_pair_stands_in_the_sentence_of_its_finding_with_its_numbers(report: ComparisonReport) -> None:
    subjects = [pair for pair in report.pairs if pair.is_subject]
    found, controls = results(report)
    begins = {
        "trusts": "the reliable source was trusted",
        "gap only": "the IML gap was present or reversed although trust was not shown",
        "no trust": r"absence of trust was shown \(smaller than 0.05",
        "undecided": "left undecided",
        "not internalised": "nothing carried over from statements to questions",
    }
    for pair in subjects:
        (sentence,) = re.findall(rf"[^.]*{begins[pair.finding]}.*?\.(?= |$)", found)
        assert pair.name in sentence
        if pair.finding in {"trusts", "no trust", "undecided"}:
            assert f"{pair.name} ({pair.primary.estimate}" in sentence
    assert f"We measured {len(subjects)} learner-rule pairs on 8 seeds each." in found
    assert "ideal-observer retrain (positive control): trusts (" in controls
    assert "tag-blind refit (negative control): no trust (" in controls


def test_the_table_has_every_effect_interval_and_corrected_p(report: ComparisonReport) -> None:
    sheet = results_sheet(report, report.pairs)
    assert sheet.columns[2:5] == ("trust", "95% interval", "p")
    for pair, row in zip(report.pairs, sheet.rows, strict=True):
        numbers = [cell for end in pair.ends for cell in (end.effect, end.interval, end.p("p_holm"))]
        assert row[1:] == (pair.finding, *numbers, pair.seeds)
        assert row[0].startswith(pair.name)


def test_both_forms_hold_methods_results_table_seeds_versions_and_what_to_cite(
    report: ComparisonReport,
) -> None:
    tex, note = paper_latex(report), paper_markdown(report)
    for text in (tex, note):
        for fact in (
            "Seeds are the independent units",
            "We measured 5 learner-rule pairs",
            "confirmation seeds 0 to 7 of root seed 0",
            "iml-general 0.1.0",
            "Krasheninnikov",
            "random-forest refit",
        ):
            assert fact in text
    assert "version = {0.1.0}" in bibliography(report)
    assert "arXiv:2310.15047" in bibliography(report)


def test_what_does_not_fit_on_a_page_goes_on_in_a_table_that_says_so(record: Make, synthetic: Any) -> None:
    many = [synthetic(f"a{i:02}", "grow", "f", gap=0.3) for i in range(LINES + 5)]
    captions = re.findall(r"\\caption\{(.*)\}", paper_latex(ComparisonReport.from_run(record(many, 2))))
    assert [caption.endswith(" (continued).") for caption in captions] == [False, True]


def test_no_name_breaks_out_of_either_form(hostile: ComparisonReport) -> None:
    tex = paper_latex(hostile)
    assert tex.isascii()
    body = "\n".join(line for line in tex.splitlines() if not line.startswith("% "))
    assert re.findall(r"(?<!\\)[#%~^_]", body) == []
    assert set(re.findall(r"\\(begin|end|input|include|write)\{(\w+)\}", body)) == {
        ("begin", "table"),
        ("end", "table"),
        ("begin", "tabular"),
        ("end", "tabular"),
    }
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(paper_markdown(hostile))
    assert not {"html_block", "code_block", "fence"} & {token.type for token in tokens}


def test_a_study_that_supports_no_claim_or_is_not_finished_says_so_first(
    record: Make, synthetic: Any
) -> None:
    run = record([synthetic("a", "grow", "f", preference=0.5)], 4)
    unfinished = results(ComparisonReport.from_run(replace(run, units_total=run.units_done + 1)))
    assert unfinished[0].startswith("The study is not finished (")
    blind = run.scores.filter(run.scores["learner"] != "tag-blind")
    invalid = results(ComparisonReport.from_run(replace(run, scores=blind)))
    assert invalid[0].startswith("This study supports no claim: ")
