"""Writes the table that `iml run --dry-run` falls back on: what one seed of every learner takes.

python scripts/write_seconds_per_seed.py [LEARNER ...]

Processor seconds of one thread, so that what else the machine does matters little. Every learner is
measured in a process of its own, for the sake of the memory.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import subprocess
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

FILE = Path(__file__).parents[1] / "iml_general" / "study" / "estimate" / "seconds_per_seed.json"
PRESETS = Path(__file__).parents[1] / "studies" / "presets"
OF_PRESETS = ("quick", "standard")
"""Presets whose options of learners are measured besides the defaults: a new user asks about these."""


OWN = {"causal-lm": "text"}
"""Learners of which a seed of the default world would take a quarter of an hour: the preset with a smaller
world in which they are measured instead, with its options, under all rules, on one seed."""

SMALL = {
    **dict.fromkeys(("undefined", "new_conflict", "unseen"), 4),
    "sources": {
        "reliable": {"stage1": 4, "stage2": 4},
        "unreliable": {"stage1": 4, "stage2": 4},
        "neutral": {"stage2": 4},
    },
}


def main() -> None:
    """Measure the learners given, or all that can be loaded, and write their lines of the table."""
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(_measure(sys.argv[2], json.loads(sys.argv[3]))))  # noqa: T201
        return
    from iml_general.plugins import registry

    names = sys.argv[1:] or [name for name, found in registry.learners().items() if not found.reason]
    for name in names:  # a table that is cut short is one of fewer learners
        _write(name, _lines(name))


def _write(name: str, measured: list[dict[str, Any]]) -> None:
    """Put a learner's lines into the table, in place of those that it had."""
    table = json.loads(FILE.read_text()) if FILE.exists() else {"learners": []}
    others = [one for one in table["learners"] if one["learner"] != name]
    table = {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python"
        f" {platform.python_version()}",
        "learners": sorted(others + measured, key=lambda one: (one["learner"], json.dumps(one["options"]))),
    }
    text = json.dumps(table, indent=1)
    FILE.write_text(f"{text}\n")


def _lines(name: str) -> list[dict[str, Any]]:
    environment = {**os.environ, **dict.fromkeys(("OMP_NUM_THREADS", "POLARS_MAX_THREADS"), "1")}
    lines = []
    if name in OWN:
        every = _options_of_presets(name, (OWN[name],))
    else:
        every = [{}, *_options_of_presets(name, OF_PRESETS)]
    for options in every:
        command = [sys.executable, __file__, "--one", name, json.dumps(options)]
        done = subprocess.run(command, check=True, env=environment, stdout=subprocess.PIPE, text=True)
        lines.append(json.loads(done.stdout))
        sys.stderr.write(f"{done.stdout}\n")
    return lines


def _options_of_presets(name: str, presets: Iterable[str]) -> list[dict[str, Any]]:
    plans = [tomllib.loads((PRESETS / f"{preset}.toml").read_text("utf-8")) for preset in presets]
    given = (entry.get("options") for plan in plans for entry in plan["learners"] if entry["name"] == name)
    return [options for options in given if options]


def _measure(name: str, options: dict[str, Any]) -> dict[str, Any]:
    import psutil

    from iml_general.learner import COHORT_SEEDS, Cohort
    from iml_general.measuring.measure import Setting, measure
    from iml_general.options import options_of
    from iml_general.plugins import registry
    from iml_general.protocol import BUILT_IN, Condition, configure_protocol
    from iml_general.seeds import Seed
    from iml_general.study.estimate.size import size_of
    from iml_general.study.plan.entrant import Entrant
    from iml_general.study.plan.overrides import Overrides, find_plan
    from iml_general.study.plan.resolve import resolve
    from iml_general.worlds.digits import Digits
    from iml_general.worlds.numbers import Numbers
    from iml_general.worlds.statements import Statements

    bare_mb = psutil.Process().memory_info().rss / 2**20
    cls = registry.learner(name)
    rules = cls.info.rules if len(cls.info.rules) > 1 else ("",)
    variants = tuple(cls(**options, **({"rule": rule} if rule else {})) for rule in rules)
    conditions: tuple[Condition, ...] = BUILT_IN
    if name in OWN:
        planned = resolve(find_plan(OWN[name], Overrides(learners=(name,))))
        conditions = planned.conditions
        setting = next(one.setting for one in planned.entrants if one.name == name)
    else:
        alike = (one for one in (Statements(), Digits(), Numbers()) if one.answer_kind == cls.answer_kind)
        setting = Setting(next(source for source in alike if cls.info.form in source.forms))
    size = size_of(Entrant(name, "default", variants, setting), conditions)
    # Loads and warms up, in a world so small that the memory of rows and states is no part of it.
    small = replace(setting, protocol=configure_protocol(SMALL))
    measure(variants[:1], small, [Seed(1, "search", "statements", 0)])
    loaded_mb = psutil.Process().memory_info().rss / 2**20
    n_seeds, at_once = (1, 1) if name in OWN else (2, 1)
    if issubclass(cls, Cohort):
        n_seeds = at_once = COHORT_SEEDS
    seeds = [Seed(0, "confirm", "statements", i) for i in range(n_seeds)]
    costs: Counter[tuple[str, str]] = Counter()
    began, wall = time.process_time(), time.perf_counter()
    for start in range(0, n_seeds, at_once):  # as many as a unit of work has: they are in memory together
        costs.update(measure(variants, setting, seeds[start : start + at_once], conditions).costs)
    share = (time.process_time() - began) / (time.perf_counter() - wall)
    return {
        "learner": name,
        "options": options_of(variants[0]) | {"rule": None},
        "n_rows": size.n_rows,
        "seconds": [[*key, round(s * share / n_seeds, 5)] for key, s in sorted(costs.items())],
        "loaded_mb": round(loaded_mb - bare_mb),
        "peak_mb": round(max(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - loaded_mb, 0)),
        "bare_mb": round(bare_mb),
    }


if __name__ == "__main__":
    main()
