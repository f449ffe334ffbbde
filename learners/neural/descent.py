"""Gradient descent of one cohort by torch: networks of one shape, with equally many rows, on one device."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.optim.adamw import adamw

from iml_general.learner import Rows
from learners.neural.cuda_graph import Graphed
from learners.neural.gradients import Parameters

if TYPE_CHECKING:
    from learners.neural.row_losses import RowLosses

BETAS, EPSILON = (0.9, 0.999), 1e-8
"""AdamW's other constants, as torch has them by default."""

Gradients = Callable[[Parameters, torch.Tensor, torch.Tensor], Parameters]
"""From stacked parameters, inputs and answers to gradients; see `gradients.loss_gradients`."""


@dataclass(frozen=True)
class Loss:
    """What is to become small, as those who train ask for it.

    Attributes:
        gradients: Of each member's mean loss, by torch.
        of_rows: The losses themselves, for XLA to compile; None if torch trains on a CPU as well.
    """

    gradients: Gradients
    of_rows: RowLosses | None = None


@dataclass(frozen=True)
class Descent:
    """How the steps are taken: AdamW on the mean loss of shuffled minibatches.

    Attributes:
        batch_size: Rows in a minibatch; the last one of an epoch takes what is left.
        learning_rate: Of AdamW.
        weight_decay: Of AdamW, on all parameters as in torch.
        device: Where to train; parameters come from the CPU and return to it.
    """

    batch_size: int
    learning_rate: float
    weight_decay: float
    device: torch.device


@dataclass(frozen=True, eq=False)
class Member:
    """One network to be trained.

    Attributes:
        parameters: Where it starts from, without the axis of members; never changed.
        batch: The rows it learns.
        generator: A CPU generator of its own, which decides the order of its rows.
    """

    parameters: Parameters
    batch: Rows
    generator: torch.Generator


class Cohort:
    """Members under descent.

    All that a step reads and writes lies on the device and stays where it is, and no step waits for
    the device: that is what lets CUDA carry it out as one graph. The host is busy only with drawing
    the orders of the next epoch's rows, on the CPU, so that they are the same whatever the device.
    """

    def __init__(self, members: Sequence[Member], gradients: Gradients, descent: Descent) -> None:
        """Bring all that steps need to the device.

        Args:
            members: Of equal shapes and numbers of rows.
            gradients: Of the networks' loss.
            descent: How the steps are taken.
        """
        self._gradients, self._descent = gradients, descent
        self._generators = [member.generator for member in members]
        self._inputs = self._rows([member.batch.inputs for member in members])
        self._answers = self._rows([member.batch.answers for member in members])
        self._parameters = stack([member.parameters for member in members], descent.device)
        tensors = list(self._parameters.values())
        self._means, self._squares = ([torch.zeros_like(tensor) for tensor in tensors] for _ in range(2))
        self._counts = [torch.zeros((), device=descent.device) for _ in tensors]

    def trained(self, lengths: Sequence[int]) -> Iterator[list[Parameters]]:
        """Take all steps, as they are asked for.

        Args:
            lengths: Numbers of passes over the rows, rising.

        Yields:
            After each of these numbers the parameters of each member, on the CPU.
        """
        step = Graphed(self._step) if self._descent.device.type == "cuda" else self._step
        passed = 0
        for length in lengths:
            for _ in range(passed, length):
                for rows in self._minibatches():
                    step(rows)
            passed = length
            yield apart(self._parameters)

    def _minibatches(self) -> Iterator[torch.Tensor]:
        """One epoch; see `minibatches`."""
        n_rows = len(self._answers) // len(self._generators)
        return minibatches(self._generators, n_rows, self._descent)

    @torch.no_grad()
    def _step(self, rows: torch.Tensor) -> None:
        """Learn one minibatch, given as `_minibatches` does."""
        chosen = rows.flatten()
        x = self._inputs.index_select(0, chosen).view(*rows.shape, *self._inputs.shape[1:])
        gradients = self._gradients(self._parameters, x, self._answers.index_select(0, chosen))
        adamw(
            list(self._parameters.values()),
            # The fused kernel goes through memory in order, whatever the strides say.
            [gradients[name].contiguous() for name in self._parameters],
            self._means,
            self._squares,
            [],
            self._counts,
            fused=True,
            amsgrad=False,
            beta1=BETAS[0],
            beta2=BETAS[1],
            lr=self._descent.learning_rate,
            weight_decay=self._descent.weight_decay,
            eps=EPSILON,
            maximize=False,
        )

    def _rows(self, arrays: Sequence[np.ndarray]) -> torch.Tensor:
        """All members' rows below each other, shape (n_members * n_rows, ...)."""
        return torch.from_numpy(np.concatenate(arrays)).to(self._descent.device)


def minibatches(
    generators: Sequence[torch.Generator], n_rows: int, descent: Descent
) -> Iterator[torch.Tensor]:
    """Draw one epoch's minibatches.

    Args:
        generators: One per member.
        n_rows: Of each member.
        descent: Says how large minibatches are, and where they are asked for.

    Yields:
        Numbers of rows, with all members' rows below each other, shape (n_members, n_rows of a minibatch).
    """
    orders = torch.stack(
        [torch.randperm(n_rows, generator=generator) + i * n_rows for i, generator in enumerate(generators)]
    )
    if descent.device.type == "cuda":
        orders = orders.pin_memory()  # else the host would wait until they are copied
    yield from torch.split(orders.to(descent.device, non_blocking=True), descent.batch_size, dim=1)


def stack(parameters: Sequence[Parameters], device: torch.device) -> Parameters:
    """Put parameters of equal shapes along a new leading axis.

    Args:
        parameters: One set per member.
        device: Where the result lies.

    Returns:
        New tensors of shape (n_members, ...) by name.
    """
    names = parameters[0]
    return {name: torch.stack([one[name] for one in parameters]).to(device) for name in names}


def apart(parameters: Parameters) -> list[Parameters]:
    """Copy what `stack` has put together, member by member.

    Args:
        parameters: Stacked parameters.

    Returns:
        One set per member, on the CPU.
    """
    here = {name: tensor.cpu() for name, tensor in parameters.items()}
    n_members = len(next(iter(here.values())))
    # Clones, because a slice would be pickled together with all the other members.
    return [{name: tensor[i].clone() for name, tensor in here.items()} for i in range(n_members)]
