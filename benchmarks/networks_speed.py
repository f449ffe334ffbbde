"""How many seeds a minute the networks train, against a plain loop, and whether the results agree.

python benchmarks/networks_speed.py [--seeds N] [--cuda-seeds N ...] [LEARNER ...]

The plain loop is what anyone would write: one network after the other, an ordinary `torch.nn.Module`,
`torch.optim.AdamW`, minibatches by indexing. A seed is what `measure` trains for it by the rule ``continue``:
stage 1 of every condition, and stage 2 as drawn and as its twin. On a CPU seconds are those of one core, and
two cores train twice as many seeds; on a GPU they go by the clock, recording of graphs and copies included.
By the clock goes also the plain loop as a script in one process, in which torch divides each operation
between two cores: look at that line only if the machine has nothing else to do.

The largest difference is that of any probability from the plain loop's on the CPU, after one epoch of
each stage. It is rounding's; training then makes it grow, wherever it comes from.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from networks_plain import PlainMLP, PlainTransformer, load
from torch.utils.flop_counter import FlopCounterMode

from iml_general.learner import Batch, Inputs, Probabilities
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

SIDE = 1024
REPEATS = 20

Module = Callable[[NetworkLearner, Batch], torch.nn.Module]
"""Makes a plain network as large as a learner's, for batches like one."""

Answers = list[Probabilities]

LEARNERS: dict[str, tuple[NetworkLearner, Module]] = {
    "mlp": (MLP(), PlainMLP),
    "transformer": (Transformer(), PlainTransformer),
}


@dataclass(frozen=True)
class Plain:
    """A network learner's training and prediction as a plain loop, on one device."""

    like: NetworkLearner
    module: Module
    device: str

    def fit(self, batch: Batch, seed: int) -> torch.nn.Module:
        """Train a new network."""
        generator = torch.Generator().manual_seed(seed)
        network = self.module(self.like, batch)
        load(network, self.like.start(batch.schema, batch.n_answers, generator))
        return self._trained(network, batch, self.like.epochs, generator)

    def update(self, state: torch.nn.Module, batch: Batch, seed: int) -> torch.nn.Module:
        """Go on training a copy."""
        network = self.module(self.like, batch)
        network.load_state_dict(state.state_dict())
        return self._trained(network, batch, self.like.update_epochs, torch.Generator().manual_seed(seed))

    def predict(self, state: torch.nn.Module, inputs: Inputs) -> Probabilities:
        """Give the probability of every answer."""
        with torch.no_grad():
            return state(torch.tensor(inputs, device=self.device)).double().softmax(-1).cpu().numpy()

    def fit_cohort(self, batches: list[Batch], seeds: list[int]) -> list[torch.nn.Module]:
        """Train one after the other."""
        return [self.fit(*pair) for pair in zip(batches, seeds, strict=True)]

    def update_cohort(
        self, states: list[torch.nn.Module], batches: list[Batch], seeds: list[int]
    ) -> list[torch.nn.Module]:
        """Go on training one after the other."""
        return [self.update(*triple) for triple in zip(states, batches, seeds, strict=True)]

    def _trained(
        self, network: torch.nn.Module, batch: Batch, epochs: int, generator: torch.Generator
    ) -> torch.nn.Module:
        network.to(self.device)
        optimizer = torch.optim.AdamW(
            network.parameters(), lr=self.like.learning_rate, weight_decay=self.like.weight_decay
        )
        x, y = (torch.tensor(array, device=self.device) for array in (batch.inputs, batch.answers))
        for _ in range(epochs):
            order = torch.randperm(len(y), generator=generator).to(self.device)
            for rows in torch.split(order, self.like.batch_size):
                optimizer.zero_grad()
                torch.nn.functional.cross_entropy(network(x[rows]), y[rows]).backward()
                optimizer.step()
        return network


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


def peaks() -> tuple[float, float]:
    """Floating-point operations a second of the largest products that one core does.

    Returns:
        By `torch.mm`, as networks do theirs, and by oneDNN, which uses vectors of 512 bits on any processor
        that has them, but serves torch only one matrix at a time, in a layout of its own.
    """
    square, out = torch.randn(SIDE, SIDE), torch.empty(SIDE, SIDE)
    apart = square.to_mkldnn()
    with one_thread():
        return (
            _fastest(lambda: torch.mm(square, square, out=out)),
            _fastest(lambda: torch.nn.functional.linear(apart, apart)),
        )


