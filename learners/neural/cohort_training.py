"""Gradient descent for many networks of one shape at once, as one batched program.

Members (seeds, conditions) lie along the leading axis of every parameter, so one matrix product
serves all of them. They stay independent: each draws from its own generator and its loss touches
its own parameters only, so its result doesn't depend on the company, except by rounding.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from iml_general.learner import Batch

Parameters = dict[str, torch.Tensor]
"""A network's parameters by name; stacked ones have a leading axis of members."""

Logits = Callable[[Parameters, torch.Tensor], torch.Tensor]
"""From stacked parameters and inputs (n_members, n_rows, n_columns) to logits (.., .., n_answers)."""

CPU_MEMBERS = 8
"""Members trained at once on a CPU: enough to hide the overhead of a step, few enough for its cache.

With METHOD section 8's world and 1, 4, 8 and 16 members, a step took the MLP 0.72, 0.49, 0.47 and
0.47 ms a member, the transformer 3.7, 3.0, 2.9 and 2.9 ms (one core of an AMD EPYC 9004).
"""


@dataclass(frozen=True)
class Descent:
    """How the steps are taken: AdamW on the mean cross-entropy of shuffled minibatches.

    Attributes:
        epochs: Passes over the rows.
        batch_size: Rows in a minibatch; the last one of an epoch takes what is left.
        learning_rate: Of AdamW, whose other constants are torch's defaults.
        weight_decay: Of AdamW, on all parameters as in torch.
        device: Where to train; parameters come from the CPU and return to it.
    """

    epochs: int
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
    batch: Batch
    generator: torch.Generator


def train(members: Sequence[Member], logits: Logits, descent: Descent) -> list[Parameters]:
    """Train each member on its own rows, members of equal shape together.

    Args:
        members: Any mixture; those with different numbers of rows are trained one after another.
        logits: The networks' common function.
        descent: How the steps are taken.

    Returns:
        The trained parameters of each member, on the CPU. A member without rows keeps its own.
    """
    trained = [member.parameters for member in members]
    for alike in _alike(members):
        at_once = CPU_MEMBERS if descent.device.type == "cpu" else len(alike)
        for start in range(0, len(alike), at_once):
            positions = alike[start : start + at_once]
            results = _descend([members[position] for position in positions], logits, descent)
            for position, parameters in zip(positions, results, strict=True):
                trained[position] = parameters
    return trained


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


def _alike(members: Sequence[Member]) -> list[list[int]]:
    """Group the positions of members that can be trained together; without rows there's nothing to do."""
    groups: dict[object, list[int]] = defaultdict(list)
    for position, member in enumerate(members):
        if len(member.batch):
            shapes = tuple(tensor.shape for tensor in member.parameters.values())
            groups[len(member.batch), shapes].append(position)
    return list(groups.values())


def _descend(members: Sequence[Member], logits: Logits, descent: Descent) -> list[Parameters]:
    """Train members of equal shape and number of rows."""
    _keep_freed_memory()
    parameters = stack([member.parameters for member in members], descent.device)
    tensors = [tensor.requires_grad_() for tensor in parameters.values()]
    optimizer = torch.optim.AdamW(
        tensors, lr=descent.learning_rate, weight_decay=descent.weight_decay, fused=True
    )
    inputs = _rows([member.batch.inputs for member in members], descent.device)
    answers = _rows([member.batch.answers for member in members], descent.device)
    generators = [member.generator for member in members]
    for _ in range(descent.epochs):
        for rows in _minibatches(len(members[0].batch), generators, descent):
            size = len(rows) // len(members)
            x = inputs.index_select(0, rows).view(len(members), size, -1)
            y = answers.index_select(0, rows)
            optimizer.zero_grad()
            # The sum over members of each one's mean: no member's gradient depends on another.
            loss = cross_entropy(logits(parameters, x).flatten(0, 1), y, reduction="sum") / size
            torch.autograd.backward(loss)
            optimizer.step()
    # Clones, because a slice would be pickled together with all the other members.
    return [
        {name: tensor.detach()[i].cpu().clone() for name, tensor in parameters.items()}
        for i in range(len(members))
    ]


def _keep_freed_memory() -> None:
    """Free one large block, after which glibc keeps what is freed instead of returning it.

    Without, every step's activations are faulted in anew: 3.15 instead of 2.74 ms a step and member
    for the transformer of METHOD section 8. glibc adapts to blocks of up to 32 MiB.
    """
    torch.empty(31 * 2**20, dtype=torch.uint8)


def _rows(arrays: Sequence[np.ndarray], device: torch.device) -> torch.Tensor:
    """All members' rows below each other, shape (n_members * n_rows, ...)."""
    return torch.from_numpy(np.concatenate(arrays)).to(device)


def _minibatches(
    n_rows: int, generators: Sequence[torch.Generator], descent: Descent
) -> Iterator[torch.Tensor]:
    """One epoch in minibatches of row numbers as `_rows` counts them, shape (n_members * batch_size,)."""
    orders = [torch.randperm(n_rows, generator=generator) for generator in generators]
    numbers = torch.stack([order + i * n_rows for i, order in enumerate(orders)]).to(descent.device)
    for columns in torch.split(numbers, descent.batch_size, dim=1):
        yield columns.flatten()
