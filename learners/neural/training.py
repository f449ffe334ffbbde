"""How torch learners of either contract are trained and read: all but the network and what it answers."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import torch
from numpy.typing import NDArray

from iml_general.learner import CheckpointCohort, Inputs, Rows
from iml_general.options import NotNegative, PositiveFloat, PositiveInt
from iml_general.plugins.threads import one_thread
from learners.neural.cohort_training import train, train_path
from learners.neural.descent import Descent, Loss, Member, stack
from learners.neural.device import Device, resolve
from learners.neural.gradients import Parameters

if TYPE_CHECKING:
    from learners.neural.row_losses import RowLosses

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
class TrainedNetwork(CheckpointCohort[Network]):
    """A network under gradient descent, whatever it answers with.

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

    length_field: ClassVar[str] = "epochs"

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
    def begun(self, batch: Any, generator: torch.Generator) -> Parameters:
        """Draw the parameters of an untrained network.

        Args:
            batch: The rows that it is to learn first.
            generator: The only source of randomness.

        Returns:
            Parameters without an axis of members.
        """

    @abstractmethod
    def gradients(self, parameters: Parameters, inputs: torch.Tensor, answers: torch.Tensor) -> Parameters:
        """Compute the gradients of each member's mean loss at its parameters.

        Args:
            parameters: Stacked parameters, with a leading axis of members.
            inputs: Shape (n_members, n_rows, n_columns), or what rows of the form have in place of the last.
            answers: As batches have them, one member's below another's, shape (n_members * n_rows,).

        Returns:
            A gradient for every parameter, by its name.
        """

    @property
    def row_losses(self) -> RowLosses | None:
        """The same loss for XLA, which trains on a CPU what has one; torch does all else."""
        return None

    def fit(self, batch: Rows, seed: int) -> Network:
        """Train a new network; see `Learner.fit`."""
        return self.fit_cohort([batch], [seed])[0]

    def update(self, state: Network, batch: Rows, seed: int) -> Network:
        """Go on training; see `Learner.update`."""
        return self.update_cohort([state], [batch], [seed])[0]

    @one_thread()
    def fit_cohort(self, batches: Sequence[Rows], seeds: Sequence[int]) -> list[Network]:
        """Train a new network for each pair of batch and seed, all together."""
        return self._trained(self._members(batches, seeds), self.epochs)

    def fit_path_cohort(
        self, batches: Sequence[Rows], seeds: Sequence[int], lengths: Sequence[int]
    ) -> Iterator[list[Network]]:
        """Do so for several numbers of epochs; see `CheckpointCohort.fit_path_cohort`."""
        path = train_path(self._members(batches, seeds), self._loss, self._descent, lengths)
        for _ in lengths:
            with one_thread():  # not while others compute with what was reached
                reached = [Network(parameters) for parameters in next(path)]
            yield reached

    @one_thread()
    def update_cohort(
        self, states: Sequence[Network], batches: Sequence[Rows], seeds: Sequence[int]
    ) -> list[Network]:
        """Go on training from each state on its batch, all together."""
        members = [
            Member(state.parameters, batch, torch.Generator().manual_seed(seed))
            for state, batch, seed in zip(states, batches, seeds, strict=True)
        ]
        return self._trained(members, self.update_epochs)

    def _members(self, batches: Sequence[Rows], seeds: Sequence[int]) -> list[Member]:
        members = []
        for batch, seed in zip(batches, seeds, strict=True):
            generator = torch.Generator().manual_seed(seed)
            members.append(Member(self.begun(batch, generator), batch, generator))
        return members

    @property
    def _descent(self) -> Descent:
        return Descent(self.batch_size, self.learning_rate, self.weight_decay, resolve(self.device))

    @property
    def _loss(self) -> Loss:
        return Loss(self.gradients, self.row_losses)

    def _trained(self, members: Sequence[Member], epochs: int) -> list[Network]:
        return [Network(parameters) for parameters in train(members, self._loss, self._descent, epochs)]

    def read(
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
