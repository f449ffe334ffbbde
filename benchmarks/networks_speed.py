"""How many seeds a minute the networks train, against a plain loop, and whether the results agree.

python benchmarks/networks_speed.py [--seeds N] [--cuda-seeds N ...] [LEARNER ...]

The plain loop is what anyone would write: one network after the other, an ordinary `torch.nn.Module`,
`torch.optim.AdamW`, minibatches by indexing, in one process, in which torch divides each operation between
two cores. A seed is what `measure` trains for it by the rule ``continue``: stage 1 of every condition, and
stage 2 as drawn and as its twin. The plain loop is timed by the clock, so the machine should be idle; a
process on each core by the processor time of one, and two cores train twice as many seeds; a GPU by the
clock, recording of graphs and copies included. Compiling is not counted: it is done once in a process.

The peak is that of large products on one core, by the fastest of three libraries.

The largest difference is that of any probability from the plain loop's on the CPU, after one epoch of
each stage. It is rounding's; training then makes it grow, wherever it comes from.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version
from importlib.util import find_spec

import numpy as np
import torch
from networks_plain import Module, Plain, PlainMLP, PlainTransformer

from iml_general.learner import Probabilities
from iml_general.measuring.branches import Branch, branches_of
from iml_general.measuring.encoded import encode_episodes
from iml_general.measuring.measure import Setting
from iml_general.plugins.threads import one_thread
from iml_general.protocol import BUILT_IN
from iml_general.seeds import Seed
from iml_general.worlds.statements import Statements
from learners.neural.mlp import MLP
from learners.neural.networks import NetworkLearner
from learners.neural.transformer import Transformer

SHORTER = 10
"""Where full training would take minutes it has so many times fewer epochs, and counts so many times."""

CORES = 2  # what lines about CPUs are for

Answers = list[Probabilities]

LEARNERS: dict[str, tuple[NetworkLearner, Module]] = {
    "mlp": (MLP(), PlainMLP),
    "transformer": (Transformer(), PlainTransformer),
}


def branches(learner: NetworkLearner, n_seeds: int) -> list[Branch]:
    """All that is learned for some seeds."""
    setting, found = Setting(Statements()), []
    for index in range(n_seeds):
        seed = Seed(0, "confirm", "statements", index)
        episodes = encode_episodes(
            setting.protocol, setting.source, setting.encoding, learner.info.form, seed, tuple(BUILT_IN)
        )
        for condition, episode in episodes.items():
            found += branches_of(seed, condition, episode)
    return found


def train(learner: NetworkLearner | Plain, what: list[Branch]) -> dict[tuple[int, ...], object]:
    """Train every branch as `measure` does; states by path."""
    first = {branch.path: branch for branch in what if len(branch.batches) == 1}
    later = {branch.path: branch for branch in what if len(branch.batches) == 2}
    states = dict(
        zip(
            first,
            learner.fit_cohort(
                [branch.batches[0] for branch in first.values()],
                [branch.seed.integer("fit") for branch in first.values()],
            ),
            strict=True,
        )
    )
    updated = learner.update_cohort(
        [states[path[:1]] for path in later],
        [branch.batches[1] for branch in later.values()],
        [branch.seed.integer("update") for branch in later.values()],
    )
    return states | dict(zip(later, updated, strict=True))


def shorter(learner: NetworkLearner) -> NetworkLearner:
    """The same with fewer epochs."""
    return replace(learner, epochs=learner.epochs // SHORTER, update_epochs=learner.update_epochs // SHORTER)


def after_one_epoch(
    learner: NetworkLearner, what: list[Branch], plain: Module | None, device: str
) -> Answers:
    """The probabilities that each branch's network gives after one epoch of each stage."""
    brief = replace(learner, epochs=1, update_epochs=1, device=device if plain is None else "cpu")
    trainer = brief if plain is None else Plain(brief, plain, device)
    with one_thread():
        states = train(trainer, what)
    return [trainer.predict(states[branch.path], branch.probes.inputs) for branch in what]


def seconds(learner: NetworkLearner | Plain, what: list[Branch], clock: Callable[[], float]) -> float:
    """How long all branches take, each operation in one thread."""
    start = clock()
    with one_thread():
        train(learner, what)
    return clock() - start


def seconds_of_a_script(learner: Plain, what: list[Branch]) -> float:
    """How long all branches take by the clock if torch divides each operation between the cores."""
    torch.set_num_threads(CORES)
    start = time.perf_counter()
    train(learner, what)
    return time.perf_counter() - start


