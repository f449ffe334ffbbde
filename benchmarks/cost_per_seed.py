"""What one seed of each learner costs under all its rules, and how much of that is the framework's.

python benchmarks/cost_per_seed.py [--seeds N] [LEARNER ...]
"""

from __future__ import annotations

import argparse
import resource
from dataclasses import replace

from iml_general.measuring.measure import Setting, measure
from iml_general.plugins import registry
from iml_general.seeds import Seed
from iml_general.worlds.statements import Statements


def main() -> None:
    """Print one line per learner, in seconds of one core per seed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("learners", nargs="*")
    parser.add_argument("--seeds", type=int, default=4)
    arguments = parser.parse_args()
    seeds = [Seed(0, "confirm", "statements", index) for index in range(arguments.seeds)]
    print("| learner | rules | fit | update | predict | framework | framework's share |")
    print("|---|---|---|---|---|---|---|")
    for name in arguments.learners or registry.registered("learners"):
        cls = registry.learner(name)
        rules = cls.info.rules
        variants = [replace(cls(), rule=rule) for rule in rules] if len(rules) > 1 else [cls()]
        measure(variants[0], Setting(Statements()), [Seed(1, "search", "statements", 0)])  # warm up
        costs = measure(variants, Setting(Statements()), seeds).costs
        phases = {
            phase: sum(seconds for (_, p), seconds in costs.items() if p == phase) / len(seeds)
            for phase in ("fit", "update", "predict", "framework")
        }
        share = phases["framework"] / sum(phases.values())
        cells = " | ".join(f"{seconds:.3f}" for seconds in phases.values())
        print(f"| {name} | {', '.join(rules)} | {cells} | {share:.1%} |", flush=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\nPeak memory: {peak:.0f} MB")


if __name__ == "__main__":
    main()