def _fastest(product: Callable[[], torch.Tensor]) -> float:
    seconds = math.inf
    for _ in range(REPEATS):
        start = time.process_time()
        product()
        seconds = min(seconds, time.process_time() - start)
    return 2 * SIDE**3 / seconds


def operations(learner: NetworkLearner | Plain, what: list[Branch]) -> int:
    """Floating-point operations in the matrix products of training all branches."""
    with FlopCounterMode(display=False) as counter:
        train(learner, what)
    return int(counter.get_total_flops())


def report(name: str, n_seeds: int, cuda_seeds: list[int], by_torch: float, by_onednn: float) -> None:
    """Print the lines of one network, the plain loop on a CPU first."""
    learner, module = LEARNERS[name]
    few, one, some = shorter(learner), branches(learner, 1), branches(learner, n_seeds)
    # These also warm up: what libraries do when they are first used is not a loop's cost.
    expected = after_one_epoch(learner, one, module, "cpu")
    found = after_one_epoch(learner, one, None, "cpu")
    plain = Plain(few, module, "cpu")
    base = CORES * 60 / (SHORTER * seconds(plain, one, time.process_time))

    def line(how: str, at_once: int, rate: float, answers: Answers, operations: float | None = None) -> None:
        difference = max(np.abs(ours - theirs).max() for ours, theirs in zip(answers, expected, strict=True))
        speed = rate * operations / (CORES * 60) if operations else None
        shares = [f"{speed / peak:.0%}" if speed else "" for peak in (by_torch, by_onednn)]
        cells = (name, how, at_once, f"{rate:.1f}", f"{rate / base:.1f}", *shares, f"{difference:.0e}")
        print(f"| {' | '.join(map(str, cells))} |", flush=True)

    line("plain loop, a process on each core", 1, base, expected, SHORTER * operations(plain, one))
    rate = 60 / (SHORTER * seconds_of_a_script(plain, one))
    line(f"plain loop, one process of {CORES} threads", 1, rate, expected)
    needed = SHORTER * operations(few, one)
    for how, peak in (("torch's", by_torch), ("oneDNN's", by_onednn)):
        rate = CORES * 60 * peak / needed
        line(f"nothing but the cohort's matrix products, at {how} peak", 1, rate, found, needed)
    cost = SHORTER * seconds(few, some, time.process_time) / n_seeds
    line("cohorts, a process on each core", n_seeds, CORES * 60 / cost, found, needed)
    if not torch.cuda.is_available():
        return
    found = after_one_epoch(learner, one, module, "cuda")
    cost = SHORTER * seconds(Plain(few, module, "cuda"), one, time.perf_counter)
    line("plain loop, GPU", 1, 60 / cost, found)
    found = after_one_epoch(learner, one, None, "cuda")
    for number in cuda_seeds:
        cost = seconds(replace(learner, device="cuda"), branches(learner, number), time.perf_counter)
        line("cohort, GPU", number, 60 * number / cost, found)


def main() -> None:
    """Print one line per learner and way to train it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("learners", nargs="*", help=f"some of {', '.join(LEARNERS)}")
    parser.add_argument("--seeds", type=int, default=4, help="seeds that a cohort on the CPU trains at once")
    parser.add_argument("--cuda-seeds", type=int, nargs="*", default=[4, 32, 128], help="likewise on a GPU")
    arguments = parser.parse_args()
    by_torch, by_onednn = peaks()
    print(f"torch {torch.__version__}, {SIDE} x {SIDE}, one core: {by_torch / 1e9:.0f} GFLOP/s by torch.mm,")
    print(f"{by_onednn / 1e9:.0f} GFLOP/s by oneDNN\n")
    heads = ("network", "trained", "seeds at once", "seeds a minute", "times plain", "of torch's peak")
    print(f"| {' | '.join(heads)} | of oneDNN's peak | largest difference |")
    print(f"|{'---|' * (len(heads) + 2)}")
    for name in arguments.learners or LEARNERS:
        report(name, arguments.seeds, arguments.cuda_seeds, by_torch, by_onednn)
    if torch.cuda.is_available():
        print(f"\n{torch.cuda.get_device_name()}, torch {torch.__version__}")


if __name__ == "__main__":
    main()
