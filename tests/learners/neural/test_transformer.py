import math
from dataclasses import replace

import jax
import numpy as np
import pytest
import torch
from torch.nn.functional import gelu, layer_norm

from iml_general.errors import UsageError
from iml_general.learner import Batch, Schema
from iml_general.options import configure
from learners.neural.descent import stack
from learners.neural.transformer import Transformer

SCHEMA = Schema("tokens", ("tag", "alias[0]", "alias[1]", "question"), (11,), (0,))
SMALL = Transformer(d_model=8, n_heads=2, epochs=2, update_epochs=2, batch_size=10)


def batch(n_rows, seed):
    generator = np.random.default_rng(seed)
    return Batch(generator.integers(11, size=(n_rows, 4)), generator.integers(3, size=n_rows), 3, SCHEMA)


def by_the_book(learner, p, tokens):
    """One row through every position of every layer, head by head."""
    d = learner.d_model // learner.n_heads
    x = p["token"][torch.tensor(tokens)] + p["position"]
    for layer in range(learner.n_layers):
        h = layer_norm(x, (learner.d_model,))
        q, k, v = (h @ p[f"{part}{layer}.weight"] for part in ("query", "key", "value"))
        heads = []
        for head in range(learner.n_heads):
            part = slice(head * d, (head + 1) * d)
            weights = (q[:, part] @ k[:, part].T / math.sqrt(d)).softmax(-1)
            heads.append(weights @ v[:, part])
        x = x + torch.cat(heads, 1) @ p[f"mix{layer}.weight"]
        wide = gelu(layer_norm(x, (learner.d_model,)) @ p[f"up{layer}.weight"] + p[f"up{layer}.bias"])
        x = x + wide @ p[f"down{layer}.weight"] + p[f"down{layer}.bias"]
    return layer_norm(x, (learner.d_model,))[-1]


def test_defaults_are_those_of_the_method():
    learner = Transformer()
    assert (learner.n_layers, learner.d_model, learner.epochs, learner.update_epochs) == (2, 64, 60, 30)
    assert (learner.learning_rate, learner.batch_size, learner.weight_decay) == (1e-3, 64, 0.01)


# 12 rows are packed into shared attention matrices, 7 are not.
@pytest.mark.parametrize("n_rows", [12, 7, 1])
@pytest.mark.parametrize("n_layers", [1, 2, 3])
def test_state_of_the_last_position_is_that_of_a_transformer_computed_in_full(n_layers, n_rows):
    learner = replace(SMALL, n_layers=n_layers)
    state = learner.fit(batch(20, 0), 3)
    rows = batch(n_rows, 1).inputs
    expected = torch.stack([by_the_book(learner, state.parameters, row) for row in rows])
    assert np.allclose(learner.represent(state, rows), expected, atol=1e-5)


def test_each_layer_is_the_last_one_of_a_transformer_that_ends_there():
    learner = replace(SMALL, n_layers=3)
    state, rows = learner.fit(batch(20, 0), 3), batch(7, 1).inputs
    layers = learner.layers(state, rows)
    assert list(layers) == ["layer_1", "layer_2", "last_layer"]
    for n_layers, features in enumerate(layers.values(), start=1):
        assert np.allclose(features, replace(SMALL, n_layers=n_layers).represent(state, rows), atol=1e-5)


def test_rows_packed_together_do_not_see_each_other():
    state = SMALL.fit(batch(20, 0), 3)
    rows = batch(8, 1).inputs.copy()
    before = SMALL.predict(state, rows)
    rows[1:] = 0
    assert np.allclose(SMALL.predict(state, rows)[0], before[0], atol=1e-6)


def gradients_by_torch(parameters, rows):
    x, y = torch.tensor(rows.inputs)[None], torch.tensor(rows.answers)
    return SMALL.gradients(stack([parameters], torch.device("cpu")), x, y)


def gradients_by_jax(parameters, rows):
    stacked = {name: tensor.numpy()[None] for name, tensor in parameters.items()}
    return jax.grad(lambda p: SMALL.row_losses(p, rows.inputs[None], rows.answers[None]).mean())(stacked)


@pytest.mark.parametrize(
    ("gradients", "module"), [(gradients_by_torch, "transformer"), (gradients_by_jax, "transformer_losses")]
)
def test_packing_changes_gradients_by_no_more_than_rounding(monkeypatch, gradients, module):
    parameters, rows = SMALL.fit(batch(20, 0), 3).parameters, batch(24, 1)
    packed = gradients(parameters, rows)
    monkeypatch.setattr(f"learners.neural.{module}.PACKED", 1)
    single = gradients(parameters, rows)
    for name, gradient in packed.items():
        assert np.allclose(np.asarray(gradient), np.asarray(single[name]), atol=1e-6)
        assert np.abs(np.asarray(gradient)).max() > 1e-4


def test_every_token_of_a_row_and_its_position_matter():
    state = SMALL.fit(batch(20, 0), 3)
    row = np.array([[1, 2, 3, 4]])
    p = SMALL.predict(state, row)
    for position in range(4):
        other = row.copy()
        other[0, position] += 1
        assert np.abs(SMALL.predict(state, other) - p).max() > 1e-4
    assert np.abs(SMALL.predict(state, row[:, [0, 2, 1, 3]]) - p).max() > 1e-4


def test_heads_that_do_not_divide_the_model_are_refused_with_both_numbers():
    with pytest.raises(UsageError, match="d_model = 64 is not divisible by n_heads = 5; change either"):
        configure(Transformer, {"n_heads": 5}, "learner 'transformer'")
