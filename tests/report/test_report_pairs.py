from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import polars as pl

from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.findings.pairs import grouped
from iml_general.report.text.wording import CONTROLS, SYMBOLS, listing, plain

Make = Callable[..., Any]


def test_families_are_together_and_controls_stand_apart_at_the_end(report: ComparisonReport) -> None:
    headings = [heading for heading, _ in grouped(report.pairs)]
    assert headings == ["forests", "linear", "neural networks", CONTROLS]
    roles = [pair.role for pair in report.pairs if not pair.is_subject]
    assert roles == ["positive control", "negative control", "reference"]


def test_both_endpoints_of_a_pair_stand_side_by_side(report: ComparisonReport) -> None:
    mlp = next(pair for pair in report.pairs if pair.learner == "mlp")
    row = report.verdicts.filter(learner="mlp", endpoint="conflict_preference").row(0, named=True)
    assert mlp.conflict.mean == row["mean"]
    assert mlp.gap.mean != row["mean"]


def test_levels_of_a_rule_rise_from_the_plainest_to_the_most_sought_after(
    record: Make, synthetic: Any
) -> None:
    levels = ("sought", "tuned", "chosen", "default")
    lines = [synthetic("a", "grow", "f", default=level, configuration=level) for level in levels]
    names = [pair.name for pair in ComparisonReport.from_run(record(lines, 3)).pairs if pair.is_subject]
    assert names == ["a grow", "a grow chosen", "a grow tuned", "a grow sought"]


def test_only_what_varies_and_is_no_default_is_added_to_a_name(record: Make, synthetic: Any) -> None:
    levels = [synthetic("a", "grow", "f", default=level) for level in ("default", "tuned")]
    assert [p.name for p in ComparisonReport.from_run(record(levels, 3)).pairs if p.is_subject] == [
        "a grow",
        "a grow tuned",
    ]
    twins = [synthetic("a", "grow", "f", configuration=c) for c in ("aa", "bb")]
    names = [
        pair.name
        for pair in ComparisonReport.from_run(record([*twins, synthetic("b", "grow", "f")], 3)).pairs
    ]
    assert names[:3] == ["a grow aa", "a grow bb", "b grow"]


def test_flags_are_words(record: Make, synthetic: Any) -> None:
    subject = synthetic("forest", "grow", "forests", 0.998, spread=0.0005)
    pair = ComparisonReport.from_run(record([subject])).pairs[0]
    assert "saturated" in pair.flags


def test_a_gap_without_a_preference_is_flagged(record: Make, synthetic: Any) -> None:
    subjects = [synthetic("a", "grow", "f", gap=0.3), synthetic("b", "grow", "f", gap=0.3, preference=0.5)]
    alone, both = ComparisonReport.from_run(record(subjects)).pairs[:2]
    assert alone.gap.verdict == both.gap.verdict == both.conflict.verdict == "present"
    assert "gap without preference" in alone.flags
    assert "gap without preference" not in both.flags


def test_an_inconclusive_verdict_says_how_many_seeds_it_takes(report: ComparisonReport) -> None:
    ends = [end for pair in report.pairs for end in pair.endpoints if end.verdict == "inconclusive"]
    assert ends
    assert all(end.remark.endswith("seeds needed") for end in ends)
    assert not any(e.remark for p in report.pairs for e in p.endpoints if e.verdict != "inconclusive")


def test_an_endpoint_that_was_not_measured_is_said_in_words(record: Make, synthetic: Any) -> None:
    run = record([synthetic("mlp", "continue", "neural networks", gap=0.3)])
    without = replace(run, scores=run.scores.filter(pl.col("group") != "new_conflict"))
    pair = ComparisonReport.from_run(without).pairs[0]
    assert pair.conflict.mean is None
    assert pair.conflict.effect == "not measured"
    assert pair.conflict.verdict in SYMBOLS
    assert pair.gap.verdict == "present"


def test_one_seed_gives_a_mean_without_an_interval(record: Make, synthetic: Any) -> None:
    run = record([synthetic("mlp", "continue", "neural networks", gap=0.3)], n_seeds=1)
    gap = ComparisonReport.from_run(run).pairs[0].gap
    assert gap.mean is not None
    assert gap.interval == "[no interval]"


def test_plain_text_is_one_line_without_unseen_characters() -> None:
    assert plain("a\n\tb \x1b[31m\u202ec\x00") == "a b \ufffd[31m\ufffdc\ufffd"


def test_listing_joins_as_a_sentence_does() -> None:
    assert [listing(list("abc")[:n]) for n in range(4)] == ["", "a", "a and b", "a, b and c"]
    assert listing(list("abcde"), most=2) == "a, b and 3 more"
