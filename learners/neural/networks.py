"""What the torch learners have in common: all but the network and its affinity."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

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
from iml_general.options import NotNegative, PositiveFloat, PositiveInt
from iml_general.plugins.threads import one_thread
from learners.neural.cohort_training import train
from learners.neural.descent import Descent, Member, stack
from learners.neural.device import Device, resolve
from learners.neural.gradients import Parameters

CUDA_SEEDS = 32
"""Seeds of one unit of work on a GPU: seven networks each, nearly as many as are trained at once there."""

ROWS_AT_ONCE = 1024  # when predicting: bounds the memory that activations take


@dataclass(frozen=True, eq=False)
class Network:
    """The state of a torch learner. Never changed; its tensors lie on the CPU.

    Attributes:
        parameters: The network's parameters by name, float32.
    """

    parameters: Parameters


@dataclass(frozen=True)
class NetworkLearner(CohortLearner[Network], AffinityLearner[Network], RepresentationLearner[Network]):
    """A network whose last hidden state is mapped linearly to the logits of the answers.

    The rule ``continue`` goes on with gradient steps from the fitted parameters, with a fresh AdamW.

    Attributes:
        rule: The update rule.
        epochs: Passes over the rows in `fit`.
        update_epochs: Passes over the rows in `update`.
        batch_size: Rows in a minibatch.
        learning_rate: Of AdamW.
        weight_decay: Of AdamW.
        device: Where to train and predict. Exactly reproducible on ``"cpu"`` alone. On ``"cuda"``
            all seeds, conditions and twins that a call is given are one program, so give it many.
    """

    rule: Literal["continue", "retrain"] = "continue"
    epochs: PositiveInt = 100
    update_epochs: PositiveInt = 50
    batch_size: PositiveInt = 64
    learning_rate: PositiveFloat = 1e-3
    weight_decay: NotNegative = 0.01
    device: Device = "cpu"

    def __post_init__(self) -> None:
        resolve(self.device)

    @property
    def seeds_at_once(self) -> int:
        """As many as keep a GPU busy, where one is asked for by name: ``"auto"`` may differ by machine."""
        return CUDA_SEEDS if self.device == "cuda" else super().seeds_at_once

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

    @abstractmethod
    def gradients(self, parameters: Parameters, inputs: torch.Tensor, answers: torch.Tensor) -> Parameters:
        """Compute the gradients of each member's mean cross-entropy at its parameters.

        Args:
            parameters: Stacked parameters, with a leading axis of members.
            inputs: Shape (n_members, n_rows, n_columns), or what rows of the form have in place of the last.
            answers: Answer classes, one member's below another's, int64 of shape (n_members * n_rows,).

        Returns:
            A gradient for every parameter, by its name.
        """

    def logits(self, parameters: Parameters, inputs: torch.Tensor) -> torch.Tensor:
        """Compute the logits, as `hidden` does the hidden state; shape (n_members, n_rows, n_answers)."""
        return linear(parameters, "head", self.hidden(parameters, inputs))

    def fit(self, batch: Batch, seed: int) -> Network:
        """Train a new network; see `Learner.fit`."""
        return self.fit_cohort([batch], [seed])[0]

    def update(self, state: Network, batch: Batch, seed: int) -> Network:
        """Go on training; see `Learner.update`."""
        return self.update_cohort([state], [batch], [seed])[0]

    @one_thread()
    def fit_cohort(self, batches: Sequence[Batch], seeds: Sequence[int]) -> list[Network]:
        """Train a new network for each pair of batch and seed, all together."""
        members = []
        for batch, seed in zip(batches, seeds, strict=True):
            generator = torch.Generator().manual_seed(seed)
            parameters = self.start(batch.schema, batch.n_answers, generator)
            members.append(Member(parameters, batch, generator))
        return self._trained(members, self.epochs)

    @one_thread()
    def update_cohort(
        self, states: Sequence[Network], batches: Sequence[Batch], seeds: Sequence[int]
    ) -> list[Network]:
        """Go on training from each state on its batch, all together."""
        members = [
            Member(state.parameters, batch, torch.Generator().manual_seed(seed))
            for state, batch, seed in zip(states, batches, seeds, strict=True)
        ]
        return self._trained(members, self.update_epochs)

    @one_thread()
    def predict(self, state: Network, inputs: Inputs) -> Probabilities:
        """Give the probability of every answer, float64; see `Learner.predict`."""
        return self._read(state, inputs, lambda p, x: self.logits(p, x).double().softmax(dim=-1))

    @one_thread()
    def represent(self, state: Network, inputs: Inputs) -> NDArray[np.floating[Any]]:
        """Give the last hidden state, float32 of shape (n_rows, n_features)."""
        return self._read(state, inputs, self.hidden)

    @one_thread()
    def layers(self, state: Network, inputs: Inputs) -> dict[str, NDArray[np.floating[Any]]]:
        """Give all hidden states, each float32 of shape (n_rows, n_features); see `RepresentationLearner`."""
        names = [f"layer_{number}" for number in range(1, self.n_hidden)]

        def state_after(number: int) -> Callable[[Parameters, torch.Tensor], torch.Tensor]:
            return lambda parameters, x: self.hidden_states(parameters, x)[number]

        return {
            name: self._read(state, inputs, state_after(number))
            for number, name in enumerate([*names, LAST_LAYER])
        }

    def step_size(self, n_rows: int) -> float:
        """Learning rate times the number of gradient steps; see `AffinityLearner.step_size`."""
        return self.learning_rate * self.update_epochs * math.ceil(n_rows / self.batch_size)

    def _trained(self, members: Sequence[Member], epochs: int) -> list[Network]:
        descent = Descent(
            epochs, self.batch_size, self.learning_rate, self.weight_decay, resolve(self.device)
        )
        return [Network(parameters) for parameters in train(members, self.gradients, descent)]

    def _read(
        self, state: Network, inputs: Inputs, read: Callable[[Parameters, torch.Tensor], torch.Tensor]
    ) -> NDArray[np.floating[Any]]:
        """Apply a stacked function to the rows of one state, some rows at a time."""
        device = resolve(self.device)
        parameters = stack([state.parameters], device)
        with torch.inference_mode():
            parts = [
                read(parameters, x.to(device)[None])[0]
                for x in torch.split(torch.tensor(inputs), ROWS_AT_ONCE)
            ]
            return torch.cat(parts).cpu().numpy()


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
