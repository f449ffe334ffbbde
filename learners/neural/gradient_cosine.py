"""Cosines between the loss gradients of a statement and of its question.

Source: the gradient alignment of Krasheninnikov et al., ICML 2024, arXiv 2310.15047.
"""

from __future__ import annotations

import torch

from learners.neural.gradients import Logits, Parameters, loss_gradients

ROWS_AT_ONCE = 16  # each row holds gradients for a copy of all parameters


def cosine(products: torch.Tensor, first_squares: torch.Tensor, second_squares: torch.Tensor) -> torch.Tensor:
    """Turn inner products into cosines.

    Args:
        products: Inner products of pairs of gradients, shape (n_rows,).
        first_squares: Squared lengths of the first gradient of each pair, shape (n_rows,).
        second_squares: Squared lengths of the second, shape (n_rows,).

    Returns:
        Shape (n_rows,); 0 where a gradient vanishes, since it then moves nothing.
    """
    lengths = (first_squares * second_squares).sqrt()
    return torch.where(lengths > 0, products / lengths, 0.0)


def gradient_cosine(
    parameters: Parameters,
    logits: Logits,
    first: torch.Tensor,
    second: torch.Tensor,
    answers: torch.Tensor,
) -> torch.Tensor:
    """Compare the loss gradients of two inputs with the same answer, row by row.

    Every row gets its own copy of the parameters: a cohort of rows, whose gradients one backward
    pass gives separately.

    Args:
        parameters: Stacked parameters of one network, shapes (1, ...).
        logits: The network's function.
        first: One input of each pair, shape (n_rows, n_columns).
        second: The other one, shape (n_rows, n_columns).
        answers: Answer classes, int64 of shape (n_rows,).

    Returns:
        Cosines, shape (n_rows,).
    """
    parts = []
    for rows in torch.split(torch.arange(len(answers)), ROWS_AT_ONCE):
        u = _gradients(parameters, logits, first[rows], answers[rows])
        v = _gradients(parameters, logits, second[rows], answers[rows])
        parts.append(cosine(_inner(u, v), _inner(u, u), _inner(v, v)))
    return torch.cat(parts)


def _gradients(
    parameters: Parameters, logits: Logits, inputs: torch.Tensor, answers: torch.Tensor
) -> list[torch.Tensor]:
    """Each row's own gradient, shapes (n_rows, ...)."""
    n_rows = len(answers)
    copies = {name: tensor.expand(n_rows, *tensor.shape[1:]).clone() for name, tensor in parameters.items()}
    return list(loss_gradients(logits, copies, inputs[:, None], answers).values())


def _inner(first: list[torch.Tensor], second: list[torch.Tensor]) -> torch.Tensor:
    """Inner products of gradients, row by row, shape (n_rows,)."""
    return torch.stack([(u * v).flatten(1).sum(1) for u, v in zip(first, second, strict=True)]).sum(0)
