"""What `measure` takes beyond the learner's library: processor time of one core, against the bare calls.

python benchmarks/learner_overhead.py [--seconds S] [LEARNER ...]

The bare calls are those of `library_calls.py`, made for one seed on the very arrays that the learner is
given: every stage 1 is fitted, every update is made with its twin, all probes are asked after each. What
they answer is thrown away. `measure` does the same through the learner, checks what comes back, scores it and
makes rows of that. Either begins with drawn and encoded rows, which all learners of a study share; what
drawing them takes stands below the table.

Both take turns, seed by seed, for S seconds and at least three turns each. Milliseconds are medians over
turns, and so is the ratio of one turn to the other; beside it is how far the middle half of the ratios
reaches. The last column is the share of probes that both answer alike, where the bare calls give answers and
not only leaves.

Memory that is freed stays with the process (`KEEP`): else both pay for getting it back from the system, now
one more and now the other, and small learners more for that than for what they compute.
"""

from __future__ import annotations

import argparse
import itertools
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from library_calls import OF_TREES, Calls
from library_calls_classical import CLASSICAL

from iml_general.learner import AnyLearner
from iml_general.measuring.branches import Branch, branches_of, fit_first_stages, learn_later_stages
from iml_general.measuring.encoded import encode_episodes
from iml_general.measuring.guarded import GuardedLearner
from iml_general.measuring.measure import Setting, measure
from iml_general.plugins import registry
from iml_general.plugins.threads import one_thread
from iml_general.protocol import BUILT_IN, Protocol, Source
from iml_general.protocol.drawing import draw
from iml_general.seeds import Seed
from iml_general.worlds.numbers import Numbers
from iml_general.worlds.statements import Statements
from iml_general.worlds.world import WorldSource

CALLS = OF_TREES | CLASSICAL
NETWORKS = "neural networks"
AT_LEAST = 3  # turns
SEEDS = 8  # that take turns, so that all are remembered, drawn and encoded

Turn = tuple[float, float]
"""Milliseconds by hand, and by `measure`."""

SLOW = ("adaptive-random-forest", "mondrian-forest")
"""Written in Python, with a tenth of the aliases here: what else a seed takes weighs the more."""

KEEP = {
    "MALLOC_TRIM_THRESHOLD_": str(2**28),
    "MALLOC_MMAP_THRESHOLD_": str(2**26),
    "MALLOC_TOP_PAD_": str(2**26),
}
"""How the C library of Linux (glibc) is told to keep memory; it reads this when a process starts."""


def setting_of(name: str, cls: type[AnyLearner[Any]]) -> Setting:
    """A world that the learner can answer, of the default size but for the slow."""
    source = Numbers() if cls.answer_kind == Numbers.answer_kind else Statements()
    if name not in SLOW:
        return Setting(source)
    sources = (
        Source("reliable", 1.0, 10, 5),
        Source("unreliable", 0.0, 10, 5),
        Source("neutral", 0.5, 0, 5),
    )
    return Setting(source, Protocol(sources=sources, undefined=4, new_conflict=5, unseen=3))


def branches(setting: Setting, form: str, index: int) -> list[Branch]:
    """All that is learned and asked for one seed."""
    episodes = encode_episodes(
        setting.protocol, setting.source, setting.encoding, form, seed(setting, index), BUILT_IN
    )
    return [
        one for name, episode in episodes.items() for one in branches_of(seed(setting, index), name, episode)
    ]


def seed(setting: Setting, index: int) -> Seed:
    """A seed by its number."""
    return Seed(0, "confirm", setting.source.name, index)


@one_thread()
def by_hand(calls: Calls, rule: str, what: list[Branch]) -> list[Any]:
    """Make the bare calls for one seed; what is answered after each branch."""
    models: dict[tuple[int, ...], Any] = {}
    later = {branch.path: branch for branch in what if len(branch.batches) > 1}
    for branch in what:
        if len(branch.batches) == 1:
            models[branch.path] = calls.fit(branch.batches[0], branch.seed.integer("fit"))
    for path, branch in later.items():
        first, rows = branch.batches
        if rule == "retrain":
            models[path] = calls.fit(first + rows, branch.seed.integer("fit"))
        else:
            models[path] = calls.updates[rule](models[path[:1]], rows, branch.seed.integer("update"))
    read = calls.read if rule == "refit" and calls.read else calls.predict
    return [
        (read if branch.path in later else calls.predict)(models[branch.path], branch.probes.inputs)
        for branch in what
    ]


