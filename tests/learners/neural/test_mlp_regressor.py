"""The perceptron that answers with numbers."""

import numpy as np
import pytest
import torch

from iml_general.learner import Schema
from iml_general.regressor import NumberBatch
from learners.neural.descent import stack
from learners.neural.mlp import MLPRegressor

SCHEMA = Schema("vectors", tuple(f"x[{i}]" for i in range(6)), (), (0,))


def batch(n_rows: int, seed: int) -> NumberBatch:
    generator = np.random.default_rng(seed)
    inputs = generator.integers(2, size=(n_rows, 6)).astype(np.float32)
    return NumberBatch(inputs, generator.normal(size=n_rows), SCHEMA)


def test_gradients_are_those_of_the_mean_squared_error_of_each_member() -> None:
    learner, rows = MLPRegressor(width=8), [batch(5, 0), batch(5, 1)]
    generator = torch.Generator().manual_seed(0)
    parameters = stack([learner.begun(one, generator) for one in rows], torch.device("cpu"))
    x = torch.tensor(np.stack([one.inputs for one in rows]))
    y = torch.tensor(np.concatenate([one.answers for one in rows]))
    found = learner.gradients(parameters, x, y)
    leaves = {name: tensor.requires_grad_() for name, tensor in parameters.items()}
    errors = learner.outputs(leaves, x)[..., 0] - y.reshape(2, 5).float()
    (errors**2).mean(dim=1).sum().backward()
    for name, leaf in leaves.items():
        assert leaf.grad is not None
        assert torch.allclose(found[name], leaf.grad, atol=1e-6), name


def test_it_learns_numbers_and_goes_on_from_them() -> None:
    learner = MLPRegressor(width=64, epochs=150, update_epochs=150)
    first, second = batch(40, 0), NumberBatch(batch(40, 0).inputs, batch(40, 0).answers + 3, SCHEMA)
    unique = np.unique(first.inputs, axis=0, return_index=True)[1]
    first, second = (NumberBatch(b.inputs[unique], b.answers[unique], SCHEMA) for b in (first, second))
    state = learner.fit(first, 0)
    values = learner.predict(state, first.inputs)
    assert values.shape == (len(unique),)
    assert values.dtype == np.float64
    assert ((values - first.answers) ** 2).mean() < first.answers.var() / 5
    moved = learner.predict(learner.update(state, second, 0), first.inputs)
    assert moved.mean() - values.mean() == pytest.approx(3, abs=1)
