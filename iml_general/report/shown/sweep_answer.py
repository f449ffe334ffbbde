"""What a sweep found, in one sentence: over which values each word was given."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from iml_general.report.findings.pairs import Pair
from iml_general.report.findings.sweeps import Curve, Sweep
from iml_general.report.text.rounding import MISSING, count_range
from iml_general.report.text.wording import listing

NAMED_AT_MOST = 6

Word = Callable[[Pair], str]


def sweep_answer(claim: str, sweep: Sweep, word: Word, words: Sequence[str]) -> str:
    """Say for each curve over which values it got which word.

    Args:
        claim: What it is about, to begin a sentence with.
        sweep: The sweep, with at least one subject.
        word: The finding, or the verdict, of a point.
        words: All that it can be, the one that is looked for first.

    Returns:
        One sentence such as ``"Trust over alpha, 0.5 to 1 (8 seeds each): xgboost (refit): trusts from
        alpha=0.75 and undecided at 0.5."``; curves of which the same is to be said are named together,
        those with the most values of the first word first.
    """
    seeds = count_range([n for c in sweep.subjects for pair in c.points.values() for n in pair.seed_counts])
    each = "each" if "to" not in seeds else "per point"
    curves = sorted(sweep.subjects, key=lambda curve: -len(_values(sweep, curve, word, words[0])))
    alike: dict[str, list[str]] = {}
    for curve in curves:
        said = listing([*_phrases(sweep, curve, word, words)])
        alike.setdefault(said, []).append(curve.in_words)
    shown = list(alike.items())[:NAMED_AT_MOST]
    parts = [f"{listing(names, NAMED_AT_MOST)}: {found}" for found, names in shown]
    omitted = len(curves) - sum(len(names) for _, names in shown)
    if omitted:
        parts.append(f"{omitted} more in the table of the sweep")
    values = f"{sweep.values[0]} to {sweep.values[-1]}" if sweep.numbers else f"{len(sweep.values)} values"
    return f"{claim} over {sweep.about}, {values} ({seeds} seeds {each}): {'; '.join(parts)}."


def values_in_words(sweep: Sweep, chosen: Sequence[str], name: str = "") -> str:
    """Say which of the first factor's values are meant.

    Args:
        sweep: The sweep.
        chosen: At least one of its values, in their order.
        name: What stands before the first value.

    Returns:
        Text such as ``"from 0.75"``, ``"up to 0.5"``, ``"at 0.25 and 1"`` or ``"at every value"``.
    """
    values = list(sweep.values)
    if len(chosen) == len(values):
        return "at every value"
    first = values.index(chosen[0])
    is_run = len(chosen) > 1 and values[first : first + len(chosen)] == list(chosen)
    if sweep.numbers is None or not is_run:
        return f"at {name}{listing(chosen)}"
    if chosen[-1] == values[-1]:
        return f"from {name}{chosen[0]}"
    return f"up to {name}{chosen[-1]}" if first == 0 else f"from {name}{chosen[0]} to {chosen[-1]}"


def _phrases(sweep: Sweep, curve: Curve, word: Word, words: Sequence[str]) -> Iterator[str]:
    """Every word of a curve and its values; the first says the factor's name."""
    name = f"{sweep.factor}="
    for one in (*words, MISSING):
        values = _values(sweep, curve, word, one)
        if values:
            yield f"{one} {values_in_words(sweep, values, name)}"
            name = ""


def _values(sweep: Sweep, curve: Curve, word: Word, wanted: str) -> list[str]:
    points = curve.points
    return [
        value for value in sweep.values if (word(points[value]) if value in points else MISSING) == wanted
    ]
