"""Gradient descent of one cohort on a CPU: XLA compiles all of a step, and many steps are one call."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import torch
from numpy.typing import NDArray

from learners.neural.descent import BETAS, EPSILON, Descent, Member, apart, minibatches, stack
from learners.neural.gradients import Parameters
from learners.neural.row_losses import Arrays, RowLosses
from learners.neural.xla import COMPILER_OPTIONS, cpu

STEPS, BYTES = 32, 2**24
"""Steps of one call at most, so many that a call costs nothing, and bytes that their rows may take."""


class Descending(NamedTuple):
    """Where a cohort stands.

    Attributes:
        parameters: By name, with a leading axis of members.
        means: AdamW's running means of gradients, likewise.
        squares: Those of their squares.
    """

    parameters: dict[str, jax.Array]
    means: dict[str, jax.Array]
    squares: dict[str, jax.Array]


class Steps(NamedTuple):
    """What the steps of a call learn and how far they go; those at the end may be of no account.

    Attributes:
        inputs: Shape (n_steps, n_members, n_rows, ...).
        answers: Shape (n_steps, n_members, n_rows).
        weights: Of rows, shape (n_steps, n_rows): one over the minibatch's rows, 0 for what fills it up.
        sizes: Of steps: the learning rate over the correction of means, shape (n_steps,).
        corrections: By which roots of squares are divided, shape (n_steps,).
    """

    inputs: NDArray[np.generic]
    answers: NDArray[np.generic]
    weights: NDArray[np.floating]
    sizes: NDArray[np.floating]
    corrections: NDArray[np.floating]


class CompiledCohort:
    """Members under descent, as `descent.Cohort`, by the same draws and the same formulas."""

    def __init__(self, members: Sequence[Member], losses: RowLosses, descent: Descent) -> None:
        """Put all members' rows together.

        Args:
            members: Of equal shapes and numbers of rows.
            losses: Of the networks.
            descent: How the steps are taken; its device is the CPU.
        """
        self._losses, self._descent = losses, descent
        self._generators = [member.generator for member in members]
        self._starts = [member.parameters for member in members]
        self._dtype = next(iter(self._starts[0].values())).numpy().dtype
        self._inputs = np.concatenate([self._numbers(member.batch.inputs) for member in members])
        self._answers = np.concatenate([self._numbers(member.batch.answers) for member in members])
        # One program serves all numbers of rows above a minibatch's, and few serve those below.
        self._size = min(descent.batch_size, 1 << (self._n_rows - 1).bit_length())
        a_step = self._inputs[:1].nbytes * self._size * len(members)
        self._at_once = max(1, min(STEPS, BYTES // a_step))

    def _numbers(self, array: NDArray[np.generic]) -> NDArray[np.generic]:
        """Reals as precise as the parameters; whole numbers as JAX has them by default."""
        return array.astype(self._dtype if array.dtype.kind == "f" else np.int32, copy=False)

    @property
    def _n_rows(self) -> int:
        return len(self._answers) // len(self._generators)

    def trained(self, lengths: Sequence[int]) -> Iterator[list[Parameters]]:
        """Take all steps, as they are asked for; see `descent.Cohort.trained`."""
        now = self._begun()
        passed = taken = 0
        for length in lengths:
            for rows in self._in_calls(length - passed):
                now = _descend(self._losses, now, self._steps(rows, taken), len(rows), self._decay)
                taken += len(rows)
            passed = length
            arrays = {name: np.asarray(array) for name, array in now.parameters.items()}
            yield apart({name: torch.tensor(array) for name, array in arrays.items()})

    def _begun(self) -> Descending:
        stacked = stack(self._starts, self._descent.device)
        parameters = {name: tensor.numpy() for name, tensor in stacked.items()}
        nothing = {name: np.zeros_like(array) for name, array in parameters.items()}
        return Descending(*(jax.device_put(part, cpu()) for part in (parameters, nothing, nothing)))

    def _in_calls(self, n_epochs: int) -> Iterator[list[NDArray[np.int64]]]:
        """Some epochs' minibatches, as many at a time as one call learns, each (n_members, n_rows of it)."""
        epochs = (minibatches(self._generators, self._n_rows, self._descent) for _ in range(n_epochs))
        every = (rows.numpy() for epoch in epochs for rows in epoch)
        while some := list(islice(every, self._at_once)):
            yield some

    @property
    def _decay(self) -> np.floating:
        """What a step's weight decay leaves of the parameters."""
        kept: np.floating = self._dtype.type(1 - self._descent.learning_rate * self._descent.weight_decay)
        return kept

    def _steps(self, learned: Sequence[NDArray[np.int64]], taken: int) -> Steps:
        rows = np.zeros((self._at_once, len(self._generators), self._size), np.int64)
        weights = np.zeros((self._at_once, self._size), self._dtype)
        for step, chosen in enumerate(learned):
            n_rows = chosen.shape[1]
            # A member's own row fills up its minibatch, lest another one's loss be infinite.
            rows[step] = chosen[:, :1]
            rows[step, :, :n_rows] = chosen
            weights[step, :n_rows] = 1 / n_rows
        numbers = np.arange(taken + 1, taken + 1 + self._at_once)
        first, second = (1 - beta**numbers for beta in BETAS)
        return Steps(
            self._inputs.take(rows, axis=0),
            self._answers.take(rows, axis=0),
            weights,
            (self._descent.learning_rate / first).astype(self._dtype),
            np.sqrt(second).astype(self._dtype),
        )


@partial(jax.jit, static_argnums=0, donate_argnums=1, compiler_options=COMPILER_OPTIONS)
def _descend(
    losses: RowLosses, now: Descending, steps: Steps, n_steps: int, decay: np.floating
) -> Descending:
    """Take some steps of AdamW (Loshchilov and Hutter, arXiv 1711.05101), as torch does."""
    first, second = BETAS

    def step(number: jax.Array, before: Descending) -> Descending:
        inputs, answers, weights, size, correction = (jnp.asarray(part)[number] for part in steps)

        def loss(parameters: Arrays) -> jax.Array:
            # The sum over members of each one's mean: no member's gradient depends on another.
            return (losses(parameters, inputs, answers) * weights).sum()

        gradients = jax.grad(loss)(before.parameters)
        means = {n: first * m + (1 - first) * gradients[n] for n, m in before.means.items()}
        squares = {n: second * v + (1 - second) * gradients[n] ** 2 for n, v in before.squares.items()}
        parameters = {
            n: decay * p - size * means[n] / (jnp.sqrt(squares[n]) / correction + EPSILON)
            for n, p in before.parameters.items()
        }
        return Descending(parameters, means, squares)

    after: Descending = jax.lax.fori_loop(0, n_steps, step, now)
    return after
