"""The perceptron's loss for XLA."""

from __future__ import annotations

from dataclasses import dataclass

import jax

from learners.neural.gradients import LossName
from learners.neural.row_losses import Arrays, cross_entropy, linear, squared_error

OF_OUTPUTS = {"cross_entropy": cross_entropy, "squared_error": squared_error}


@dataclass(frozen=True)
class PerceptronLosses:
    """What `Perceptron` computes, and the loss of that; see `RowLosses`.

    Attributes:
        depth: Number of hidden layers.
        name: Of the loss.
    """

    depth: int
    name: LossName

    def __call__(self, parameters: Arrays, inputs: jax.Array, answers: jax.Array) -> jax.Array:
        """Compute the losses; see `RowLosses`."""
        for layer in range(self.depth):
            inputs = jax.nn.relu(linear(parameters, f"hidden{layer}", inputs))
        return OF_OUTPUTS[self.name](linear(parameters, "head", inputs), answers)
