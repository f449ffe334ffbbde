"""What a run found, in one sentence generated from its verdicts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from iml_general.report.findings.endpoint import Endpoint
from iml_general.report.findings.pairs import Pair
from iml_general.report.findings.sweeps import Sweep
from iml_general.report.shown.sweep_answer import sweep_answer
from iml_general.report.text.rounding import count_range
from iml_general.report.text.wording import listing

NAMED_AT_MOST = 6
OTHERS = ("reversed", "absent", "not internalised", "inconclusive", "not measured")


def answer(pairs: Sequence[Pair], sweeps: Sequence[Sweep], faults: Sequence[str], unfinished: str) -> str:
    """Say where implicit meta-learning appears.

    Args:
        pairs: Lines of the verdict table, controls included.
        sweeps: The sweeps that some of them are points of.
        faults: Why the study is invalid; empty if it is valid.
        unfinished: How far the run is, in words; empty if it is complete.

    Returns:
        One sentence, and one for each sweep. An invalid study gets no count: nothing that it counts
        could be believed.
    """
    so_far = f"So far, with {unfinished}: " if unfinished else ""
    if faults:
        checks = "one check" if len(faults) == 1 else f"{len(faults)} checks"
        return f"{so_far}INVALID: this study supports no claim, because {checks} of its controls failed."
    subjects = [pair for pair in pairs if pair.is_subject]
    if not subjects:
        return f"{so_far}No learner has been measured yet, only controls."
    return so_far + " ".join(_sentences("IML", subjects, sweeps, 0))


def second_endpoint(pairs: Sequence[Pair], sweeps: Sequence[Sweep]) -> str:
    """Say the same of the conflict preference.

    Args:
        pairs: Lines of the verdict table, controls included.
        sweeps: The sweeps that some of them are points of.

    Returns:
        The sentences, or nothing if no learner has been measured.
    """
    subjects = [pair for pair in pairs if pair.is_subject]
    return " ".join(_sentences("A preference for the reliable tag in conflicts", subjects, sweeps, 1))


def _sentences(claim: str, subjects: list[Pair], sweeps: Sequence[Sweep], endpoint: int) -> Iterator[str]:
    """One on what is no point of a sweep, and one on each sweep."""
    points = {pair.key for sweep in sweeps for curve in sweep.curves for pair in curve.points.values()}
    others = [pair for pair in subjects if pair.key not in points]
    if others:
        yield _sentence(f"{claim} appears", others, [pair.endpoints[endpoint] for pair in others])
    for sweep in sweeps:
        if sweep.subjects:
            yield sweep_answer(claim, sweep, endpoint)


def _sentence(claim: str, pairs: list[Pair], endpoints: list[Endpoint]) -> str:
    both = zip(pairs, endpoints, strict=True)
    found = sorted(((e.mean or 0.0, p) for p, e in both if e.verdict == "present"), key=lambda one: -one[0])
    counts = Counter(end.verdict for end in endpoints)
    others = [f"{verdict} for {counts[verdict]}" for verdict in OTHERS if counts[verdict]]
    saturated = sum(end.verdict == "absent" and bool(end.values.get("saturated")) for end in endpoints)
    caveat = f" ({saturated} of the absent saturated: no gap could have shown)" if saturated else ""
    seeds = count_range([n for pair in pairs for n in pair.seed_counts])
    each = "each" if "to" not in seeds else "per pair"
    of = f"{len(found) or 'none'} of {len(pairs)} {things(pairs)}"
    which = f": {listing(_which([pair for _, pair in found], pairs), NAMED_AT_MOST)}" if found else ""
    rest = f"; the verdict is {listing(others)}{caveat}" if others else ""
    return f"{claim} in {of} ({seeds} seeds {each}){which}{rest}."


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


def _which(found: list[Pair], pairs: list[Pair]) -> list[str]:
    """Learners with their rules, or only how often each was found where there are twins of a rule."""
    if not _has_twins(pairs):
        return by_learner(found)
    all_of, found_of = (Counter(pair.learner for pair in some) for some in (pairs, found))
    return [f"{learner} ({n} of {all_of[learner]})" for learner, n in found_of.items()]


def _has_twins(pairs: Sequence[Pair]) -> bool:
    return len({(pair.learner, pair.rule) for pair in pairs}) < len(pairs)


def things(pairs: Sequence[Pair]) -> str:
    """Name what verdicts are on: pairs, or configurations where there are several of a pair."""
    thing = "learner-rule configuration" if _has_twins(pairs) else "learner-rule pair"
    return thing if len(pairs) == 1 else f"{thing}s"
