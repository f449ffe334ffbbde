"""What torch learners that answer with classes have in common: all but the network and its affinity."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from iml_general.learner import (
    LAST_LAYER,
    AffinityLearner,
    Batch,
    CohortLearner,
    Inputs,
    Probabilities,
    RepresentationLearner,
    Schema,
)
from iml_general.plugins.threads import one_thread
from learners.neural.gradients import Parameters
from learners.neural.training import Network, TrainedNetwork


@dataclass(frozen=True)
class NetworkLearner(
    TrainedNetwork, CohortLearner[Network], AffinityLearner[Network], RepresentationLearner[Network]
):
    """A network whose last hidden state is mapped linearly to the logits of the answers.

    Its loss is the mean cross-entropy.
    """

    @abstractmethod
    def start(self, schema: Schema, n_answers: int, generator: torch.Generator) -> Parameters:
        """Draw the parameters of an untrained network.

        Args:
            schema: What the columns of the inputs mean.
            n_answers: Number of answer classes.
            generator: The only source of randomness.

        Returns:
            Parameters without an axis of members; `linear_start` under the name ``head`` among them.
        """

    @abstractmethod
    def hidden(self, parameters: Parameters, inputs: torch.Tensor) -> torch.Tensor:
        """Compute the last hidden state.

        Args:
            parameters: Stacked parameters, with a leading axis of members.
            inputs: Shape (n_members, n_rows, n_columns), or what rows of the form have in place of the last.

        Returns:
            Shape (n_members, n_rows, n_features).
        """

    @property
    def n_hidden(self) -> int:
        """Number of hidden states that are read."""
        return 1

    def hidden_states(self, parameters: Parameters, inputs: torch.Tensor) -> list[torch.Tensor]:
        """Compute all hidden states, as `hidden` does the last one."""
        return [self.hidden(parameters, inputs)]

    def logits(self, parameters: Parameters, inputs: torch.Tensor) -> torch.Tensor:
        """Compute the logits, as `hidden` does the hidden state; shape (n_members, n_rows, n_answers)."""
        return linear(parameters, "head", self.hidden(parameters, inputs))

    def begun(self, batch: Batch, generator: torch.Generator) -> Parameters:
        """Draw the parameters for the classes of a batch; see `TrainedNetwork.begun`."""
        return self.start(batch.schema, batch.n_answers, generator)

    @one_thread()
    def predict(self, state: Network, inputs: Inputs) -> Probabilities:
        """Give the probability of every answer, float64; see `Learner.predict`."""
        return self.read(state, inputs, lambda p, x: self.logits(p, x).double().softmax(dim=-1))

    @one_thread()
    def represent(self, state: Network, inputs: Inputs) -> NDArray[np.floating[Any]]:
        """Give the last hidden state, float32 of shape (n_rows, n_features)."""
        return self.read(state, inputs, self.hidden)

    @one_thread()
    def layers(self, state: Network, inputs: Inputs) -> dict[str, NDArray[np.floating[Any]]]:
        """Give all hidden states, each float32 of shape (n_rows, n_features); see `RepresentationLearner`."""
        names = [f"layer_{number}" for number in range(1, self.n_hidden)]

        def state_after(number: int) -> Callable[[Parameters, torch.Tensor], torch.Tensor]:
            return lambda parameters, x: self.hidden_states(parameters, x)[number]

        return {
            name: self.read(state, inputs, state_after(number))
            for number, name in enumerate([*names, LAST_LAYER])
        }

    def step_size(self, n_rows: int) -> float:
        """Learning rate times the number of gradient steps; see `AffinityLearner.step_size`."""
        return self.learning_rate * self.update_epochs * math.ceil(n_rows / self.batch_size)


def linear_start(
    name: str, n_inputs: int, n_outputs: int, generator: torch.Generator, *, bias: bool = True
) -> Parameters:
    """Draw a linear map as torch's own layers do: uniform within +-1 / sqrt(n_inputs).

    Args:
        name: Prefix of the parameters' names.
        n_inputs: Features that go in.
        n_outputs: Features that come out.
        generator: The only source of randomness.
        bias: Whether it has a bias.

    Returns:
        ``name.weight`` of shape (n_inputs, n_outputs) and ``name.bias`` of shape (1, n_outputs), float32.
    """
    shapes = {"weight": (n_inputs, n_outputs)} | ({"bias": (1, n_outputs)} if bias else {})
    return {
        f"{name}.{part}": torch.empty(shape, dtype=torch.float32).uniform_(
            -(n_inputs**-0.5), n_inputs**-0.5, generator=generator
        )
        for part, shape in shapes.items()
    }


def linear(parameters: Parameters, name: str, inputs: torch.Tensor) -> torch.Tensor:
    """Apply a stacked linear map with a bias, member by member.

    Args:
        parameters: Stacked parameters.
        name: Prefix of the map's parameters.
        inputs: Shape (n_members, n_rows, n_inputs).

    Returns:
        Shape (n_members, n_rows, n_outputs).
    """
    return torch.baddbmm(parameters[f"{name}.bias"], inputs, parameters[f"{name}.weight"])
