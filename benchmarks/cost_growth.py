"""How the cost of a study grows with its size: learners, seeds, trials, aliases, questions.

python benchmarks/cost_growth.py [FACTOR ...]

Every point is a run with one worker. Its cost is CPU time, of the worker and of the process that
watches it, less that of a run of two seeds of nothing but the controls: so the start of the worker
does not count, nor what else the machine does.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from iml_general.protocol import Protocol, protocol_options
from iml_general.study import engine
from iml_general.study.plan.keys import check_plan
from iml_general.study.plan.resolve import resolve
from iml_general.study.storage.place import Place

CHEAP = ("naive-bayes", "logistic-regression", "sgd", "nearest-neighbors")


def _with(**values: Any) -> dict[str, Any]:
    """A small plan with one thing changed."""
    learners = [{"name": "extra-trees", "rules": ["refit"]}, {"name": "naive-bayes"}]
    return {"name": "x", "seeds": 4, "learners": learners, **values}


def _many_seeds(number: int) -> dict[str, Any]:
    """So little to learn that looking for it and noting it is much of the cost."""
    few = {"stage1": 6, "stage2": 6}
    sources = {"reliable": few, "unreliable": few, "neutral": {"stage2": 6}}
    protocol = {**dict.fromkeys(("undefined", "new_conflict", "unseen"), 6), "sources": sources}
    return _with(seeds=number, learners=[{"name": "naive-bayes"}], protocol=protocol)


def _more_trials(number: int) -> dict[str, Any]:
    search = {"trials": number, "seeds": 2, "hopeless": 0.0}
    learners = [{"name": name} for name in CHEAP[:2]]
    return _with(seeds=2, levels=["sought"], search=search, learners=learners)


def _more_aliases(times: int) -> dict[str, Any]:
    options = protocol_options(Protocol())
    sources = {
        name: {stage: times * source[stage] for stage in ("stage1", "stage2")}
        for name, source in options.pop("sources").items()
    }
    return _with(protocol={**{group: times * size for group, size in options.items()}, "sources": sources})


FACTORS: dict[str, tuple[Callable[[int], dict[str, Any]], tuple[int, ...]]] = {
    "seeds": (lambda number: _with(seeds=number), (4, 8, 16)),
    "seeds of a small world": (_many_seeds, (50, 100, 200)),
    "learners": (lambda number: _with(learners=[{"name": name} for name in CHEAP[:number]]), (1, 2, 4)),
    "learners, all of them extra-trees": (
        lambda number: _with(learners=[_forest(100 + one) for one in range(number)]),
        (1, 2, 4),
    ),
    "trials": (_more_trials, (8, 16, 32)),
    "times as many aliases": (_more_aliases, (1, 2, 4)),
    "questions": (lambda number: _with(world={"options": {"n_questions": number}}), (6, 12, 24)),
}


def _forest(n_estimators: int) -> dict[str, Any]:
    return {"name": "extra-trees", "rules": ["refit"], "options": {"n_estimators": n_estimators}}


def main() -> None:
    """Print one line per factor: its values, and the cost of each as a ratio to the first."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("factors", nargs="*", metavar="FACTOR", help=", ".join(FACTORS))
    arguments = parser.parse_args()
    print(f"{os.cpu_count()} cores, load average before: {os.getloadavg()[0]:.1f}\n")
    start = _cost(_with(seeds=2, learners=[]))
    print(f"Start, and two seeds of the controls: {start:.1f} s\n")
    print("| factor | values | CPU seconds | ratios |")
    print("|---|---|---|---|")
    for factor in arguments.factors or FACTORS:
        plan_of, values = FACTORS[factor]
        costs = [_cost(plan_of(value)) - start for value in values]
        cells = (values, [f"{cost:.1f}" for cost in costs], [f"{cost / costs[0]:.1f}" for cost in costs])
        row = " | ".join(", ".join(map(str, cell)) for cell in cells)
        print(f"| {factor} | {row} |", flush=True)


def _cost(values: dict[str, Any]) -> float:
    """CPU seconds of one run."""
    study = resolve(check_plan(values, "benchmark"))
    before = _cpu_seconds()
    with tempfile.TemporaryDirectory(prefix="iml-growth-") as folder:
        engine.run(study, Place.of(Path(folder), None), "benchmark", lambda *_: None)
    return _cpu_seconds() - before


def _cpu_seconds() -> float:
    """CPU time of this process and of all workers that have ended."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


if __name__ == "__main__":
    main()
