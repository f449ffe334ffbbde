"""How much faster two local workers are than one, on the same small plan.

python benchmarks/workers_speedup.py [--seeds N] [--learner NAME]

One and two workers take turns (1, 2, 2, 1), so that whatever else the machine does meets both.
Without the start means from the first task that was settled to the last. On a machine that does
other things too, the cores that the workers got say what the ratio can be: it reaches 2 only where
two workers get twice the cores of one.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from iml_general.study import engine
from iml_general.study.plan.keys import check_plan
from iml_general.study.plan.resolve import Study, resolve
from iml_general.study.storage.place import Place

TURNS = (1, 2, 2, 1)


def main() -> None:
    """Print seconds for each number of workers, and how many times faster two are."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seeds", type=int, default=12)
    parser.add_argument("--learner", default="extra-trees")
    arguments = parser.parse_args()
    learners = [{"name": arguments.learner}]
    study = resolve(check_plan({"name": "x", "seeds": arguments.seeds, "learners": learners}, "benchmark"))
    print(
        f"{len(study.units)} tasks, {os.cpu_count()} cores, load average before: {os.getloadavg()[0]:.1f}\n"
    )
    steady: dict[int, float] = defaultdict(float)
    whole: dict[int, float] = defaultdict(float)
    own: dict[int, float] = defaultdict(float)
    workers: dict[int, float] = defaultdict(float)
    for n_workers in TURNS:
        seconds = _seconds(study, n_workers)
        for total, one in zip((steady, whole, own, workers), seconds, strict=True):
            total[n_workers] += one / TURNS.count(n_workers)
    print("| workers | without the start | with it | CPU: supervisor | CPU: workers | cores that they got |")
    print("|---|---|---|---|---|---|")
    for number in sorted(steady):
        columns = (steady[number], whole[number], own[number], workers[number])
        cells = " | ".join(f"{seconds:.1f} s" for seconds in columns)
        print(f"| {number} | {cells} | {workers[number] / whole[number]:.2f} |")
    print(f"| two are faster by | {steady[1] / steady[2]:.2f} | {whole[1] / whole[2]:.2f} | | | |")


def _seconds(study: Study, n_workers: int) -> tuple[float, float, float, float]:
    """Seconds without and with the start of the workers; CPU seconds of this process and of theirs."""
    settled: list[tuple[float, int]] = []

    def progress(done: int, _total: int) -> None:
        if done:
            settled.append((time.monotonic(), done))

    with tempfile.TemporaryDirectory(prefix="iml-speedup-") as folder:
        started, cpu, cpu_of_workers = time.monotonic(), time.process_time(), _cpu_of_workers()
        engine.run(study, Place.of(Path(folder), None), "benchmark", progress, n_workers)
        whole, own = time.monotonic() - started, time.process_time() - cpu
        cpu_of_workers = _cpu_of_workers() - cpu_of_workers
    (first, done_first), (last, done_last) = settled[0], settled[-1]
    per_task = (last - first) / (done_last - done_first)
    return per_task * done_last, whole, own, cpu_of_workers


def _cpu_of_workers() -> float:
    """CPU seconds of all workers that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
