"""The network of a multi-layer perceptron, and its gradients written out."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

import torch

from iml_general.options import PositiveInt
from learners.neural.gradients import LossName, Parameters
from learners.neural.networks import linear, linear_start
from learners.neural.training import TrainedNetwork

if TYPE_CHECKING:
    import optuna

    from learners.neural.perceptron_losses import PerceptronLosses

Factors = list[tuple[torch.Tensor, torch.Tensor]]
"""The input and the loss gradient at the output of every layer, each (n_members, n_rows, n_units)."""


@dataclass(frozen=True)
class Perceptron(TrainedNetwork):
    """Hidden layers with ReLU over the vector form, trained with AdamW.

    Attributes:
        width: Units of each hidden layer.
        depth: Number of hidden layers.
        loss_name: Of what the head gives, whose gradient is `loss_gradient`.
    """

    loss_name: ClassVar[LossName]

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

    def drawn(self, n_inputs: int, n_outputs: int, generator: torch.Generator) -> Parameters:
        """Draw the hidden layers and the head.

        Args:
            n_inputs: Columns of a row.
            n_outputs: Outputs of the head.
            generator: The only source of randomness.

        Returns:
            Parameters without an axis of members.
        """
        parameters: Parameters = {}
        for name in self._layers:
            parameters |= linear_start(name, n_inputs, self.width, generator)
            n_inputs = self.width
        return parameters | linear_start("head", n_inputs, n_outputs, generator)

    @abstractmethod
    def loss_gradient(self, outputs: torch.Tensor, answers: torch.Tensor) -> torch.Tensor:
        """Find the gradient of each member's mean loss at the outputs of the head.

        Args:
            outputs: Shape (n_members, n_rows, n_outputs).
            answers: As for `TrainedNetwork.gradients`.

        Returns:
            As the outputs.
        """

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

    def outputs(self, parameters: Parameters, inputs: torch.Tensor) -> torch.Tensor:
        """Compute what the head gives, shape (n_members, n_rows, n_outputs)."""
        return linear(parameters, "head", self.hidden(parameters, inputs))

    def gradients(self, parameters: Parameters, inputs: torch.Tensor, answers: torch.Tensor) -> Parameters:
        """Multiply each layer's inputs and loss gradients; see `TrainedNetwork.gradients`."""
        factors = self.factors(parameters, inputs, answers)
        found: Parameters = {}
        for name, (a, d) in zip([*self._layers, "head"], factors, strict=True):
            found[f"{name}.weight"] = torch.bmm(a.transpose(1, 2), d)
            found[f"{name}.bias"] = d.sum(1, keepdim=True)
        return found

    @property
    def row_losses(self) -> PerceptronLosses:
        """The loss for XLA; see `TrainedNetwork.row_losses`."""
        from learners.neural.perceptron_losses import PerceptronLosses  # JAX takes a while to load

        return PerceptronLosses(self.depth, self.loss_name)

    @property
    def _layers(self) -> list[str]:
        return [f"hidden{layer}" for layer in range(self.depth)]

    def factors(self, parameters: Parameters, inputs: torch.Tensor, answers: torch.Tensor) -> Factors:
        """Compute what the gradients are products of.

        Args:
            parameters: Stacked parameters.
            inputs: Shape (n_members, n_rows, n_columns).
            answers: As for `TrainedNetwork.gradients`.

        Returns:
            Those of every layer, the first hidden one's first.
        """
        layers = [*self._layers, "head"]
        a = [inputs]
        for name in self._layers:
            a.append(linear(parameters, name, a[-1]).relu_())
        d = [self.loss_gradient(linear(parameters, "head", a[-1]), answers)]
        for name, output in zip(reversed(layers[1:]), reversed(a[1:]), strict=True):
            # The sign is ReLU's derivative, four times as fast as a comparison on a CPU.
            d.append(torch.bmm(d[-1], parameters[f"{name}.weight"].transpose(1, 2)).mul_(output.sign()))
        return list(zip(a, reversed(d), strict=True))
