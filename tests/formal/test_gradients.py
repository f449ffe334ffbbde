"""docs/trust-formally.md, sections 2 and 5: small updates, and gradient steps."""

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from torch.nn.functional import cross_entropy

from iml_general.plugins.registry import learner as named
from learners.neural.training import Network

Parameters = dict[str, torch.Tensor]
MLP = named("mlp")
SMALL = MLP(width=12, depth=2, epochs=10, learning_rate=1e-2)


def double(state: Network) -> Parameters:
    return {name: tensor.double() for name, tensor in state.parameters.items()}


def logits(learner: Any, parameters: Parameters, inputs: NDArray[Any]) -> torch.Tensor:
    stacked = {name: tensor[None] for name, tensor in parameters.items()}
    return learner.logits(stacked, torch.tensor(inputs, dtype=torch.float64)[None])[0]


def gradient(learner: Any, parameters: Parameters, of: Any) -> torch.Tensor:
    """Gradient of `of(logits function)` in all parameters, one vector."""
    leaves = {name: tensor.clone().requires_grad_() for name, tensor in parameters.items()}
    value = of(lambda inputs: logits(learner, leaves, inputs))
    return torch.cat([one.flatten() for one in torch.autograd.grad(value, list(leaves.values()))])


def odds_gradient(learner: Any, parameters: Parameters, row: NDArray[Any], x: int, y: int) -> torch.Tensor:
    """Of log P(x) - log P(y) at one row: the normaliser cancels, so it is that of the logits' difference."""
    return gradient(learner, parameters, lambda f: f(row[None])[0, x] - f(row[None])[0, y])


def stepped(
    learner: Any, parameters: Parameters, batch: Any, rate: float, n_steps: int = 1, decay: float = 0.0
) -> Parameters:
    """Plain gradient descent on the summed cross-entropy of all rows, with weight decay."""
    answers = torch.tensor(batch.answers)
    for _ in range(n_steps):
        found = gradient(
            learner, parameters, lambda f: cross_entropy(f(batch.inputs), answers, reduction="sum")
        )
        parts = torch.split(found, [tensor.numel() for tensor in parameters.values()])
        parameters = {
            name: tensor - rate * (part.view(tensor.shape) + decay * tensor)
            for (name, tensor), part in zip(parameters.items(), parts, strict=True)
        }
    return parameters


def measured(world: Any, learner: Any, start: Parameters, rate: float, **options: Any) -> NDArray[Any]:
    """Statement weights of all disputed questions after gradient steps on each twin."""
    both = (stepped(learner, start, rows, rate, **options) for rows in (world.drawn, world.twin))
    return world.weights(*(logits(learner, one, world.questions).numpy() for one in both))


def predicted(world: Any, learner: Any, start: Parameters, step: float) -> NDArray[Any]:
    """Proposition 10: half the step times the sum of the tangent kernel's gaps."""
    i = range(len(world.x))
    rows, x, y = world.drawn.inputs, world.x, world.y
    gaps = [
        odds_gradient(learner, start, rows[world.reliable[j]], x[j], y[j])
        - odds_gradient(learner, start, rows[world.unreliable[j]], x[j], y[j])
        for j in i
    ]
    asked = torch.stack([odds_gradient(learner, start, world.questions[j], x[j], y[j]) for j in i])
    return step / 2 * (asked @ torch.stack(gaps).sum(dim=0)).numpy()


@pytest.mark.parametrize(("n_steps", "decay"), [(1, 0.0), (5, 0.0), (1, 0.1)], ids=["one", "five", "decayed"])
def test_the_weight_is_the_step_times_the_gap_up_to_the_square_of_the_step(twins, n_steps, decay) -> None:
    """Definition 2, Proposition 4, Proposition 10, Corollary 3 (a).

    A tenth of the step leaves a hundredth of the error.
    """
    world = twins(0)
    start = double(SMALL.fit(world.stage1, 1))
    errors = []
    for step in (1e-5, 1e-6):  # so small that no unit switches on or off on the way
        expected = predicted(world, SMALL, start, step)
        found = measured(world, SMALL, start, step / n_steps, n_steps=n_steps, decay=decay)
        errors.append(np.abs(found - expected).max())
        assert errors[-1] < 0.01 * np.abs(expected).max()
    assert errors[0] / errors[1] == pytest.approx(100, rel=0.1)


def test_one_step_of_a_linear_model_gives_no_statement_more_weight(twins) -> None:
    """Corollary 3 (b): exact, whatever the size of the step and whatever stage 1 taught."""
    world = twins(0)
    start = np.random.default_rng(0).normal(size=(world.questions.shape[1], 4))

    def after(batch: Any) -> NDArray[Any]:
        z = np.exp(batch.inputs @ start)
        wrong = np.eye(4)[batch.answers] - z / z.sum(axis=1, keepdims=True)
        return world.questions @ (start + 0.5 * batch.inputs.T @ wrong)

    drawn, twin = after(world.drawn), after(world.twin)
    assert np.abs(drawn - world.questions @ start).max() > 1
    assert world.weights(drawn, twin) == pytest.approx(0.0, abs=1e-10)


