"""What one seed of a large world costs: CPU seconds by phase, and memory.

python benchmarks/large_world.py [--learners NAME ...] [--times N ...] [--questions N]

Every line is a process of its own, which draws, encodes and measures one seed of all groups, so many times
as large as they are by default. Times are CPU seconds, so nothing else that the machine does counts.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import time
from typing import Any

from iml_general.measuring.encoded import encode_episodes
from iml_general.protocol import Protocol, protocol_options
from iml_general.protocol.conditions import episodes_of
from iml_general.study.plan.keys import check_plan
from iml_general.study.plan.resolve import resolve
from iml_general.study.work.confirming import measure_as_planned
from iml_general.study.work.remembered import forget

LEARNERS = ("chance", "ideal-observer", "naive-bayes", "logistic-regression", "nearest-neighbors", "sgd")
PHASES = ("draw", "encode", "fit", "update", "predict", "framework")


def main() -> None:
    """Print one line per learner and size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--learners", nargs="*", default=LEARNERS)
    parser.add_argument("--times", type=int, nargs="*", default=[5, 10, 20, 43])
    parser.add_argument("--questions", type=int, default=50)
    arguments = parser.parse_args()
    print(f"| learner | aliases | {' | '.join(PHASES)} | together | peak memory, GB |")
    print(f"|{'---|' * (len(PHASES) + 4)}", flush=True)
    context = multiprocessing.get_context("spawn")
    for name in arguments.learners:
        for times in arguments.times:
            process = context.Process(target=one, args=(name, times, arguments.questions))
            process.start()
            process.join()
            if process.exitcode:
                print(f"| {name} | {times} times as many | ended with code {process.exitcode} |")


def one(name: str, times: int, n_questions: int) -> None:
    """Measure one seed and print what that took."""
    time.perf_counter = time.process_time  # what a measurement says of its phases is CPU seconds too
    study = resolve(check_plan(_plan(name, times, n_questions), "benchmark"))
    if name in study.absent:
        print(f"| {name} | {times} times as many | {study.absent[name]} |")
        return
    entrant = next(one for one in study.entrants if one.name == name)
    seeds = next(unit.seeds for unit in study.units if unit.who == entrant)
    forget()
    at, form, spent = entrant.setting, entrant.learner.info.form, dict.fromkeys(PHASES, 0.0)
    began = time.process_time()
    episodes_of(at.protocol, at.source, seeds[0], study.conditions)
    spent["draw"] = time.process_time() - began
    encode_episodes(at.protocol, at.source, at.encoding, form, seeds[0], study.conditions)
    spent["encode"] = time.process_time() - began - spent["draw"]
    for (_, phase), seconds in measure_as_planned(study, entrant, seeds).costs.items():
        spent[phase] += seconds
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
    cells = [f"{spent[phase]:.1f}" for phase in PHASES]
    row = (name, f"{at.protocol.n_aliases:,}", *cells, f"{sum(spent.values()):.1f}", f"{memory:.1f}")
    print(f"| {' | '.join(row)} |", flush=True)


def _plan(name: str, times: int, n_questions: int) -> dict[str, Any]:
    options = protocol_options(Protocol())
    sources = {
        source: {stage: times * stages[stage] for stage in ("stage1", "stage2")}
        for source, stages in options.pop("sources").items()
    }
    sizes = {group: times * options[group] for group in ("undefined", "new_conflict", "unseen")}
    learner = {"name": name, "rules": ["refit"]} if name == "extra-trees" else {"name": name}
    return {
        **{"name": "x", "seeds": 2, "learners": [learner], "protocol": {**sizes, "sources": sources}},
        "world": {"options": {"n_questions": n_questions}},
    }


if __name__ == "__main__":
    main()