def products(learner: NetworkLearner, what: list[Branch]) -> int:
    """Floating-point operations in the matrix products of training all branches as XLA does."""
    from matrix_products import operations

    return sum(
        operations(
            learner,
            branch.batches[-1],
            learner.epochs if len(branch.batches) == 1 else learner.update_epochs,
        )
        for branch in what
    )


class Table:
    """The lines of one network, beside a plain loop's."""

    def __init__(self, name: str) -> None:
        """Time the plain loop, in one process and in one on each core, and print its lines."""
        self.name, (self.learner, self.module) = name, LEARNERS[name]
        self.few, self.one = shorter(self.learner), branches(self.learner, 1)
        # This also warms up: what libraries do when they are first used is not a loop's cost.
        self.expected = after_one_epoch(self.learner, self.one, self.module, "cpu")
        plain = Plain(self.few, self.module, "cpu")
        self.base = 60 / (SHORTER * seconds_of_a_script(plain, self.one))
        self.line(f"plain loop, {CORES} CPU cores", 1, self.base, self.expected)
        rate = CORES * 60 / (SHORTER * seconds(plain, self.one, time.process_time))
        self.line("plain loop, a process on each core", 1, rate, self.expected)

    def line(self, how: str, at_once: int, rate: float, answers: Answers, share: str = "") -> None:
        """Print a line."""
        pairs = zip(answers, self.expected, strict=True)
        difference = max(np.abs(ours - theirs).max() for ours, theirs in pairs)
        cells = (
            self.name,
            how,
            at_once,
            f"{rate:.1f}",
            f"{rate / self.base:.1f}",
            share,
            f"{difference:.0e}",
        )
        print(f"| {' | '.join(map(str, cells))} |", flush=True)

    def on_a_cpu(self, n_seeds: int, peak: float) -> None:
        """Print what cohorts do, and what their products alone would at the peak."""
        some = branches(self.learner, n_seeds)
        train(self.few, some)  # compiles
        rate = CORES * 60 * n_seeds / (SHORTER * seconds(self.few, some, time.process_time))
        at_peak = CORES * 60 * peak / (SHORTER * products(self.few, self.one))
        found = after_one_epoch(self.learner, self.one, None, "cpu")
        self.line("cohorts, a process on each core", n_seeds, rate, found, f"{rate / at_peak:.0%}")
        self.line("nothing but their matrix products", n_seeds, at_peak, found, "100%")

    def on_a_gpu(self, numbers: list[int]) -> None:
        """Print what a plain loop and cohorts of some numbers of seeds do."""
        found = after_one_epoch(self.learner, self.one, self.module, "cuda")
        cost = SHORTER * seconds(Plain(self.few, self.module, "cuda"), self.one, time.perf_counter)
        self.line("plain loop, GPU", 1, 60 / cost, found)
        found = after_one_epoch(self.learner, self.one, None, "cuda")
        for n_seeds in numbers:
            some = branches(self.learner, n_seeds)
            cost = seconds(replace(self.learner, device="cuda"), some, time.perf_counter)
            self.line("cohort, GPU", n_seeds, 60 * n_seeds / cost, found)


def measured_peak() -> float | None:
    """The fastest products, all of which are printed; None without JAX, which trains cohorts here."""
    if find_spec("jax") is None:
        print(f"torch {torch.__version__}, no JAX: without cohorts on a CPU\n")
        return None
    from matrix_products import peaks

    found = peaks()
    told = ", ".join(f"{peak / 1e9:.0f} GFLOP/s by {who}" for who, peak in found.items())
    print(f"torch {torch.__version__}, JAX {version('jax')}; one core: {told}\n")
    return max(found.values())


def main() -> None:
    """Print one line per learner and way to train it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("learners", nargs="*", help=f"some of {', '.join(LEARNERS)}")
    parser.add_argument("--seeds", type=int, default=4, help="seeds that a cohort on the CPU trains at once")
    parser.add_argument("--cuda-seeds", type=int, nargs="*", default=[4, 32, 128], help="likewise on a GPU")
    arguments = parser.parse_args()
    peak = measured_peak()
    heads = ("network", "trained", "seeds at once", "seeds a minute", "times plain", "of the peak")
    print(f"| {' | '.join(heads)} | largest difference |")
    print(f"|{'---|' * (len(heads) + 1)}")
    for name in arguments.learners or LEARNERS:
        table = Table(name)
        if peak:
            table.on_a_cpu(arguments.seeds, peak)
        if torch.cuda.is_available():
            table.on_a_gpu(arguments.cuda_seeds)
    if torch.cuda.is_available():
        print(f"\n{torch.cuda.get_device_name()}, torch {torch.__version__}")


if __name__ == "__main__":
    main()
