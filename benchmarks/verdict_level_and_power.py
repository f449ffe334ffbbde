"""How often the verdict procedure errs, and what it can see: simulated studies through the real code.

A simulated study has 20 learners x 2 endpoints. Their controlled effects are drawn, then tested by
`t_inferences`, corrected by `holm` and put into words by `decide`, as `judge` does it.

    python benchmarks/verdict_level_and_power.py [--studies N]

prints the tables of docs/verdict-level-and-power.md.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from iml_general.judging.decision import VerdictSettings, decide
from iml_general.judging.inference import holm, t_inferences

N_ENDPOINTS = 40
SEEDS = (8, 20)
SPREADS = (0.01, 0.03, 0.06, 0.15)
SETTINGS = VerdictSettings()
CLAIMS = {"present", "reversed"}

Shape = Callable[[np.random.Generator, tuple[int, int, int]], NDArray[np.float64]]


def _mostly_zero(generator: np.random.Generator, size: tuple[int, int, int]) -> NDArray[np.float64]:
    is_zero = generator.random(size) < 0.7
    drawn: NDArray[np.float64] = np.where(is_zero, 0.0, generator.normal(scale=0.3**-0.5, size=size))
    return drawn


def _correlated(generator: np.random.Generator, size: tuple[int, int, int]) -> NDArray[np.float64]:
    of_seed = generator.normal(size=(size[0], 1, size[2]))
    deviations: NDArray[np.float64] = 0.5**0.5 * (of_seed + generator.normal(size=size))
    return deviations


SHAPES: dict[str, Shape] = {
    "normal": lambda generator, size: generator.normal(size=size),
    "correlated over endpoints by 0.5": _correlated,
    "heavy tails (t, 3 d.f.)": lambda generator, size: generator.standard_t(3, size) / np.sqrt(3),
    "70% exact zeros": _mostly_zero,
    "skewed (exponential)": lambda generator, size: generator.exponential(size=size) - 1,
}
"""Deviations over seeds of mean 0 and standard deviation 1, shape (n_studies, n_endpoints, n_seeds)."""


def verdicts(
    means: NDArray[np.float64], shape: Shape, sd: float, n_seeds: int, n_studies: int, number: int
) -> Iterator[list[str]]:
    """Draw studies and judge them.

    Args:
        means: True mean effect of each endpoint, shape (n_endpoints,).
        shape: How effects deviate from their means.
        sd: Standard deviation over seeds.
        n_seeds: Seeds per endpoint.
        n_studies: Number of studies.
        number: Seed of the simulation.

    Yields:
        One verdict per endpoint, study by study.
    """
    deviations = shape(np.random.default_rng(number), (n_studies, len(means), n_seeds))
    for effects in means[:, None] + sd * deviations:
        tested = t_inferences(effects, SETTINGS.sesoi)
        corrected = holm([one.p for one in tested if one.p is not None])
        yield [decide(one, p, 1.0, SETTINGS) for one, p in zip(tested, corrected, strict=True)]


def print_level(n_studies: int) -> None:
    """All effects are 0: how many studies claim one, and how often its absence is shown."""
    print("| seeds | sd | effects over seeds | studies with a false claim | effects called absent |")
    print("|---|---|---|---|---|")
    cells = [("normal", sd) for sd in SPREADS] + [(name, 0.06) for name in SHAPES if name != "normal"]
    for n_seeds in SEEDS:
        for name, sd in cells:
            studies = list(verdicts(np.zeros(N_ENDPOINTS), SHAPES[name], sd, n_seeds, n_studies, 0))
            wrong = np.mean([bool(CLAIMS & set(study)) for study in studies])
            absent = np.mean([verdict == "absent" for study in studies for verdict in study])
            print(f"| {n_seeds} | {sd} | {name} | {wrong:.3f} | {absent:.3f} |", flush=True)


def print_power(n_studies: int) -> None:
    """One real effect among nulls, where Holm's correction is at its strictest."""
    print("\n| seeds | sd | true effect | present | absent | inconclusive | reversed |")
    print("|---|---|---|---|---|---|---|")
    words = ("present", "absent", "inconclusive", "reversed")
    for n_seeds in SEEDS:
        for sd in SPREADS:
            for effect in (0.02, 0.05, 0.1):
                means = np.zeros(N_ENDPOINTS)
                means[0] = effect
                found = verdicts(means, SHAPES["normal"], sd, n_seeds, n_studies, 1)
                seen = Counter(study[0] for study in found)
                shares = " | ".join(f"{seen[word] / n_studies:.3f}" for word in words)
                print(f"| {n_seeds} | {sd} | {effect} | {shares} |", flush=True)


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--studies", type=int, default=1000, help="simulated studies per row")
    n_studies = parser.parse_args().studies
    print_level(n_studies)
    print_power(n_studies)


if __name__ == "__main__":
    main()
