"""A small convolutional network that reads a row as a picture."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import pad

from iml_general.learner import Inputs, LearnerInfo, Schema
from iml_general.options import PositiveFloat, PositiveInt
from iml_general.plugins.threads import one_thread
from learners.neural.descent import stack
from learners.neural.device import resolve
from learners.neural.gradient_cosine import cosine
from learners.neural.gradients import Parameters, loss_gradient_at
from learners.neural.networks import NetworkLearner, linear, linear_start
from learners.neural.training import Network

if TYPE_CHECKING:
    import optuna

SIDES = (4, 2)
"""Sides of the windows of each convolution, in places of the map that it reads. Windows don't overlap."""


@dataclass(frozen=True)
class ConvNet(NetworkLearner):
    """Convolutions without overlap and a hidden layer, with ReLU, over the picture form, trained with AdamW.

    Two convolutions see squares of 4 and of 8 pixels, and the hidden layer all of the latter. A picture
    whose sides aren't multiples of 8 gets white margins below and on the right.

    Attributes:
        channels: Features of the first convolution; the second has twice as many.
        width: Units of the hidden layer.
    """

    info: ClassVar = LearnerInfo(
        name="convnet",
        family="neural networks",
        summary="small convolutional network over pictures (torch), all seeds trained together",
        form="pictures",
        rules=("continue", "retrain"),
        update_fields=("update_epochs",),
        libraries=("torch",),
    )

    epochs: PositiveInt = 60
    update_epochs: PositiveInt = 30
    learning_rate: PositiveFloat = 2e-3
    channels: PositiveInt = 16
    width: PositiveInt = 256

    @classmethod
    def suggest(cls, trial: optuna.Trial) -> Self:
        """Draw channels, width, both stages' epochs and the optimiser's settings."""
        return cls(
            channels=trial.suggest_categorical("channels", [8, 16, 32]),
            width=trial.suggest_int("width", 64, 256, step=64),
            epochs=trial.suggest_int("epochs", 15, 100, log=True),
            update_epochs=trial.suggest_int("update_epochs", 5, 60, log=True),
            batch_size=trial.suggest_categorical("batch_size", [16, 32, 64, 128, 256]),
            learning_rate=trial.suggest_float("learning_rate", 1e-4, 1e-2, log=True),
            weight_decay=trial.suggest_float("weight_decay", 1e-4, 1.0, log=True),
        )

    def start(self, schema: Schema, n_answers: int, generator: torch.Generator) -> Parameters:
        """Draw the convolutions, the hidden layer and the head; see `NetworkLearner.start`."""
        n_places = prod(_padded(side) // prod(SIDES) for side in schema.picture)
        parameters: Parameters = {}
        n_features = 1
        for layer, side in enumerate(SIDES):
            n_outputs = self.channels * 2**layer
            parameters |= linear_start(f"convolution{layer}", side**2 * n_features, n_outputs, generator)
            n_features = n_outputs
        parameters |= linear_start("hidden", n_places * n_features, self.width, generator)
        return parameters | linear_start("head", self.width, n_answers, generator)

    def hidden(self, parameters: Parameters, inputs: torch.Tensor) -> torch.Tensor:
        """Compute the hidden layer after its ReLU; see `NetworkLearner.hidden`."""
        return _layer_inputs(parameters, inputs)[-1][:, :, 0]

    def gradients(self, parameters: Parameters, inputs: torch.Tensor, answers: torch.Tensor) -> Parameters:
        """Multiply each layer's inputs and loss gradients; see `NetworkLearner.gradients`."""
        found: Parameters = {}
        for name, factors in _factors(parameters, inputs, answers).items():
            a, d = (factor.flatten(1, 2) for factor in factors)
            found[f"{name}.weight"] = torch.bmm(a.transpose(1, 2), d)
            found[f"{name}.bias"] = d.sum(1, keepdim=True)
        return found

    @one_thread()
    def affinity(
        self, state: Network, statements: Inputs, questions: Inputs, answers: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Give the cosine of the two loss gradients; see `AffinityLearner.affinity`.

        As in `MLP.affinity` no gradient is formed: a layer's is a sum of outer products over places, so the
        inner product of two rows' is the sum over layers and pairs of places of (a . a' + 1) (d . d').
        """
        # In double precision, since the gradient of a well-known answer is almost 0.
        parameters = {name: tensor.double() for name, tensor in state.parameters.items()}
        device = resolve(self.device)
        parameters = stack([parameters], device)
        y = torch.tensor(answers, device=device)
        u, v = (
            _factors(parameters, torch.tensor(rows, dtype=torch.float64, device=device)[None], y)
            for rows in (statements, questions)
        )
        return cosine(_inner(u, v), _inner(u, u), _inner(v, v)).cpu().numpy()


Factors = dict[str, tuple[torch.Tensor, torch.Tensor]]
"""By layer its input and the loss gradient at its output, each (n_members, n_rows, n_places, n_values).

A convolution is one linear map at every place; to the hidden layer and the head there is one place.
"""


def _layer_inputs(parameters: Parameters, inputs: torch.Tensor) -> list[torch.Tensor]:
    """What every layer reads, the head's last, each (n_members, n_rows, n_places, n_values)."""
    height, width = inputs.shape[-2:]
    x = pad(inputs, (0, _padded(width) - width, 0, _padded(height) - height))[..., None]
    read = []
    for layer, side in enumerate(SIDES):
        read.append(_windows(x, side))
        y = linear(parameters, f"convolution{layer}", read[-1].flatten(1, 2)).relu_()
        x = y.view(*x.shape[:2], x.shape[2] // side, x.shape[3] // side, y.shape[-1])
    read.append(x.flatten(2)[:, :, None])
    read.append(linear(parameters, "hidden", read[-1][:, :, 0]).relu_()[:, :, None])
    return read


def _factors(parameters: Parameters, inputs: torch.Tensor, answers: torch.Tensor) -> Factors:
    """All layers' factors, the head's first."""
    names = [*(f"convolution{layer}" for layer in range(len(SIDES))), "hidden", "head"]
    read = _layer_inputs(parameters, inputs)
    d = loss_gradient_at(linear(parameters, "head", read[-1][:, :, 0]), answers)[:, :, None]
    factors = {"head": (read[-1], d)}
    for layer in reversed(range(1, len(names))):
        back = torch.bmm(d.flatten(1, 2), parameters[f"{names[layer]}.weight"].transpose(1, 2))
        # The sign is ReLU's derivative.
        back = back.view(read[layer].shape).mul_(read[layer].sign())
        if layer < len(SIDES):
            back = _rejoined(back, SIDES[layer], _padded(inputs.shape[-1]) // prod(SIDES[: layer + 1]))
        n_outputs = parameters[f"{names[layer - 1]}.bias"].shape[-1]
        d = back.view(*back.shape[:2], read[layer - 1].shape[2], n_outputs)
        factors[names[layer - 1]] = (read[layer - 1], d)
    return factors


def _padded(side: int) -> int:
    """The side of a picture with its margin."""
    return side + -side % prod(SIDES)


def _windows(x: torch.Tensor, side: int) -> torch.Tensor:
    """Cut a map into windows.

    Args:
        x: Shape (n_members, n_rows, height, width, n_features), sides being multiples of `side`.
        side: Side of a window.

    Returns:
        Shape (n_members, n_rows, n_windows, side * side * n_features).
    """
    members, rows, height, width, features = x.shape
    lines, across = height // side, width // side
    cut = x.view(members, rows, lines, side, across, side, features).transpose(3, 4)
    return cut.reshape(members, rows, lines * across, side * side * features)


def _rejoined(windows: torch.Tensor, side: int, across: int) -> torch.Tensor:
    """The reverse of `_windows`, where `across` windows lie side by side."""
    members, rows, n_windows, n_values = windows.shape
    lines, features = n_windows // across, n_values // side**2
    cut = windows.view(members, rows, lines, across, side, side, features).transpose(3, 4)
    return cut.reshape(members, rows, lines * side, across * side, features)


def _inner(first: Factors, second: Factors) -> torch.Tensor:
    """Inner products of the gradients that factors stand for, shape (n_rows,)."""
    products = []
    for name, (a, d) in first.items():
        b, e = second[name]
        alike = (a @ b.transpose(2, 3) + 1) * (d @ e.transpose(2, 3))
        products.append(alike.sum((2, 3))[0])
    return torch.stack(products).sum(0)
