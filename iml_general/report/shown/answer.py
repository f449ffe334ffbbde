"""What a run found, in sentences generated from its findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial

from iml_general.judging.decision import FINDINGS, VERDICTS
from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.findings.pairs import Pair
from iml_general.report.shown.laws import law_answer
from iml_general.report.shown.sweep_answer import sweep_answer
from iml_general.report.text.rounding import MISSING, count_range
from iml_general.report.text.wording import listing, plain

NAMED_AT_MOST = 6
TRUSTS, DISTRUSTS, *OTHERS = (*FINDINGS, MISSING)


def answer(report: ComparisonReport) -> str:
    """Say in how many of its pairs a study found trust, and what it found in the others.

    Args:
        report: The report.

    Returns:
        One sentence, one for each sweep, and each of them once per condition that is compared with a
        control. An invalid study gets no count: nothing that it counts could be believed.
    """
    so_far = f"So far, with {report.unfinished}: " if report.unfinished else ""
    if report.faults:
        checks = "one check" if len(report.faults) == 1 else f"{len(report.faults)} checks"
        return f"{so_far}INVALID: this study supports no claim, because {checks} of its controls failed."
    if not report.laws and not any(pair.is_subject for pair in report.pairs):
        return f"{so_far}No learner has been measured yet, only controls."
    return so_far + " ".join(_sentences(report))


def second_answer(report: ComparisonReport) -> str:
    """Say what the verdicts on the other endpoints are.

    Args:
        report: The report.

    Returns:
        The sentences; nothing if the study is invalid or no learner has been measured.
    """
    if report.faults:
        return ""
    return " ".join(_further(report))


def by_learner(pairs: Sequence[Pair]) -> list[str]:
    """Name every learner once, with its rules.

    Args:
        pairs: Lines of the verdict table.

    Returns:
        Texts such as ``"mlp (continue, retrain)"``, in the order of the pairs.
    """
    rules: dict[str, list[str]] = {}
    for pair in pairs:
        rules.setdefault(pair.learner, []).append(pair.rule)
    return [f"{learner} ({', '.join(dict.fromkeys(names))})" for learner, names in rules.items()]


def things(pairs: Sequence[Pair]) -> str:
    """Name what findings are on: pairs, or configurations where there are several of a pair."""
    thing = "learner-rule configuration" if _has_twins(pairs) else "learner-rule pair"
    return thing if len(pairs) == 1 else f"{thing}s"


def _sentences(report: ComparisonReport) -> Iterator[str]:
    """One on what is no point of a sweep, condition by condition, and one on each sweep."""
    if report.laws:
        yield law_answer(report)
    for _, pairs in _by_condition(report):
        yield f"{_count(pairs)}."
    for sweep in report.sweeps:
        if sweep.subjects:
            yield sweep_answer("Trust", sweep, lambda pair: pair.finding, FINDINGS)


def _further(report: ComparisonReport) -> Iterator[str]:
    primary, *others = (plain(effect.words) for effect in report.endpoints)
    for place, words in enumerate(others, start=1):
        for condition, pairs in _by_condition(report):
            verdicts = Counter(pair.ends[place].verdict for pair in pairs)
            found = [f"{one} for {verdicts[one]}" for one in (*VERDICTS, MISSING) if verdicts[one]]
            about = f"the {words} ({condition})" if condition else f"the {words}"
            yield f"The verdict on {about}, which by itself is no evidence of {primary}, is {listing(found)}."
        for sweep in report.sweeps:
            if sweep.subjects:
                claim = f"{words[:1].upper()}{words[1:]}"
                yield sweep_answer(claim, sweep, partial(_verdict, place), VERDICTS)


def _verdict(place: int, pair: Pair) -> str:
    return pair.ends[place].verdict


def _by_condition(report: ComparisonReport) -> Iterator[tuple[str, list[Pair]]]:
    """Subjects that are no points of a sweep, by words for the condition if there are several."""
    found: dict[str, list[Pair]] = {}
    for pair in report.pairs:
        if pair.is_subject and not pair.point:
            found.setdefault(pair.condition, []).append(pair)
    yield from found.items()


def _count(pairs: Sequence[Pair]) -> str:
    found = {finding: [pair for pair in pairs if pair.finding == finding] for finding in (*FINDINGS, MISSING)}
    trusting, distrusting = (_strongest(found[finding]) for finding in (TRUSTS, DISTRUSTS))
    seeds = count_range([n for pair in pairs for n in pair.seed_counts])
    each = "each" if "to" not in seeds else "per pair"
    condition = f"{pairs[0].condition}; " if pairs[0].condition else ""
    text = f"Trust is learned in {len(trusting) or 'none'} of {len(pairs)} {things(pairs)}"
    text += f" ({condition}{seeds} seeds {each})"
    if trusting:
        text += f": {listing(_which(trusting, pairs), NAMED_AT_MOST)}"
    if distrusting:
        which = listing(_which(distrusting, pairs), NAMED_AT_MOST)
        text += f"; the unreliable source is trusted more in {len(distrusting)}: {which}"
    others = [f"{finding} for {len(found[finding])}" for finding in OTHERS if found[finding]]
    return f"{text}; {listing(others)}" if others else text


def _strongest(pairs: Sequence[Pair]) -> list[Pair]:
    return sorted(pairs, key=lambda pair: -abs(pair.primary.mean or 0.0))


def _which(found: list[Pair], pairs: Sequence[Pair]) -> list[str]:
    """Learners with their rules, or only how often each was found where there are twins of a rule."""
    if not _has_twins(pairs):
        return by_learner(found)
    all_of, found_of = (Counter(pair.learner for pair in some) for some in (pairs, found))
    return [f"{learner} ({n} of {all_of[learner]})" for learner, n in found_of.items()]


def _has_twins(pairs: Sequence[Pair]) -> bool:
    return len({(pair.learner, pair.rule) for pair in pairs}) < len(pairs)
