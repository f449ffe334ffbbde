"""Losses of rows as functions that XLA compiles, and what they are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

import jax
import jax.numpy as jnp

Arrays = Mapping[str, jax.Array]
"""Stacked parameters by name, as `gradients.Parameters`, but JAX's."""

_barrier: Callable[[jax.Array], jax.Array] = jax.lax.optimization_barrier  # JAX gives it no types


class RowLosses(Protocol):
    """A network's loss of every row. Those that are equal and have the same hash are compiled once."""

    def __hash__(self) -> int: ...

    def __call__(self, parameters: Arrays, inputs: jax.Array, answers: jax.Array) -> jax.Array:
        """Compute the losses.

        Args:
            parameters: Each with a leading axis of members.
            inputs: Shape (n_members, n_rows, n_columns).
            answers: Shape (n_members, n_rows).

        Returns:
            Shape (n_members, n_rows).
        """


def cross_entropy(logits: jax.Array, answers: jax.Array) -> jax.Array:
    """Compute the cross-entropy of every row; logits are (n_members, n_rows, n_answers)."""
    return -jnp.take_along_axis(jax.nn.log_softmax(logits), answers[..., None], axis=-1)[..., 0]


def squared_error(outputs: jax.Array, answers: jax.Array) -> jax.Array:
    """Compute the squared error of every row; outputs are (n_members, n_rows, 1)."""
    return (outputs[..., 0] - answers) ** 2


def linear(parameters: Arrays, name: str, inputs: jax.Array) -> jax.Array:
    """Apply a linear map with a bias, member by member; see `networks.linear`."""
    return product(inputs, parameters[f"{name}.weight"]) + parameters[f"{name}.bias"]


@jax.custom_vjp
def product(inputs: jax.Array, weights: jax.Array) -> jax.Array:
    """Multiply inputs (n_members, n_rows, n_inputs) by weights (n_members, n_inputs, n_outputs)."""
    return inputs @ weights


def _forwards(inputs: jax.Array, weights: jax.Array) -> tuple[jax.Array, tuple[jax.Array, jax.Array]]:
    return inputs @ weights, (inputs, weights)


def _backwards(known: tuple[jax.Array, jax.Array], gradient: jax.Array) -> tuple[jax.Array, jax.Array]:
    inputs, weights = known
    return gradient @ weights.swapaxes(1, 2), _sum_of_outer_products(inputs, gradient)


product.defvjp(_forwards, _backwards)


def _sum_of_outer_products(inputs: jax.Array, gradient: jax.Array) -> jax.Array:
    """Sum the rows' gradients of the weights, with the longer side as the columns of the product.

    XLA's product of (256, n_rows) and (n_rows, 64) takes twice as long as that of (64, n_rows) and
    (n_rows, 256) does on a CPU. The barrier keeps it from turning the one into the other.
    """
    if inputs.shape[2] <= gradient.shape[2]:
        return jnp.einsum("mri,mro->mio", inputs, gradient)
    return _barrier(jnp.einsum("mro,mri->moi", gradient, inputs)).swapaxes(1, 2)
