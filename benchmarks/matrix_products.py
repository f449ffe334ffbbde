"""What matrix products cost: how fast one core does them, and how many a network's training has."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator

import jax
import jax.numpy as jnp
import numpy as np
import torch
from jax.extend.core import ClosedJaxpr, Jaxpr

from iml_general.learner import Batch
from iml_general.plugins.threads import one_thread
from learners.neural.networks import NetworkLearner
from learners.neural.xla import cpu

SIDE = 1024
REPEATS = 20


def peaks() -> dict[str, float]:
    """Measure floating-point operations a second of the largest products that one core does.

    Returns:
        By who computes: MKL (`torch.mm`, which a plain loop calls), oneDNN, and XLA.
    """
    square = torch.randn(SIDE, SIDE)
    out, apart, ours = torch.empty(SIDE, SIDE), square.to_mkldnn(), jax.device_put(square.numpy(), cpu())
    product = jax.jit(jnp.matmul)
    with one_thread():
        return {
            "MKL": _fastest(lambda: torch.mm(square, square, out=out)),
            "oneDNN": _fastest(lambda: torch.nn.functional.linear(apart, apart)),
            "XLA": _fastest(lambda: product(ours, ours).block_until_ready()),
        }


def _fastest(product: Callable[[], object]) -> float:
    seconds = math.inf
    for _ in range(REPEATS):
        start = time.process_time()
        product()
        seconds = min(seconds, time.process_time() - start)
    return 2 * SIDE**3 / seconds


def operations(learner: NetworkLearner, batch: Batch, epochs: int) -> int:
    """Count the floating-point operations in the products of training one network as XLA does.

    Args:
        learner: What is trained.
        batch: On what; its last minibatch is filled up with rows of no weight.
        epochs: Passes over the rows.
    """
    parameters = learner.start(batch.schema, batch.n_answers, torch.Generator())
    stacked = {name: tensor.numpy()[None] for name, tensor in parameters.items()}
    inputs, answers = (array[None, : learner.batch_size] for array in (batch.inputs, batch.answers))
    inputs = inputs.astype(np.int32 if inputs.dtype.kind == "i" else np.float32)

    def loss(parameters: dict[str, jax.Array]) -> jax.Array:
        return learner.row_losses(parameters, inputs, answers.astype(np.int32)).sum()

    a_step = sum(_products(jax.make_jaxpr(jax.grad(loss))(stacked)))
    return a_step * epochs * math.ceil(len(batch) / learner.batch_size)


def _products(program: ClosedJaxpr | Jaxpr) -> Iterator[int]:
    """The operations of each product in a program, those of programs within it too."""
    for step in program.eqns:
        if step.primitive.name == "dot_general":
            (contracted, _), _ = step.params["dimension_numbers"]
            terms = math.prod(step.invars[0].aval.shape[axis] for axis in contracted)
            yield 2 * terms * math.prod(step.outvars[0].aval.shape)
        for inner in step.params.values():
            if isinstance(inner, ClosedJaxpr | Jaxpr):
                yield from _products(inner)
