"""How often the verdict procedure errs, and what it can see: simulated studies through the real code.

Every simulated study has 20 learners x 2 endpoints; each effect's seeds are drawn from a normal
distribution, tested by `t_inference`, Holm-corrected over the study and put into words by `decide`.

    python benchmarks/verdict_level_and_power.py [--studies N]
"""

from __future__ import annotations

import argparse
from collections import Counter

import numpy as np
from statsmodels.stats.multitest import multipletests

from iml_general.decision import VerdictSettings, decide
from iml_general.inference import t_inference

ENDPOINTS_PER_STUDY = 40
SETTINGS = VerdictSettings()


def simulate(means: np.ndarray, sd: float, n_seeds: int, generator: np.random.Generator) -> list[str]:
    """Draw one study and judge it.

    Args:
        means: True mean effect of each endpoint, shape (n_endpoints,).
        sd: Standard deviation over seeds.
        n_seeds: Seeds per endpoint.
        generator: The only source of randomness.

    Returns:
        One verdict per endpoint.
    """
    drawn = generator.normal(means[:, None], sd, size=(len(means), n_seeds))
    tested = [t_inference(effects, SETTINGS.sesoi) for effects in drawn]
    corrected = multipletests([one.p for one in tested], method="holm")[1]
    return [decide(one, float(p), 0.5, SETTINGS) for one, p in zip(tested, corrected, strict=True)]


def main() -> None:
    """Print the two tables of docs/verdict-level-and-power.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=400)
    n_studies = parser.parse_args().studies
    generator = np.random.default_rng(0)
    print("| seeds | sd | studies with any false claim | effects called absent |")
    print("|---|---|---|---|")
    for n_seeds in (8, 20):
        for sd in (0.01, 0.03, 0.06):
            studies = [
                simulate(np.zeros(ENDPOINTS_PER_STUDY), sd, n_seeds, generator) for _ in range(n_studies)
            ]
            wrong = np.mean([bool({"present", "reversed"} & set(study)) for study in studies])
            absent = np.mean([verdict == "absent" for study in studies for verdict in study])
            print(f"| {n_seeds} | {sd} | {wrong:.3f} | {absent:.2f} |", flush=True)
    print("\n| seeds | sd | true effect | present | absent | inconclusive |")
    print("|---|---|---|---|---|---|")
    for n_seeds in (8, 20):
        for sd in (0.01, 0.03, 0.06):
            for effect in (0.02, 0.05, 0.1):
                # One real effect among nulls: Holm's correction is at its strictest.
                means = np.zeros(ENDPOINTS_PER_STUDY)
                means[0] = effect
                seen = Counter(simulate(means, sd, n_seeds, generator)[0] for _ in range(n_studies))
                shares = [
                    f"{seen[verdict] / n_studies:.2f}" for verdict in ("present", "absent", "inconclusive")
                ]
                print(f"| {n_seeds} | {sd} | {effect} | {' | '.join(shares)} |", flush=True)


if __name__ == "__main__":
    main()
