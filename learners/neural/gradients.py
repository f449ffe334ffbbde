"""Gradients of the training loss: each member's mean cross-entropy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import torch
from torch.nn.functional import cross_entropy

Parameters = dict[str, torch.Tensor]
"""A network's parameters by name; stacked ones have a leading axis of members."""

LossName = Literal["cross_entropy", "squared_error"]
"""Losses that networks have, of classes and of numbers."""

Logits = Callable[[Parameters, torch.Tensor], torch.Tensor]
"""From stacked parameters and inputs (n_members, n_rows, n_columns) to logits (.., .., n_answers)."""


def loss_gradients(
    logits: Logits, parameters: Parameters, inputs: torch.Tensor, answers: torch.Tensor
) -> Parameters:
    """Let autograd find the gradients at all parameters.

    Args:
        logits: The network's function.
        parameters: Stacked parameters.
        inputs: Shape (n_members, n_rows, n_columns).
        answers: Answer classes, one member's below another's, int64 of shape (n_members * n_rows,).

    Returns:
        A gradient for every parameter, by its name.
    """
    with torch.enable_grad():
        leaves = {name: tensor.detach().requires_grad_() for name, tensor in parameters.items()}
        loss = _loss(logits(leaves, inputs), answers)
        return dict(zip(leaves, torch.autograd.grad(loss, list(leaves.values())), strict=True))


def loss_gradient_at(logits: torch.Tensor, answers: torch.Tensor) -> torch.Tensor:
    """Find the gradient at the logits, from which a network that is written out goes on.

    Args:
        logits: Shape (n_members, n_rows, n_answers).
        answers: As for `loss_gradients`.

    Returns:
        As the logits.
    """
    with torch.enable_grad():
        leaf = logits.detach().requires_grad_()
        return torch.autograd.grad(_loss(leaf, answers), leaf)[0]


def _loss(logits: torch.Tensor, answers: torch.Tensor) -> torch.Tensor:
    """The sum over members of each one's mean: no member's gradient depends on another."""
    return cross_entropy(logits.flatten(0, 1), answers, reduction="sum") / logits.shape[1]
