"""The plans of runs: as a file that can be run again, and where several differ."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import tomli_w

from iml_general.report.shown.sheet import Sheet
from iml_general.report.text.wording import plain

ABSENT = "not set"
PRESENCE = ("takes part", "does not take part")


def plan_toml(plan: Mapping[str, Any]) -> str:
    """Write a plan as TOML.

    Args:
        plan: Nested JSON values. TOML has no null: keys without a value are left out.

    Returns:
        Lines of TOML that `tomllib` reads back as an equal plan.
    """
    return tomli_w.dumps(_without_null(plan))


def plan_differences(plans: Sequence[tuple[str, Mapping[str, Any]]]) -> Sheet:
    """Put the settings that differ side by side.

    Args:
        plans: Name and resolved plan of every run.

    Returns:
        One row per setting that not all plans share, then one per learner that not all have: what
        it is, then its value in every plan. No rows if the plans are equal.
    """
    shared = [dict(_leaves({k: v for k, v in plan.items() if k != "learners"})) for _, plan in plans]
    rows = list(_unlike(shared, ABSENT))
    learners = [_learners(plan) for _, plan in plans]
    for name in dict.fromkeys(name for one in learners for name in one):
        takes_part = [name in one for one in learners]
        if all(takes_part):
            options = [dict(_leaves(one[name], (name,))) for one in learners]
            rows += _unlike(options, ABSENT)
        else:
            rows.append((plain(name), *(PRESENCE[not here] for here in takes_part)))
    return Sheet(("setting", *(name for name, _ in plans)), tuple(rows))


def _without_null(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _without_null(inner) for key, inner in value.items() if inner is not None}
    return [_without_null(inner) for inner in value] if isinstance(value, list | tuple) else value


def _unlike(flat: Sequence[Mapping[str, str]], missing: str) -> Iterator[tuple[str, ...]]:
    for place in dict.fromkeys(place for one in flat for place in one):
        values = [one.get(place, missing) for one in flat]
        if len(set(values)) > 1:
            yield (plain(place), *(plain(value) for value in values))


def _leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """Every single setting of a nested plan: its place in dots, and its value as JSON."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(inner, (*path, str(key)))
    else:
        yield ".".join(path), json.dumps(value, ensure_ascii=False, sort_keys=True)


def _learners(plan: Mapping[str, Any]) -> dict[str, Any]:
    """Learners by name; one that takes part several times is numbered."""
    seen: Counter[str] = Counter()
    learners = {}
    for learner in plan.get("learners", []):
        name = str(learner["name"])
        seen[name] += 1
        label = f"learner {name}" if seen[name] == 1 else f"learner {name} ({seen[name]})"
        learners[label] = {key: value for key, value in learner.items() if key != "name"}
    return learners
