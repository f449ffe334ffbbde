"""What training on a GPU has to share with training on the CPU; skipped where there is none."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from iml_general.learner import Batch, Schema
from learners.neural.cuda_graph import Graphed
from learners.neural.mlp import MLP
from learners.neural.transformer import Transformer

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="torch finds no CUDA device here")

VECTORS = Schema("vectors", tuple(f"x[{i}]" for i in range(9)), (), (0,))
TOKENS = Schema("tokens", tuple(f"token[{i}]" for i in range(6)), (26,), (0,))
both = pytest.mark.parametrize(
    "learner",
    [MLP(epochs=2, update_epochs=2), Transformer(epochs=2, update_epochs=2)],
    ids=["mlp", "transformer"],
)

ROUNDING = 1e-5
"""How far probabilities may be apart after 22 steps; after hundreds rounding moves them visibly."""


def batch_for(learner, n_rows, seed):
    generator = np.random.default_rng(seed)
    answers = generator.integers(4, size=n_rows)
    if learner.info.form == "tokens":
        return Batch(generator.integers(26, size=(n_rows, 6)), answers, 4, TOKENS)
    return Batch(generator.integers(2, size=(n_rows, 9)).astype(np.float32), answers, 4, VECTORS)


def predictions(learner, batches, updates):
    seeds = range(len(batches))
    states = learner.fit_cohort(batches, seeds)
    later = learner.update_cohort(states, updates, seeds)
    return np.stack([learner.predict(state, batches[0].inputs) for state in [*states, *later]])


@both
def test_a_gpu_trains_as_the_cpu_does_to_rounding(learner, monkeypatch):
    # On the CPU by torch, too; what XLA makes of the same is compared with torch elsewhere.
    monkeypatch.setattr(type(learner), "row_losses", None)
    # 500 rows: a partial minibatch is last. 40 rows: less than one. 12 members: two cohorts on the CPU.
    batches = [batch_for(learner, 500 if seed % 3 else 40, seed) for seed in range(12)]
    updates = [batch_for(learner, 150, 100 + seed) for seed in range(12)]
    expected = predictions(learner, batches, updates)
    on_gpu = replace(learner, device="cuda")
    assert np.abs(predictions(on_gpu, batches, updates) - expected).max() < ROUNDING
    monkeypatch.setattr("learners.neural.cohort_training.CUDA_MEMBERS", 5)
    assert np.abs(predictions(on_gpu, batches, updates) - expected).max() < ROUNDING
    other_order = learner.update_cohort(learner.fit_cohort(batches, range(12)), updates, range(1, 13))
    moved = [learner.predict(state, batches[0].inputs) for state in other_order]
    assert np.abs(np.stack(moved) - expected[12:]).max() > ROUNDING


def test_a_shape_is_recorded_once_and_replayed_with_each_argument():
    calls, total = [], torch.zeros((), device="cuda")

    def add(argument):
        calls.append(argument.shape)
        total.add_(argument.sum())

    graphed = Graphed(add)
    for number in range(5):
        graphed(torch.full((3,), float(number), device="cuda"))
        graphed(torch.full((2,), float(number), device="cuda"))
    assert total.item() == 5 * sum(range(5))
    assert len(calls) == 4
