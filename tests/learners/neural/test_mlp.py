import numpy as np
import pytest
import torch

from iml_general.learner import Batch, Schema
from learners.neural.gradient_cosine import gradient_cosine
from learners.neural.mlp import MLP

SCHEMA = Schema("vectors", tuple(f"x[{i}]" for i in range(12)), (), (0,))


def batch(n_rows, seed):
    generator = np.random.default_rng(seed)
    inputs = generator.integers(2, size=(n_rows, 12)).astype(np.float32)
    return Batch(inputs, generator.integers(4, size=n_rows), 4, SCHEMA)


def test_defaults_are_those_of_the_method():
    learner = MLP()
    assert (learner.width, learner.depth, learner.epochs, learner.update_epochs) == (256, 2, 100, 50)
    assert (learner.learning_rate, learner.batch_size, learner.weight_decay) == (1e-3, 64, 0.01)


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_network_is_the_same_function_as_torchs_own_layers(depth):
    learner = MLP(width=8, depth=depth, epochs=2)
    state = learner.fit(batch(20, 0), 3)
    names = [*(f"hidden{i}" for i in range(depth)), "head"]
    x = torch.tensor(batch(10, 1).inputs)
    for name in names:
        x = torch.nn.functional.linear(
            x, state.parameters[f"{name}.weight"].T, state.parameters[f"{name}.bias"][0]
        )
        x = x.relu() if name != "head" else x.softmax(-1)
    assert np.allclose(learner.predict(state, batch(10, 1).inputs), x, atol=1e-6)


def test_representation_is_the_last_hidden_layer():
    learner = MLP(width=8, depth=2, epochs=1)
    features = learner.represent(learner.fit(batch(20, 0), 3), batch(10, 1).inputs)
    assert features.shape == (10, 8)
    assert (features >= 0).all()


def test_each_layer_is_the_last_one_of_a_network_that_ends_there():
    learner, rows = MLP(width=8, depth=3, epochs=1), batch(10, 1).inputs
    state = learner.fit(batch(20, 0), 3)
    layers = learner.layers(state, rows)
    assert list(layers) == ["layer_1", "layer_2", "last_layer"]
    for depth, features in enumerate(layers.values(), start=1):
        assert np.array_equal(features, MLP(width=8, depth=depth).represent(state, rows))


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_factored_affinity_equals_the_one_from_full_gradients(depth):
    learner = MLP(width=8, depth=depth, epochs=2)
    state = learner.fit(batch(20, 0), 3)
    statements, questions = batch(40, 1), batch(40, 2)
    full = gradient_cosine(
        {name: tensor.double()[None] for name, tensor in state.parameters.items()},
        learner.logits,
        torch.tensor(statements.inputs).double(),
        torch.tensor(questions.inputs).double(),
        torch.tensor(statements.answers),
    )
    found = learner.affinity(state, statements.inputs, questions.inputs, statements.answers)
    assert np.allclose(found, full, atol=1e-12)


def test_affinity_is_zero_where_the_answer_is_so_well_known_that_no_gradient_is_left():
    learner = MLP(width=8, epochs=1)
    state = learner.fit(batch(20, 0), 3)
    state.parameters["head.bias"][:] = torch.tensor([1e6, 0, 0, 0])
    rows = batch(5, 1).inputs
    assert (learner.affinity(state, rows, rows, np.zeros(5, np.int64)) == 0).all()