def answers_of(learner: AnyLearner[Any], what: list[Branch]) -> list[Any]:
    """What the learner answers after each branch."""
    guarded = GuardedLearner(learner, {})
    states = fit_first_stages(guarded, what)
    states |= learn_later_stages(guarded, what, states)
    return [learner.predict(states[branch.path], branch.probes.inputs) for branch in what]


def share_alike(given: list[Any], others: list[Any]) -> float:
    """Share of probes that both answer alike: with the same class, or the same number to 6 digits."""
    alike = [
        a.argmax(axis=1) == b.argmax(axis=1) if a.ndim > 1 else np.isclose(a, b, rtol=1e-6, atol=1e-6)
        for a, b in zip(given, others, strict=True)
        if isinstance(b, np.ndarray)
    ]
    return float(np.concatenate(alike).mean()) if alike else float("nan")


def milliseconds(call: Callable[[], object]) -> float:
    """Processor time of a call."""
    start = time.process_time()
    call()
    return 1e3 * (time.process_time() - start)


def turns(learner: AnyLearner[Any], calls: Calls | None, setting: Setting, seconds: float) -> Iterator[Turn]:
    """Milliseconds by hand and by `measure`, seed by seed, now one first and now the other."""
    rule, form, spent, n = learner.active_rule, learner.info.form, 0.0, 0
    while n < AT_LEAST or spent < 1e3 * seconds:
        index = n % SEEDS
        what = branches(setting, form, index)
        ways: dict[str, Callable[[], object]] = {
            "measure": partial(measure, learner, setting, [seed(setting, index)])
        }
        if calls:
            ways["hand"] = partial(by_hand, calls, rule, what)
        took = {way: milliseconds(ways[way]) for way in sorted(ways, reverse=bool(n % 2))}
        spent += sum(took.values())
        n += 1
        yield took.get("hand", 0.0), took["measure"]


def line(name: str, rule: str, seconds: float) -> str:
    """Measure one learner under one rule."""
    cls = registry.learner(name)
    learner = replace(cls(), rule=rule) if len(cls.info.rules) > 1 else cls()
    setting, calls = setting_of(name, cls), CALLS[name]() if name in CALLS else None
    what = branches(setting, cls.info.form, 0)
    # This also warms up: what libraries do when they are first used is not a seed's cost.
    alike = share_alike(answers_of(learner, what), by_hand(calls, rule, what)) if calls else float("nan")
    measure(learner, setting, [seed(setting, 0)])
    hand, ours = np.array(list(turns(learner, calls, setting, seconds))).T
    beyond = f"{np.median(ours - hand):.1f}"
    if calls is None:
        return f"| {name} | {rule} | | {np.median(ours):.1f} | {beyond} | | | {len(ours)} | |"
    low, middle, high = np.quantile(ours / hand, (0.25, 0.5, 0.75))
    cells = f"{np.median(hand):.1f} | {np.median(ours):.1f} | {beyond} | {middle:.3f} | {low:.3f}, {high:.3f}"
    return f"| {name} | {rule} | {cells} | {len(ours)} | {'' if np.isnan(alike) else f'{alike:.3f}'} |"


def drawing(source: WorldSource, form: str) -> float:
    """Milliseconds in which the rows of a seed are drawn and encoded."""
    setting, took = Setting(source), []
    for index in range(8 * AT_LEAST):
        draw.cache_clear()
        encode_episodes.cache_clear()
        took.append(milliseconds(lambda index=index: branches(setting, form, index)))
    return float(np.median(took))


def main() -> None:
    """Print one line per learner and rule."""
    if not KEEP.keys() <= os.environ.keys():
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **KEEP})
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("learners", nargs="*", help="all that are no networks unless named")
    parser.add_argument("--seconds", type=float, default=10.0, help="for each learner and rule")
    arguments = parser.parse_args()
    print("| learner | rule | by hand, ms | measure, ms | beyond, ms | ratio | middle half | turns | alike |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name in arguments.learners or registry.registered("learners"):
        info = registry.learner(name).info
        if info.family == NETWORKS and name not in arguments.learners:
            continue
        for rule in info.rules:
            print(line(name, rule, arguments.seconds), flush=True)
    print("\n| world | form | drawing and encoding, ms a seed |\n|---|---|---|")
    for source, form in itertools.product((Statements(), Numbers()), ("vectors", "codes")):
        print(f"| {source.name} | {form} | {drawing(source, form):.1f} |")


if __name__ == "__main__":
    main()
