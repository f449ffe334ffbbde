"""The transformer's loss for XLA.

Norm and GELU say what of them is kept for their gradients: left to itself XLA computes means, and the error
function, once more.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np

from learners.neural.row_losses import Arrays, cross_entropy, linear, product

PACKED = 4
"""Rows that share one attention matrix, which a mask keeps apart, as in `transformer`.

With 1, 2 and 4 rows a step took 0.52, 0.44 and 0.43 ms a member at 32 features, 1.17, 1.15 and 1.14 ms at 64.
"""

EPSILON = 1e-5
"""Added to variances, as torch's layer_norm does by default."""


@dataclass(frozen=True)
class TransformerLosses:
    """What `Transformer` computes, and the cross-entropy of that; see `RowLosses`.

    Attributes:
        n_layers: Number of layers.
        n_heads: Attention heads.
    """

    n_layers: int
    n_heads: int

    def __call__(self, parameters: Arrays, inputs: jax.Array, answers: jax.Array) -> jax.Array:
        """Compute the losses; see `RowLosses`. The last layer's states are the last position's alone."""
        # Shapes are (n_members, n_rows * n_positions, d_model), a row's positions next to each other.
        states = jax.vmap(lambda table, rows: table[rows])(parameters["token"], inputs)
        x = (states + parameters["position"][:, None]).reshape(inputs.shape[0], -1, states.shape[-1])
        for layer in range(self.n_layers):
            normed = norm(x)
            asking = normed
            if layer == self.n_layers - 1:
                asking, x = (_last_positions(part, inputs.shape[2]) for part in (normed, x))
            mixed = self._attend(parameters, layer, asking, normed, inputs.shape[1])
            x = x + product(mixed, parameters[f"mix{layer}.weight"])
            x = x + linear(parameters, f"down{layer}", gelu(linear(parameters, f"up{layer}", norm(x))))
        return cross_entropy(linear(parameters, "head", norm(x)), answers)

    def _attend(
        self, parameters: Arrays, layer: int, asking: jax.Array, asked: jax.Array, n_rows: int
    ) -> jax.Array:
        """Let positions attend to all of their row; see `Transformer`."""
        maps = [parameters[f"{part}{layer}.weight"] for part in ("query", "key", "value")]
        # Several maps at once: a product with more columns takes less time for each.
        if asking is asked:
            query, key, value = jnp.split(product(asked, jnp.concatenate(maps, axis=2)), 3, axis=2)
        else:
            query = product(asking, maps[0])
            key, value = jnp.split(product(asked, jnp.concatenate(maps[1:], axis=2)), 2, axis=2)
        packed = PACKED if asking is asked and n_rows % PACKED == 0 else 1
        q, k, v = (self._heads(part, n_rows // packed) for part in (query, key, value))
        scores = jnp.einsum("mrqhe,mrkhe->mrhqk", q, k) / math.sqrt(q.shape[-1])
        if packed > 1:
            row = np.repeat(np.arange(packed), q.shape[2] // packed)
            scores = jnp.where(row[:, None] == row, scores, -jnp.inf)
        return jnp.einsum("mrhqk,mrkhe->mrqhe", jax.nn.softmax(scores), v).reshape(query.shape)

    def _heads(self, x: jax.Array, n_packs: int) -> jax.Array:
        """By pack of rows and head: (n_members, n_packs, n_positions, n_heads, d_model / n_heads)."""
        return x.reshape(x.shape[0], n_packs, -1, self.n_heads, x.shape[-1] // self.n_heads)


def _last_positions(x: jax.Array, n_positions: int) -> jax.Array:
    return x[:, n_positions - 1 :: n_positions]


@jax.custom_vjp
def norm(x: jax.Array) -> jax.Array:
    """Bring the last axis to mean 0 and variance 1, as `torch.nn.functional.layer_norm` does."""
    return _norm_forwards(x)[0]


def _norm_forwards(x: jax.Array) -> tuple[jax.Array, tuple[jax.Array, jax.Array]]:
    centred = x - x.mean(-1, keepdims=True)
    scale = jax.lax.rsqrt((centred * centred).mean(-1, keepdims=True) + EPSILON)
    normed = centred * scale
    return normed, (normed, scale)


def _norm_backwards(known: tuple[jax.Array, jax.Array], gradient: jax.Array) -> tuple[jax.Array]:
    normed, scale = known
    along = normed * (gradient * normed).mean(-1, keepdims=True)
    return (scale * (gradient - gradient.mean(-1, keepdims=True) - along),)


norm.defvjp(_norm_forwards, _norm_backwards)


@jax.custom_vjp
def gelu(x: jax.Array) -> jax.Array:
    """Multiply by the normal distribution's probability of less (Hendrycks and Gimpel, arXiv 1606.08415)."""
    return _gelu_forwards(x)[0]


def _gelu_forwards(x: jax.Array) -> tuple[jax.Array, tuple[jax.Array, jax.Array]]:
    less = 0.5 + 0.5 * jax.lax.erf(x * math.sqrt(0.5))
    return x * less, (x, less)


def _gelu_backwards(known: tuple[jax.Array, jax.Array], gradient: jax.Array) -> tuple[jax.Array]:
    x, less = known
    return (gradient * (less + x * jnp.exp(-0.5 * x * x) / math.sqrt(2 * math.pi)),)


gelu.defvjp(_gelu_forwards, _gelu_backwards)
