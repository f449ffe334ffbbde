"""What XLA computes, and with how many threads."""

import logging
import os
import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

from iml_general.plugins.threads import XLA_POOL
from learners.neural.row_losses import cross_entropy, linear, squared_error
from learners.neural.transformer_losses import gelu, norm
from learners.neural.xla import cpu

POOL = """
import os, sys
from pathlib import Path
{before}
from learners.neural.xla import cpu
assert cpu().platform == "cpu"
print(os.environ.get("PJRT_NPROC"))
print(sum("Eigen" in path.read_text() for path in Path("/proc/self/task").glob("*/comm")))
"""


def arrays(*shapes):
    generator = np.random.default_rng(0)
    return [generator.normal(size=shape).astype(np.float32) for shape in shapes]


def told(before, **environment):
    environment = {k: v for k, v in os.environ.items() if k != XLA_POOL} | environment
    command = [sys.executable, "-c", POOL.format(before=before)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.split()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="threads have names in /proc")
def test_xla_shares_out_its_products_between_no_threads_and_the_process_is_as_it_was():
    assert told("") == ["None", "1"]
    assert told("", PJRT_NPROC="3") == ["3", "1"]
    # So what is counted is what it would otherwise take.
    assert told("import jax; jax.devices()", PJRT_NPROC="3") == ["3", "3"]


def test_that_a_gpu_is_there_is_not_said_by_every_worker_and_other_warnings_are(monkeypatch, caplog):
    jaxs = logging.getLogger("jax._src.xla_bridge")
    monkeypatch.setattr(jax, "local_devices", lambda backend: [jaxs.warning("a GPU may be present")])
    cpu.__wrapped__()
    assert caplog.records == []
    jaxs.warning("something else")
    assert [record.message for record in caplog.records] == ["something else"]


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [(norm, lambda x: torch.nn.functional.layer_norm(x, x.shape[-1:])), (gelu, torch.nn.functional.gelu)],
)
def test_norm_and_gelu_and_their_gradients_are_torchs(ours, theirs):
    x, weights = arrays((5, 7, 16), (5, 7, 16))
    leaf = torch.tensor(3 * x, requires_grad=True)
    expected = theirs(leaf)
    (expected * torch.tensor(weights)).sum().backward()
    found, backwards = jax.vjp(ours, jax.device_put(3 * x, cpu()))
    assert np.allclose(found, expected.detach(), atol=1e-6)
    assert np.allclose(backwards(weights)[0], leaf.grad, atol=1e-5)


# Wider in, wider out: the gradient of the weights is computed in two ways.
@pytest.mark.parametrize("shape", [(3, 12, 5), (3, 5, 12)])
def test_a_linear_map_and_its_gradients_are_torchs(shape):
    x, weight, bias, outer = arrays((3, 9, shape[1]), shape, (3, 1, shape[2]), (3, 9, shape[2]))
    leaves = [torch.tensor(array, requires_grad=True) for array in (x, weight, bias)]
    expected = torch.baddbmm(leaves[2], leaves[0], leaves[1])
    (expected * torch.tensor(outer)).sum().backward()

    def ours(x, weight, bias):
        return linear({"a.weight": weight, "a.bias": bias}, "a", x)

    found, backwards = jax.vjp(ours, *(jax.device_put(array, cpu()) for array in (x, weight, bias)))
    assert np.allclose(found, expected.detach(), atol=1e-5)
    for gradient, leaf in zip(backwards(outer), leaves, strict=True):
        assert np.allclose(gradient, leaf.grad, atol=1e-5)


def test_losses_of_rows_are_torchs():
    logits, outputs, values = arrays((2, 6, 4), (2, 6, 1), (2, 6))
    classes = np.random.default_rng(1).integers(4, size=(2, 6))
    expected = torch.nn.functional.cross_entropy(
        torch.tensor(logits).flatten(0, 1), torch.tensor(classes).flatten(), reduction="none"
    )
    found = cross_entropy(jnp.asarray(logits), jnp.asarray(classes))
    assert np.allclose(found, expected.view(2, 6), atol=1e-6)
    found = squared_error(jnp.asarray(outputs), jnp.asarray(values))
    assert np.allclose(found, (outputs[..., 0] - values) ** 2, atol=1e-6)
