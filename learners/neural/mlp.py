"""A multi-layer perceptron."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
import torch
from numpy.typing import NDArray

from iml_general.learner import Inputs, LearnerInfo, Schema
from iml_general.options import PositiveInt
from iml_general.plugins.threads import one_thread
from learners.neural.descent import stack
from learners.neural.device import resolve
from learners.neural.gradient_cosine import cosine
from learners.neural.gradients import Parameters, loss_gradient_at
from learners.neural.networks import Network, NetworkLearner, linear, linear_start

if TYPE_CHECKING:
    import optuna


@dataclass(frozen=True)
class MLP(NetworkLearner):
    """Hidden layers with ReLU over the vector form, trained with AdamW.

    Attributes:
        width: Units of each hidden layer.
        depth: Number of hidden layers.
    """

    info: ClassVar = LearnerInfo(
        name="mlp",
        family="neural networks",
        summary="multi-layer perceptron (torch), all seeds trained together",
        form="vectors",
        rules=("continue", "retrain"),
        update_fields=("update_epochs",),
        libraries=("torch",),
    )

    width: PositiveInt = 256
    depth: PositiveInt = 2

    @classmethod
    def suggest(cls, trial: optuna.Trial) -> Self:
        """Draw width, depth, both stages' epochs and the optimiser's settings."""
        return cls(
            width=trial.suggest_int("width", 64, 320, step=64),
            depth=trial.suggest_int("depth", 1, 3),
            epochs=trial.suggest_int("epochs", 20, 150, log=True),
            update_epochs=trial.suggest_int("update_epochs", 5, 100, log=True),
            batch_size=trial.suggest_categorical("batch_size", [16, 32, 64, 128, 256]),
            learning_rate=trial.suggest_float("learning_rate", 1e-4, 1e-2, log=True),
            weight_decay=trial.suggest_float("weight_decay", 1e-4, 1.0, log=True),
        )

    def start(self, schema: Schema, n_answers: int, generator: torch.Generator) -> Parameters:
        """Draw the hidden layers and the head; see `NetworkLearner.start`."""
        parameters: Parameters = {}
        n_inputs = len(schema.columns)
        for name in self._layers:
            parameters |= linear_start(name, n_inputs, self.width, generator)
            n_inputs = self.width
        return parameters | linear_start("head", n_inputs, n_answers, generator)

    def hidden(self, parameters: Parameters, inputs: torch.Tensor) -> torch.Tensor:
        """Compute the last hidden layer after its ReLU; see `NetworkLearner.hidden`."""
        return self.hidden_states(parameters, inputs)[-1]

    @property
    def n_hidden(self) -> int:
        """Every hidden layer is read."""
        return self.depth

    def hidden_states(self, parameters: Parameters, inputs: torch.Tensor) -> list[torch.Tensor]:
        """Compute every hidden layer after its ReLU; see `NetworkLearner.hidden_states`."""
        states = []
        for name in self._layers:
            inputs = linear(parameters, name, inputs).relu()
            states.append(inputs)
        return states

    def gradients(self, parameters: Parameters, inputs: torch.Tensor, answers: torch.Tensor) -> Parameters:
        """Multiply each layer's inputs and loss gradients; see `NetworkLearner.gradients`."""
        factors = self._factors(parameters, inputs, answers)
        found: Parameters = {}
        for name, (a, d) in zip([*self._layers, "head"], factors, strict=True):
            found[f"{name}.weight"] = torch.bmm(a.transpose(1, 2), d)
            found[f"{name}.bias"] = d.sum(1, keepdim=True)
        return found

    @one_thread()
    def affinity(
        self, state: Network, statements: Inputs, questions: Inputs, answers: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Give the cosine of the two loss gradients; see `AffinityLearner.affinity`.

        A row's gradient in a layer is the outer product of the layer's input a (and 1, for the
        bias) and the loss gradient d at its output, so that the inner product of two rows'
        gradients is the sum over layers of (a . a' + 1) (d . d'): no gradient is ever formed.
        """
        # In double precision, since the gradient of a well-known answer is almost 0.
        parameters = {name: tensor.double() for name, tensor in state.parameters.items()}
        device = resolve(self.device)
        parameters = stack([parameters], device)
        y = torch.tensor(answers, device=device)
        u, v = (
            self._factors(parameters, torch.tensor(rows, dtype=torch.float64, device=device)[None], y)
            for rows in (statements, questions)
        )
        return cosine(_inner(u, v), _inner(u, u), _inner(v, v)).cpu().numpy()

    @property
    def _layers(self) -> list[str]:
        return [f"hidden{layer}" for layer in range(self.depth)]

    def _factors(
        self, parameters: Parameters, inputs: torch.Tensor, answers: torch.Tensor
    ) -> list[tuple[torch.Tensor, torch.Tensor]]:
        """The input and the loss gradient at the output of every layer, each (n_members, n_rows, n_units)."""
        layers = [*self._layers, "head"]
        a = [inputs]
        for name in self._layers:
            a.append(linear(parameters, name, a[-1]).relu_())
        d = [loss_gradient_at(linear(parameters, "head", a[-1]), answers)]
        for name, output in zip(reversed(layers[1:]), reversed(a[1:]), strict=True):
            # The sign is ReLU's derivative, four times as fast as a comparison on a CPU.
            d.append(torch.bmm(d[-1], parameters[f"{name}.weight"].transpose(1, 2)).mul_(output.sign()))
        return list(zip(a, reversed(d), strict=True))


def _inner(
    first: list[tuple[torch.Tensor, torch.Tensor]], second: list[tuple[torch.Tensor, torch.Tensor]]
) -> torch.Tensor:
    """Inner products of the gradients that two lists of factors stand for, shape (n_rows,)."""
    pairs = zip(first, second, strict=True)
    return torch.stack([((a * b).sum(-1) + 1) * (d * e).sum(-1) for (a, d), (b, e) in pairs]).sum(0)[0]
