"""How often findings err, and what they can see: simulated studies through the real code.

A simulated study has 20 learners, each with a controlled trust and a controlled IML gap per seed. They
are drawn, then tested by `t_inferences`, corrected together by `holm`, put into words by `decide` and
`finding`, as `judge` does it.

    python benchmarks/verdict_level_and_power.py [--studies N]

prints the tables of docs/verdict-level-and-power.md.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from iml_general.judging.decision import FINDINGS, VerdictSettings, decide, finding
from iml_general.judging.inference import Inference, holm, t_inferences

N_LEARNERS = 20
SEEDS = (8, 20)
TRUST_SPREADS = (0.01, 0.03, 0.1, 0.2)
GAP_SPREADS = (0.01, 0.03, 0.06)
GAP_SD = 0.03
"""Standard deviation over seeds of gaps while that of trust varies: the median of real runs."""

SETTINGS = VerdictSettings()
CLAIMS = {"trusts", "distrusts"}
SHOWN = {"present", "reversed"}

Array = NDArray[np.float64]
Shape = Callable[[np.random.Generator, tuple[int, ...]], Array]


def _mostly_zero(generator: np.random.Generator, size: tuple[int, ...]) -> Array:
    is_zero = generator.random(size) < 0.7
    drawn: Array = np.where(is_zero, 0.0, generator.normal(scale=0.3**-0.5, size=size))
    return drawn


def _correlated(generator: np.random.Generator, size: tuple[int, ...]) -> Array:
    of_seed = generator.normal(size=(size[0], 1, 1, size[-1]))
    deviations: Array = 0.5**0.5 * (of_seed + generator.normal(size=size))
    return deviations


SHAPES: dict[str, Shape] = {
    "normal": lambda generator, size: generator.normal(size=size),
    "correlated over learners and endpoints by 0.5": _correlated,
    "heavy tails (t, 3 d.f.)": lambda generator, size: generator.standard_t(3, size) / np.sqrt(3),
    "70% exact zeros": _mostly_zero,
    "skewed (exponential)": lambda generator, size: generator.exponential(size=size) - 1,
}
"""Deviations over seeds, mean 0 and sd 1, shape (n_studies, n_learners, 2 endpoints, n_seeds)."""


@dataclass(frozen=True)
class Truth:
    """What is true of the learners of a study.

    Attributes:
        words: How the tables call it.
        trust: True controlled trust of the first `n_real` learners; the others' is 0.
        gap: True controlled IML gap of the same learners.
        n_real: How many there are of them.
    """

    words: str
    trust: float = 0.0
    gap: float = 0.0
    n_real: int = N_LEARNERS

    def means(self) -> Array:
        """True means, shape (n_learners, 2): trust and gap."""
        means = np.zeros((N_LEARNERS, 2))
        means[: self.n_real] = self.trust, self.gap
        return means


NOTHING = Truth("nothing")
LEVELS = [(NOTHING, "normal", sd) for sd in TRUST_SPREADS]
LEVELS += [(NOTHING, name, 0.1) for name in SHAPES if name != "normal"]
LEVELS += [
    (Truth("a gap of 0.15 in all learners, no trust", gap=0.15), "normal", 0.1),
    (Truth("trust of 0.4 in half of the learners", trust=0.4, n_real=N_LEARNERS // 2), "normal", 0.1),
]


@dataclass(frozen=True)
class Found:
    """What was said of one simulated study, learner by learner."""

    trust: list[str]
    gap: list[str]
    findings: list[str]


def studies(truth: Truth, shape: str, sds: tuple[float, float], n_seeds: int, n: int) -> Iterator[Found]:
    """Draw studies and judge them.

    Args:
        truth: True means.
        shape: How effects deviate from their means: a name of `SHAPES`.
        sds: Standard deviations over seeds, of trust and of the gap.
        n_seeds: Seeds per learner.
        n: Number of studies.

    Yields:
        Verdicts and findings, study by study.
    """
    deviations = SHAPES[shape](np.random.default_rng(0), (n, N_LEARNERS, 2, n_seeds))
    effects = truth.means()[:, :, None] + np.array(sds)[:, None] * deviations
    trust = t_inferences(effects[:, :, 0].reshape(-1, n_seeds), SETTINGS.sesoi_trust)
    gap = t_inferences(effects[:, :, 1].reshape(-1, n_seeds), SETTINGS.sesoi)
    for first in range(0, n * N_LEARNERS, N_LEARNERS):
        of_study = slice(first, first + N_LEARNERS)
        yield _judged(trust[of_study], gap[of_study])


def _judged(trust: list[Inference], gap: list[Inference]) -> Found:
    """One study, all its claims corrected together."""
    p_holm = holm([one.p for one in (*trust, *gap) if one.p is not None])

    def verdicts(tested: list[Inference], corrected: list[float], sesoi: float) -> list[str]:
        return [
            decide(one, p, sesoi, SETTINGS, carried_over=1.0, is_saturated=False)
            for one, p in zip(tested, corrected, strict=True)
        ]

    on_trust = verdicts(trust, p_holm[:N_LEARNERS], SETTINGS.sesoi_trust)
    on_gap = verdicts(gap, p_holm[N_LEARNERS:], SETTINGS.sesoi)
    return Found(on_trust, on_gap, [finding(*both) for both in zip(on_trust, on_gap, strict=True)])


def print_level(n_studies: int) -> None:
    """How many studies claim of a learner that it weighs sources, of which it is not true."""
    print("| seeds | what is true | sd of trust | effects over seeds | studies with a false claim", end="")
    print(" | studies with a gap only | learners called no trust |\n|---|---|---|---|---|---|---|")
    for n_seeds in SEEDS:
        for truth, shape, sd in LEVELS:
            is_null = truth.means()[:, 0] == 0
            found = list(studies(truth, shape, (sd, GAP_SD), n_seeds, n_studies))
            null = [
                [one for one, null in zip(study.findings, is_null, strict=True) if null] for study in found
            ]
            wrong = np.mean([bool(CLAIMS & set(study)) for study in null])
            only = np.mean(["gap only" in study for study in null])
            cleared = np.mean([one == "no trust" for study in null for one in study])
            print(f"| {n_seeds} | {truth.words} | {sd} | {shape} ", end="")
            print(f"| {wrong:.3f} | {only:.3f} | {cleared:.3f} |", flush=True)


def print_power(n_studies: int) -> None:
    """One learner that trusts, without a gap, among nulls: where Holm's correction is at its strictest."""
    words = [word for word in FINDINGS if word != "not internalised"]
    print(f"\n| seeds | sd of trust | true trust | {' | '.join(words)} |\n{'|---' * (3 + len(words))}|")
    for n_seeds in SEEDS:
        for sd in TRUST_SPREADS:
            for trust in (0.05, 0.1, 0.2, 0.4):
                truth = Truth("one", trust=trust, n_real=1)
                found = studies(truth, "normal", (sd, GAP_SD), n_seeds, n_studies)
                seen = Counter(study.findings[0] for study in found)
                shares = " | ".join(f"{seen[word] / n_studies:.3f}" for word in words)
                print(f"| {n_seeds} | {sd} | {trust} | {shares} |", flush=True)


def print_power_of_gap(n_studies: int) -> None:
    """One learner with a gap, without trust, among nulls: the paper's endpoint."""
    words = ("present", "absent", "inconclusive", "reversed")
    print(f"\n| seeds | sd of the gap | true gap | {' | '.join(words)} |\n{'|---' * (3 + len(words))}|")
    for n_seeds in SEEDS:
        for sd in GAP_SPREADS:
            for gap in (0.02, 0.05, 0.1):
                truth = Truth("one", gap=gap, n_real=1)
                found = studies(truth, "normal", (0.1, sd), n_seeds, n_studies)
                seen = Counter(study.gap[0] for study in found)
                shares = " | ".join(f"{seen[word] / n_studies:.3f}" for word in words)
                print(f"| {n_seeds} | {sd} | {gap} | {shares} |", flush=True)


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--studies", type=int, default=1000, help="simulated studies per row")
    n_studies = parser.parse_args().studies
    start = time.perf_counter()
    print_level(n_studies)
    print_power(n_studies)
    print_power_of_gap(n_studies)
    print(f"\n{n_studies:,} studies per row, {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
