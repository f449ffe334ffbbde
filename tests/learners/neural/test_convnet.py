import numpy as np
import pytest
import torch

from iml_general.learner import Batch, Schema
from learners.neural.convnet import ConvNet
from learners.neural.gradient_cosine import gradient_cosine

ALIGNED, ODD = (16, 24), (13, 19)


def batch(shape, n_rows, seed):
    generator = np.random.default_rng(seed)
    height, width = shape
    columns = tuple(f"pixel[{row},{column}]" for row in range(height) for column in range(width))
    schema = Schema("pictures", columns, (), (0,), picture=shape)
    inputs = generator.random((n_rows, height, width)).astype(np.float32)
    return Batch(inputs, generator.integers(4, size=n_rows), 4, schema)


@pytest.mark.parametrize("shape", [ALIGNED, ODD])
def test_network_is_the_same_function_as_torchs_own_layers(shape):
    """Convolutions with a stride as large as their window, margins where a side is no multiple of 8."""
    learner = ConvNet(channels=3, width=8, epochs=2)
    state = learner.fit(batch(shape, 20, 0), 3)
    asked = batch(shape, 10, 1).inputs
    x = torch.nn.functional.pad(torch.tensor(asked)[:, None], (0, -shape[1] % 8, 0, -shape[0] % 8))
    for layer, side in enumerate((4, 2)):
        weight, bias = (state.parameters[f"convolution{layer}.{part}"] for part in ("weight", "bias"))
        kernel = weight.T.view(-1, side, side, x.shape[1]).permute(0, 3, 1, 2)
        x = torch.nn.functional.conv2d(x, kernel, bias[0], stride=side).relu()
    x = x.permute(0, 2, 3, 1).flatten(1)
    x = (x @ state.parameters["hidden.weight"] + state.parameters["hidden.bias"]).relu()
    x = (x @ state.parameters["head.weight"] + state.parameters["head.bias"]).softmax(-1)
    assert np.allclose(learner.predict(state, asked), x, atol=1e-6)


@pytest.mark.parametrize("shape", [ALIGNED, ODD])
def test_factored_affinity_equals_the_one_from_full_gradients(shape):
    learner = ConvNet(channels=3, width=8, epochs=2)
    state = learner.fit(batch(shape, 20, 0), 3)
    statements, questions = batch(shape, 20, 1), batch(shape, 20, 2)
    full = gradient_cosine(
        {name: tensor.double()[None] for name, tensor in state.parameters.items()},
        learner.logits,
        torch.tensor(statements.inputs).double(),
        torch.tensor(questions.inputs).double(),
        torch.tensor(statements.answers),
    )
    found = learner.affinity(state, statements.inputs, questions.inputs, statements.answers)
    assert np.allclose(found, full, atol=1e-12)


def test_representation_is_the_hidden_layer():
    learner = ConvNet(channels=3, width=8, epochs=1)
    features = learner.represent(learner.fit(batch(ODD, 20, 0), 3), batch(ODD, 10, 1).inputs)
    assert features.shape == (10, 8)
    assert (features >= 0).all()


def test_what_is_learned_in_one_place_is_known_in_the_others():
    """Squares of 8 pixels are seen alike wherever they lie: their features move with them."""
    learner = ConvNet(channels=3, width=8, epochs=1)
    state = learner.fit(batch(ALIGNED, 20, 0), 3)
    blank = np.zeros((2, *ALIGNED), dtype=np.float32)
    blank[0, :8, :8] = blank[1, 8:, 16:] = np.random.default_rng(5).random((8, 8))
    weights = state.parameters["hidden.weight"].view(6, 6, 8)
    state.parameters["hidden.weight"].copy_(weights[0].repeat(6, 1))  # the hidden layer treats places alike
    first, second = learner.represent(state, blank)
    assert np.allclose(first, second, atol=1e-6)