@given(seed=st.integers(0, 10_000), x=st.integers(0, 2))
def test_one_hidden_layer_on_inputs_that_are_not_negative_is_never_moved_the_wrong_way(seed, x) -> None:
    """Proposition 11: any parameters, any two rows of zeros and ones."""
    generator = np.random.default_rng(seed)
    learner, y = MLP(width=5, depth=1), (x + 1) % 3
    shapes = {"hidden0.weight": (7, 5), "hidden0.bias": (1, 5), "head.weight": (5, 3), "head.bias": (1, 3)}
    parameters = {name: torch.tensor(generator.normal(size=shape)) for name, shape in shapes.items()}
    rows = generator.integers(2, size=(2, 7)).astype(float)
    u, v = (odds_gradient(learner, parameters, row, x, y) for row in rows)
    assert float(u @ v) >= 2 - 1e-9


QUESTION, STATEMENT = np.array([1.0, 0.0]), np.array([1.0, 1.0])  # alias, and alias with tag
DISBELIEVER: Parameters = {
    "hidden0.weight": torch.eye(2),
    "hidden0.bias": torch.zeros(1, 2),
    # The first unit of layer 2 hears the alias unless the tag is on, the second one only the tag.
    "hidden1.weight": torch.tensor([[1.0, -1.0], [-2.0, 2.0]]),
    "hidden1.bias": torch.zeros(1, 2),
    "head.weight": torch.tensor([[2.0, 0.0], [2.0, 0.0]]),
    "head.bias": torch.zeros(1, 2),
}


def test_two_hidden_layers_can_be_moved_the_wrong_way() -> None:
    """Counterexample 3: kernel 2 - 2 k^2 with k = 2, and a step that lowers what the statement says."""
    learner = MLP(width=2, depth=2)
    start = double(Network(DISBELIEVER))
    u, v = (odds_gradient(learner, start, row, 0, 1) for row in (QUESTION, STATEMENT))
    assert float(u @ v) == pytest.approx(2 - 2 * 2**2)
    batch = type("Rows", (), {"inputs": STATEMENT[None], "answers": np.array([0])})
    before = logits(learner, start, QUESTION[None])[0]
    after = logits(learner, stepped(learner, start, batch, 0.01), QUESTION[None])[0]
    assert float(after[0] - after[1]) < float(before[0] - before[1])
    rows = [row[None].astype(np.float32) for row in (STATEMENT, QUESTION)]
    assert learner.affinity(Network(DISBELIEVER), *rows, np.array([0]))[0] < 0


def test_of_two_answers_affinity_is_the_cosine_of_the_tangent_kernel(twins) -> None:
    """Proposition 12 (a): `affinity` of the package against cosines of the gradients of the log-odds."""
    world = twins(0, n_answers=2)
    state = SMALL.fit(world.stage1, 1)
    start = double(state)
    statements = world.drawn.inputs[world.unreliable]
    found = SMALL.affinity(state, statements, world.questions, world.x)
    pairs = zip(statements, world.questions, strict=True)
    gradients = [[odds_gradient(SMALL, start, row, 0, 1) for row in pair] for pair in pairs]
    cosines = [float(u @ v / (u.norm() * v.norm())) for u, v in gradients]
    assert found == pytest.approx(cosines, abs=1e-6)


def log_gradient(parameters: Parameters, row: NDArray[Any], answer: torch.Tensor) -> torch.Tensor:
    return gradient(SMALL, parameters, lambda f: -cross_entropy(f(row), answer))


def test_affinity_times_the_lengths_is_what_a_step_does_to_what_was_said(twins) -> None:
    """Proposition 12 (b): four answers; the change of log P(said) after one step on one statement."""
    world = twins(0)
    state = SMALL.fit(world.stage1, 1)
    start, rate = double(state), 1e-6
    statements = world.drawn.inputs[world.reliable]
    affinity = SMALL.affinity(state, statements, world.questions, world.x)
    for i in range(0, len(world.x), 7):
        rows = [row[None] for row in (statements[i], world.questions[i])]
        answer = torch.tensor(world.x[[i]])
        g, h = (log_gradient(start, row, answer) for row in rows)
        batch = type("Rows", (), {"inputs": rows[0], "answers": world.x[[i]]})
        after = stepped(SMALL, start, batch, rate)
        p, q = (logits(SMALL, one, rows[1]).log_softmax(-1)[0, answer] for one in (start, after))
        assert float((q - p) / rate) == pytest.approx(affinity[i] * float(g.norm() * h.norm()), rel=1e-2)


def test_a_step_of_adam_can_have_another_sign_than_the_gradient_has() -> None:
    """Counterexample 4: the first step of torch's own AdamW from 0, without weight decay."""
    statement, question = torch.tensor([3.0, 1.0]), torch.tensor([1.0, -2.0])
    theta = torch.zeros(2, requires_grad=True)
    optimizer = torch.optim.AdamW([theta], lr=0.1, weight_decay=0.0)
    torch.autograd.backward(-(statement @ theta))
    optimizer.step()
    assert float(statement @ question) == 1.0
    assert float(theta.detach() @ question) == pytest.approx(-0.1, abs=1e-6)
