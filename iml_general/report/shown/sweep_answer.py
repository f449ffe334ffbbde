"""What a sweep found, in one sentence: over which values each verdict was given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from iml_general.report.findings.endpoint import Endpoint
from iml_general.report.findings.sweeps import Curve, Sweep
from iml_general.report.text.rounding import MISSING, count_range
from iml_general.report.text.wording import SYMBOLS, listing

NAMED_AT_MOST = 6


def sweep_answer(claim: str, sweep: Sweep, endpoint: int) -> str:
    """Say for each pair over which values an effect is present, and what holds elsewhere.

    Args:
        claim: Name of the effect, to begin a sentence with.
        sweep: The sweep, with at least one subject.
        endpoint: Which of a pair's endpoints it is about, 0 or 1.

    Returns:
        One sentence such as ``"IML over alpha, 0.5 to 1 (8 seeds each): xgboost (refit): present from
        alpha=0.75 and absent at 0.5."``; pairs of which the same is to be said
        are named together, those with the most values present first.
    """
    seeds = count_range([n for c in sweep.subjects for pair in c.points.values() for n in pair.seed_counts])
    each = "each" if "to" not in seeds else "per point"
    curves = sorted(sweep.subjects, key=lambda curve: -len(_values(sweep, curve, endpoint, "present")))
    alike: dict[str, list[str]] = {}
    for curve in curves:
        alike.setdefault(listing([*_phrases(sweep, curve, endpoint)]), []).append(curve.in_words)
    shown = list(alike.items())[:NAMED_AT_MOST]
    parts = [f"{listing(names, NAMED_AT_MOST)}: {found}" for found, names in shown]
    omitted = len(curves) - sum(len(names) for _, names in shown)
    if omitted:
        parts.append(f"{omitted} more in the table of the sweep")
    values = f"{sweep.values[0]} to {sweep.values[-1]}" if sweep.numbers else f"{len(sweep.values)} values"
    return f"{claim} over {sweep.about}, {values} ({seeds} seeds {each}): {'; '.join(parts)}."


def values_in_words(sweep: Sweep, chosen: Sequence[str], name: str = "") -> str:
    """Say which of a sweep's values are meant.

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


def _phrases(sweep: Sweep, curve: Curve, endpoint: int) -> Iterator[str]:
    """Every verdict of a curve and its values; the first says the factor's name."""
    name = f"{sweep.factor}="
    for verdict in SYMBOLS:
        values = _values(sweep, curve, endpoint, verdict)
        if values:
            yield f"{verdict} {values_in_words(sweep, values, name)}{_caveat(curve, endpoint, values)}"
            name = ""


def _values(sweep: Sweep, curve: Curve, endpoint: int, verdict: str) -> list[str]:
    return [value for value in sweep.values if _verdict(_end(curve, value, endpoint)) == verdict]


def _caveat(curve: Curve, endpoint: int, values: Sequence[str]) -> str:
    """How often an absence says nothing."""
    ends = [_end(curve, value, endpoint) for value in values]
    saturated = sum(_verdict(e) == "absent" and bool(e and e.values.get("saturated")) for e in ends)
    return f" ({saturated} of {len(ends)} saturated: no gap could have shown)" if saturated else ""


def _end(curve: Curve, value: str, endpoint: int) -> Endpoint | None:
    pair = curve.points.get(value)
    return pair.endpoints[endpoint] if pair else None


def _verdict(end: Endpoint | None) -> str:
    return end.verdict if end else MISSING
