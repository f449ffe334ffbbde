"""What a paper says of a run: results in sentences, the table beside them, how to do it again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from iml_general.judging.decision import FINDINGS
from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.findings.endpoint import Endpoint
from iml_general.report.findings.pairs import Pair
from iml_general.report.shown.answer import things
from iml_general.report.shown.laws import law_answer
from iml_general.report.shown.preregistration import adherences
from iml_general.report.shown.sheet import Sheet
from iml_general.report.text.rounding import MISSING, count_range
from iml_general.report.text.wording import listing, plain

DIGEST = 12  # letters of a SHA-256 that tell versions apart


def results(report: ComparisonReport) -> tuple[str, ...]:
    """Say what was found, finding by finding, no more and no less than that.

    Args:
        report: The report.

    Returns:
        Paragraphs of plain text: one per condition that has a control, then one on the controls. A study
        whose controls failed, or that is not finished, says so first.
    """
    first = [f"This study supports no claim: {' '.join(map(plain, report.faults))}"] if report.faults else []
    if report.unfinished:
        first.append(f"The study is not finished ({report.unfinished}).")
    laws = [law_answer(report)] if report.laws else []
    conditions = dict.fromkeys(pair.condition for pair in report.pairs if pair.is_subject)
    subjects = [
        [pair for pair in report.pairs if pair.is_subject and pair.condition == condition]
        for condition in conditions
    ]
    found = (" ".join(_found(report, pairs)) for pairs in subjects)
    return *first, *laws, *found, _controls(report)


def results_sheet(report: ComparisonReport, pairs: Sequence[Pair]) -> Sheet:
    """Put findings and the numbers that they rest on side by side.

    Args:
        report: The report.
        pairs: The lines.

    Returns:
        One row per line: of every endpoint the effect, its interval and corrected p.
    """
    ends = [head for one in report.endpoints for head in (plain(one.words), "95% interval", "p")]
    rows = [
        (_named(pair), pair.finding, *(cell for end in pair.ends for cell in _cells(end)), pair.seeds)
        for pair in pairs
    ]
    return Sheet(("learner, rule", "finding", *ends, "seeds"), tuple(rows))


def again(report: ComparisonReport) -> tuple[str, ...]:
    """Say how each run was made, by which code, and whether it kept to what was written down before it.

    Args:
        report: The report.

    Returns:
        One paragraph of plain text per run.
    """
    kept = {label: adherence.in_words for label, adherence in adherences(report)}
    return tuple(" ".join(_again(label, dict(run.provenance), kept)) for label, run in report.runs)


def _found(report: ComparisonReport, pairs: Sequence[Pair]) -> Iterator[str]:
    seeds = count_range([n for pair in pairs for n in pair.seed_counts])
    under = f" under the condition {pairs[0].condition}" if pairs[0].condition else ""
    yield f"We measured {len(pairs)} {things(pairs)} on {seeds} seeds each{under}."
    for finding in (*FINDINGS, MISSING):
        of_it = [pair for pair in pairs if pair.finding == finding]
        if of_it:
            yield _sentence(report, finding, sorted(of_it, key=lambda pair: -(pair.primary.mean or 0.0)))


def _sentence(report: ComparisonReport, finding: str, pairs: Sequence[Pair]) -> str:
    primary, *others = report.endpoints
    trust, gap = plain(primary.words), listing([plain(one.words) for one in others])
    bound = f"{getattr(report.settings, primary.sesoi):g}"
    n, verb = len(pairs), "was" if len(pairs) == 1 else "were"
    names = listing([pair.name for pair in pairs])
    estimates = "; ".join(f"{pair.name} ({_estimate(pair.primary)})" for pair in pairs)
    by_trust = "; ".join(f"{pair.name} ({_estimate(pair.primary)}, {_p(pair.primary)})" for pair in pairs)
    uncounted = f"we do not count this as evidence of {trust}"
    small = f"smaller than {bound} either way, by two one-sided tests"
    said = {
        "trusts": f"In {n} the reliable source was trusted: {by_trust}; p values are Holm-corrected over all"
        " claims.",
        "distrusts": f"In {n} the unreliable source was trusted more: {by_trust}; p values are Holm-corrected"
        " over all claims.",
        "gap only": f"In {n} the {gap} was present or reversed although {trust} was not shown; {uncounted}:"
        f" {names}.",
        "no trust": f"In {n} the absence of {trust} was shown ({small}): {estimates}.",
        "not internalised": f"In {n} nothing carried over from statements to questions, so that {trust} could"
        f" not be measured: {names}.",
        "undecided": f"{n} {verb} left undecided: {estimates}.",
    }
    return said.get(finding, f"{n} {verb} not measured: {names}.")


def _controls(report: ComparisonReport) -> str:
    controls = [pair for pair in report.pairs if not pair.is_subject]
    told = [f"{_named(pair)}: {pair.finding} ({_estimate(pair.primary)})" for pair in controls]
    return f"Controls and references, by the same measure: {'; '.join(told) or 'none'}."


def _named(pair: Pair) -> str:
    return pair.name if pair.is_subject else f"{pair.name} ({pair.role})"


def _estimate(end: Endpoint) -> str:
    return end.estimate or MISSING


def _p(end: Endpoint) -> str:
    p = end.p("p_holm")
    return f"p {p}" if p.startswith("<") else f"p = {p}"


def _cells(end: Endpoint) -> tuple[str, str, str]:
    return end.effect, end.interval if end.mean is not None else MISSING, end.p("p_holm")


def _again(label: str, facts: dict[str, str], kept: dict[str, str]) -> Iterator[str]:
    yield f"{label}: {facts.get('seeds', 'seeds not recorded')}."
    if command := facts.get("command"):
        yield f"Made by: {plain(command)}."
    digests = [
        f"{name} {text.rpartition(' ')[2][:DIGEST]}" for name, text in facts.items() if "code of" in name
    ]
    if digests:
        yield f"SHA-256 begins: {plain(listing(digests))}."
    if label in kept:
        yield kept[label]
