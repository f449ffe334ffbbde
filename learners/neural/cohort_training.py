"""Gradient descent for many networks at once, as one batched program for all that have one shape.

Members (seeds, conditions, twins) lie along the leading axis of every parameter, so one matrix product
serves all of them. They stay independent: each draws from its own generator and its loss touches
its own parameters only, so its result doesn't depend on the company, except by rounding.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import torch

from learners.neural.descent import Cohort, Descent, Loss, Member
from learners.neural.gradients import Parameters

if TYPE_CHECKING:
    from learners.neural.compiled_cohort import CompiledCohort
    from learners.neural.row_losses import RowLosses

XLA_MEMBERS = 4
"""Members that XLA trains at once: enough to hide the overhead of a step, few enough for a CPU's cache.

With METHOD section 8's world and 1, 2, 4 and 8 members, a step took the MLP 0.20, 0.18, 0.16 and 0.17 ms a
member, the transformer 1.53, 1.25, 1.29 and 1.32 ms (one core of an AMD EPYC, JAX 0.10).
"""

CPU_MEMBERS = 8
"""Members that torch trains at once on a CPU, likewise.

With the same world and 1, 4, 8 and 16 members, a step took the MLP 0.72, 0.49, 0.47 and 0.47 ms a member, the
transformer 3.7, 3.0, 2.9 and 2.9 ms (one core of an AMD EPYC 9004, all gradients by autograd).
"""

CUDA_MEMBERS = 256
"""Members trained at once on a GPU: enough to keep it busy, few enough for its memory.

With METHOD section 8's world and 8, 64, 256 and 512 members, a step took the MLP 20, 3.3, 1.9 and 3.2
microseconds a member, and with 64 and 256 the transformer 18 and 14 (NVIDIA H200); 256 members take 1.1 GB.
"""


def train(members: Sequence[Member], loss: Loss, descent: Descent, epochs: int) -> list[Parameters]:
    """Train each member on its own rows, members of equal shape together.

    Args:
        members: Any mixture; those with different numbers of rows are trained one after another.
        loss: Of the networks.
        descent: How the steps are taken.
        epochs: Passes over the rows.

    Returns:
        The trained parameters of each member, on the CPU. A member without rows keeps its own.
    """
    _keep_freed_memory()
    trained = [member.parameters for member in members]
    for positions in _parts(members, loss, descent):
        (parameters,) = _cohort(members, positions, loss, descent).trained([epochs])
        _put(trained, positions, parameters)
    return trained


def train_path(
    members: Sequence[Member], loss: Loss, descent: Descent, lengths: Sequence[int]
) -> Iterator[list[Parameters]]:
    """Do what `train` does for several numbers of epochs, going on from each to the next.

    Args:
        members: As for `train`; all of them stay under way, so they take more memory than there.
        loss: Of the networks.
        descent: How the steps are taken.
        lengths: Numbers of passes over the rows, rising.

    Yields:
        For each of them what `train` returns, to the last bit.
    """
    _keep_freed_memory()
    parts = _parts(members, loss, descent)
    under_way = [_cohort(members, part, loss, descent).trained(lengths) for part in parts]
    for _ in lengths:
        trained = [member.parameters for member in members]
        for positions, cohort in zip(parts, under_way, strict=True):
            _put(trained, positions, next(cohort))
        yield trained


def _parts(members: Sequence[Member], loss: Loss, descent: Descent) -> list[list[int]]:
    """Positions of the members that are trained at once."""
    by_torch = CPU_MEMBERS if descent.device.type == "cpu" else CUDA_MEMBERS
    at_once = XLA_MEMBERS if _for_xla(loss, descent) else by_torch
    return [
        alike[start : start + at_once] for alike in _alike(members) for start in range(0, len(alike), at_once)
    ]


def _cohort(
    members: Sequence[Member], positions: Sequence[int], loss: Loss, descent: Descent
) -> Cohort | CompiledCohort:
    chosen = [members[position] for position in positions]
    losses = _for_xla(loss, descent)
    if losses is None:
        return Cohort(chosen, loss.gradients, descent)
    from learners.neural.compiled_cohort import CompiledCohort  # JAX takes a while to load

    return CompiledCohort(chosen, losses, descent)


def _for_xla(loss: Loss, descent: Descent) -> RowLosses | None:
    """What XLA is to compile; None where torch trains."""
    return loss.of_rows if descent.device.type == "cpu" else None


def _put(trained: list[Parameters], positions: Sequence[int], found: Sequence[Parameters]) -> None:
    for position, parameters in zip(positions, found, strict=True):
        trained[position] = parameters


def _alike(members: Sequence[Member]) -> list[list[int]]:
    """Group the positions of members that can be trained together; without rows there's nothing to do."""
    groups: dict[object, list[int]] = defaultdict(list)
    for position, member in enumerate(members):
        if len(member.batch):
            shapes = tuple(tensor.shape for tensor in member.parameters.values())
            groups[len(member.batch), shapes].append(position)
    return list(groups.values())


def _keep_freed_memory() -> None:
    """Free one large block, after which glibc keeps what is freed instead of returning it.

    Without, every step's activations are faulted in anew: 3.15 instead of 2.74 ms a step and member
    for the transformer of METHOD section 8. glibc adapts to blocks of up to 32 MiB.
    """
    torch.empty(31 * 2**20, dtype=torch.uint8)
