from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.findings.distinctions import point_of
from iml_general.report.findings.pairs import grouped
from iml_general.report.text.wording import CONTROLS, SYMBOLS, listing, plain, readable, value_text

Make = Callable[..., Any]


def names_of(record: Any) -> list[str]:
    return [pair.name for pair in ComparisonReport.from_run(record).pairs if pair.is_subject]


def test_families_are_together_and_controls_stand_apart_at_the_end(report: ComparisonReport) -> None:
    headings = [heading for heading, _ in grouped(report.pairs)]
    assert headings == ["forests", "kernels", "linear", "neural networks", CONTROLS]
    roles = [pair.role for pair in report.pairs if not pair.is_subject]
    assert roles == ["positive control", "negative control", "reference"]


def test_all_endpoints_of_a_pair_stand_side_by_side_the_primary_one_first(report: ComparisonReport) -> None:
    mlp = next(pair for pair in report.pairs if pair.learner == "mlp")
    assert [(end.name, end.words) for end in mlp.ends] == [("trust", "trust"), ("iml_gap", "IML gap")]
    assert mlp.primary is mlp.end("trust")
    for end in mlp.ends:
        row = report.verdicts.filter(learner="mlp", endpoint=end.name).row(0, named=True)
        assert end.mean == row["mean"]


def test_a_line_has_the_finding_that_was_judged(report: ComparisonReport) -> None:
    found = {pair.name: pair.finding for pair in report.pairs}
    assert found == {
        "random-forest grow": "no trust",
        "random-forest refit": "trusts",
        "gaussian-process retrain": "gap only",
        "logistic-regression retrain": "not internalised",
        "mlp continue": "trusts",
        "ideal-observer retrain": "trusts",
        "tag-blind refit": "no trust",
        "chance retrain": "not internalised",
    }
    assert all(pair.symbol for pair in report.pairs)


def test_levels_of_a_rule_rise_from_the_plainest_to_the_most_sought_after(
    record: Make, synthetic: Any
) -> None:
    levels = ("sought", "tuned", "chosen", "default")
    lines = [synthetic("a", "grow", "f", default=level, configuration=level) for level in levels]
    assert names_of(record(lines, 3)) == ["a grow", "a grow chosen", "a grow tuned", "a grow sought"]


def test_only_what_varies_and_is_no_default_is_added_to_a_name(record: Make, synthetic: Any) -> None:
    levels = [synthetic("a", "grow", "f", default=level) for level in ("default", "tuned")]
    assert names_of(record(levels, 3)) == ["a grow", "a grow tuned"]
    twins = [synthetic("a", "grow", "f", configuration=c) for c in ("aa", "bb")]
    assert names_of(record([*twins, synthetic("b", "grow", "f")], 3)) == ["a grow aa", "a grow bb", "b grow"]


def test_memory_that_differs_between_the_sources_is_flagged(record: Make, synthetic: Any) -> None:
    run = record([synthetic("a", "grow", "f", 0.6, spread=0.001)], 3)
    worse = (
        (pl.col("group") == "new_unreliable") & (pl.col("probe") == "statement") & (pl.col("learner") == "a")
    )
    value = pl.when(worse).then(pl.col("value") - 0.2).otherwise("value")
    uneven = replace(run, scores=run.scores.with_columns(value=value))
    assert "unequal memory" in ComparisonReport.from_run(uneven).pairs[0].flags
    assert "unequal memory" not in ComparisonReport.from_run(run).pairs[0].flags


def test_a_disagreement_of_the_robustness_checks_is_flagged_with_its_endpoint(
    report: ComparisonReport,
) -> None:
    flags = [flag for pair in report.pairs for flag in pair.flags]
    assert flags
    rows = report.verdicts.filter(pl.col("disagreement") != "")
    words = {"trust": "trust", "iml_gap": "IML gap"}
    assert sorted(flags) == sorted(
        f"{words[r['endpoint']]}: {r['disagreement']}" for r in rows.iter_rows(named=True)
    )


def test_an_inconclusive_verdict_says_how_many_seeds_it_takes(report: ComparisonReport) -> None:
    ends = [end for pair in report.pairs for end in pair.ends if end.verdict == "inconclusive"]
    assert ends
    assert all(end.remark.endswith("seeds needed") for end in ends)
    assert not any(e.remark for p in report.pairs for e in p.ends if e.verdict != "inconclusive")


def test_an_endpoint_that_was_not_measured_is_said_in_words(record: Make, synthetic: Any) -> None:
    run = record([synthetic("mlp", "continue", "neural networks", 0.6, gap=0.3)])
    without = replace(run, scores=run.scores.filter(pl.col("group") != "new_conflict"))
    pair = ComparisonReport.from_run(without).pairs[0]
    trust = pair.end("trust")
    assert trust.mean is None
    assert trust.effect == "not measured"
    assert trust.verdict in SYMBOLS
    assert pair.end("iml_gap").verdict == "present"
    assert pair.finding == "gap only"


def test_one_seed_gives_a_mean_without_an_interval(record: Make, synthetic: Any) -> None:
    run = record([synthetic("mlp", "continue", "neural networks", gap=0.3)], n_seeds=1)
    gap = ComparisonReport.from_run(run).pairs[0].end("iml_gap")
    assert gap.mean is not None
    assert gap.interval == "[no interval]"


def test_plain_text_is_one_line_without_unseen_characters() -> None:
    assert plain("a\n\tb \x1b[31m\u202ec\x00") == "a b \ufffd[31m\ufffdc\ufffd"
    assert plain("a  b ") == "a b"


def test_listing_joins_as_a_sentence_does() -> None:
    assert [listing(list("abc")[:n]) for n in range(4)] == ["", "a", "a and b", "a, b and c"]
    assert listing(list("abcde"), most=2) == "a, b and 3 more"


def test_names_of_groups_and_moments_become_words() -> None:
    assert [readable(name) for name in ("new_reliable", "stage2", "told_by_fifth")] == [
        "new reliable",
        "stage 2",
        "told by fifth",
    ]


def test_values_of_a_point_keep_every_digit_and_no_more() -> None:
    assert point_of('{"alpha": 0.9999991, "aliases": 100.0, "code": "bits", "on": true}') == {
        "alpha": "0.9999991",
        "aliases": "100",
        "code": "bits",
        "on": "true",
    }
    assert point_of("") == {}
    assert value_text(0.9999992) != value_text(0.9999991)


@pytest.mark.parametrize("value", [1e300, -2.0, 1234567.0])
def test_large_whole_numbers_are_written_as_they_are(value: float) -> None:
    assert float(value_text(value)) == value
