"""How a run measured, in sentences that hold the run's own numbers: a methods paragraph."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from iml_general.protocol.lies import LIES, are_invertible
from iml_general.protocol.protocol import configure_protocol
from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.findings.pairs import Pair
from iml_general.report.shown.answer import by_learner
from iml_general.report.text.rounding import count_range
from iml_general.report.text.wording import listing, plain, readable, value_text
from iml_general.rows import SUBJECT
from iml_general.study.storage.record import REUSED_SINCE, REUSED_UNITS, RunRecord

DESIGN = (
    "In stage 1 a learner sees statements of several sources, each marked with the source's tag, and"
    " questions with their answers: the statements of the reliable source agree with the answers, those of"
    " the unreliable one do not. In stage 2 it sees only statements about new aliases. Stage 2 is learned"
    " twice from the same state: as drawn, and as its twin, in which the reliable and the unreliable source"
    " change places in all that they say about aliases on which they disagree."
)


def methods(report: ComparisonReport) -> tuple[str, ...]:
    """Describe what was done.

    Args:
        report: The report.

    Returns:
        Paragraphs of plain text: the design, one per run, the statistics.
    """
    runs = (" ".join(_run(report, run)) for run in report.records)
    return " ".join(_design(report)), *runs, " ".join(_statistics(report))


def _design(report: ComparisonReport) -> Iterator[str]:
    yield DESIGN
    for effect in report.endpoints:
        yield f"{_capital(plain(effect.words))}: {plain(effect.definition)}"
    words = {condition.name: plain(condition.words) for condition in report.conditions}
    for condition in report.conditions:
        if condition.control:
            control = words.get(condition.control, plain(condition.control))
            yield f"An effect under the condition {words[condition.name]} is controlled by subtracting its"
            yield f"value under the condition {control}, paired by seed."
    for condition in report.conditions:
        yield f"{_capital(words[condition.name])}: {plain(condition.summary)}"


def _run(report: ComparisonReport, run: RunRecord) -> Iterator[str]:
    keys = set(run.scores.select("study", "world").unique().iter_rows())
    pairs = [pair for pair in report.pairs if pair.key[:2] in keys]
    facts = run.provenance
    about = f" ({plain(facts['world'])})" if "world" in facts else ""
    yield f"Study {plain(run.name)} took place in the world {plain(run.plan['world']['name'])}{about}."
    yield from _protocol(run)
    yield from _sweep(run)
    yield from _who(pairs)
    seeds = f" ({plain(facts['seeds'])})" if "seeds" in facts else ""
    counts = count_range([n for pair in pairs for n in pair.seed_counts])
    yield f"Each was measured on {counts} seeds{seeds}; a seed draws a fresh world, a fresh split of the"
    yield "aliases into groups, and the learner's randomness."
    if not run.complete or run.failures.height:
        yield f"Of {run.units_total} units of work {run.units_done} were done, {run.failures.height} failed."
    if REUSED_UNITS in facts:
        reused = f"{plain(facts[REUSED_UNITS])} were measured by an earlier run, and reused"
        yield f"Of the run {reused}; the first of them was begun {plain(facts[REUSED_SINCE])}."
    versions = {name: fact for name, fact in facts.items() if name.startswith("version of ")}
    software = [f"{name.removeprefix('version of ')} {fact}" for name, fact in versions.items()]
    yield f"Software and data: {plain(listing(software)) or 'not recorded'}."


def _protocol(run: RunRecord) -> Iterator[str]:
    """Sources and sizes as the plan has them, but for what a sweep varied."""
    factors = run.plan.get("sweep", ())
    varied = {key for factor in factors for keys, _ in _together(factor) for key in keys}
    protocol = configure_protocol(run.plan.get("protocol", {}))
    sizes = [f"{readable(group)} {size}" for group, size in protocol.group_sizes.items()]
    but = " (but for what the sweep varied)" if any(key.startswith("protocol.") for key in varied) else ""
    yield f"Numbers of aliases by group{but}: {listing(sizes)}."
    for source in protocol.taught:
        if f"protocol.sources.{source.name}.reliability" not in varied:
            yield f"Stage-1 statements about {readable(source.taught_group)} aliases were true with"
            yield f"probability {source.reliability:g}."
    if are_invertible(protocol.lies) and "protocol.lies" not in varied:
        yield f"Where they were not, they were {LIES[protocol.lies]}."


def _sweep(run: RunRecord) -> Iterator[str]:
    factors = run.plan.get("sweep", ())
    if not factors:
        return
    settings = [
        f"{listing(keys)} to {listing([value_text(value) for value in values])}"
        for factor in factors
        for keys, values in _together(factor)
    ]
    yield plain(f"The sweep set {', and '.join(settings)}, everything else being equal; the ideal")
    yield "observer was measured at each point, too, unless all factors are a learner's own, and the controls"
    yield "as without the sweep."


def _together(factor: Mapping[str, Any]) -> Iterator[tuple[list[str], list[Any]]]:
    """All keys that a factor varies, those that take equal values together, with the values."""
    yield factor["factors"], factor["values"]
    yield from (([key], values) for key, values in factor.get("along", {}).items())


def _who(pairs: list[Pair]) -> Iterator[str]:
    subjects = [pair for pair in pairs if pair.is_subject]
    yield f"Measured were {listing(by_learner(subjects)) or 'no learners'}."
    controls = [f"{pair.learner} {pair.rule} ({pair.role})" for pair in pairs if not pair.is_subject]
    yield f"Controls and references were {listing(list(dict.fromkeys(controls))) or 'missing'}."


def _statistics(report: ComparisonReport) -> Iterator[str]:
    settings = report.settings
    is_claim = report.verdicts["role"] == SUBJECT
    tests = report.verdicts.filter(is_claim & report.verdicts["p"].is_not_null()).height
    within = " within each run" if len(report.records) > 1 else ""
    bounds = [f"±{getattr(settings, one.sesoi):g} for {plain(one.words)}" for one in report.endpoints]
    yield "Seeds are the independent units. For every learner, update rule and endpoint we give the mean"
    yield "controlled effect over seeds with its 95% t-interval. Two-sided one-sample t-tests against 0 at"
    yield f"level {settings.alpha:g} are Holm-corrected over all claims{within} ({tests} tests in all);"
    yield "equivalence to 0 is tested by two one-sided t-tests against the smallest effect of interest"
    yield f"(SESOI): {listing(bounds)}. BCa bootstrap intervals and sign-flip permutation tests are"
    yield "robustness checks."
    if report.faults:
        yield f"The controls failed: {' '.join(plain(fault) for fault in report.faults)}"
    else:
        yield "The positive control learned trust and the negative control did not."


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
