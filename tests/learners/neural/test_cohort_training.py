from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from iml_general.learner import Batch, Schema
from learners.neural.cohort_training import train, train_path
from learners.neural.descent import Descent, Loss, Member, stack
from learners.neural.gradients import loss_gradients
from learners.neural.networks import linear, linear_start
from learners.neural.perceptron_losses import PerceptronLosses

CPU = torch.device("cpu")


def batch(n_rows, seed):
    generator = np.random.default_rng(seed)
    inputs = generator.normal(size=(n_rows, 5)).astype(np.float32)
    schema = Schema("vectors", tuple("abcde"), (), (0,))
    return Batch(inputs, generator.integers(3, size=n_rows), 3, schema)


def member(n_rows, seed):
    generator = torch.Generator().manual_seed(seed)
    return Member(linear_start("head", 5, 3, generator), batch(n_rows, seed), generator)


def logits(parameters, inputs):
    return linear(parameters, "head", inputs)


BY_TORCH = Loss(partial(loss_gradients, logits))
BY_XLA = replace(BY_TORCH, of_rows=PerceptronLosses(0, "cross_entropy"))
both = pytest.mark.parametrize("loss", [BY_TORCH, BY_XLA], ids=["torch", "xla"])
DESCENT = Descent(4, 0.05, 0.0, CPU)


class NothingIsRead(TorchDispatchMode):
    """Refuses operations whose result, or its shape, the host has to wait for."""

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        assert operation.__name__.split(".")[0] not in ("_local_scalar_dense", "nonzero", "masked_select")
        return operation(*args, **kwargs or {})


def by_hand(one, descent, epochs):
    """The same descent with torch's own layer, loader-less and one member at a time."""
    layer = torch.nn.Linear(5, 3)
    with torch.no_grad():
        layer.weight.copy_(one.parameters["head.weight"].T)
        layer.bias.copy_(one.parameters["head.bias"][0])
    optimizer = torch.optim.AdamW(
        layer.parameters(), lr=descent.learning_rate, weight_decay=descent.weight_decay
    )
    x, y = torch.tensor(one.batch.inputs), torch.tensor(one.batch.answers)
    for _ in range(epochs):
        for rows in torch.split(torch.randperm(len(y), generator=one.generator), descent.batch_size):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(layer(x[rows]), y[rows]).backward()
            optimizer.step()
    return layer.weight.detach().T


# 20 rows: the last minibatch of 8 is partial. 64: larger than all rows. 1: one row a step.
@pytest.mark.parametrize("batch_size", [8, 64, 1])
@both
def test_each_member_is_trained_as_by_torchs_own_layer_and_optimizer(loss, batch_size):
    descent = Descent(batch_size, 0.05, 0.1, CPU)
    trained = train([member(20, seed) for seed in range(3)], loss, descent, 3)
    for seed, parameters in enumerate(trained):
        expected = by_hand(member(20, seed), descent, 3)
        assert torch.allclose(parameters["head.weight"], expected, atol=1e-5)


@both
def test_results_come_in_the_order_of_the_members_whatever_their_sizes(loss):
    sizes = [5, 9, 5, 0, 9]
    trained = train([member(n, i) for i, n in enumerate(sizes)], loss, DESCENT, 2)
    for i, n in enumerate(sizes):
        (alone,) = train([member(n, i)], loss, DESCENT, 2)
        assert torch.allclose(trained[i]["head.weight"], alone["head.weight"], atol=1e-6)


@both
def test_results_do_not_depend_on_how_many_members_a_cpu_trains_at_once(loss, monkeypatch):
    together = train([member(9, i) for i in range(5)], loss, DESCENT, 2)
    for name in ("XLA_MEMBERS", "CPU_MEMBERS"):
        monkeypatch.setattr(f"learners.neural.cohort_training.{name}", 2)
    apart = train([member(9, i) for i in range(5)], loss, DESCENT, 2)
    for first, second in zip(together, apart, strict=True):
        assert torch.allclose(first["head.weight"], second["head.weight"], atol=1e-6)


def test_results_do_not_depend_on_how_many_steps_are_one_call(monkeypatch):
    found = []
    for n_bytes in (2**24, 3 * 4 * 5 * 4 * 4, 1):  # 32 steps, 3 steps of 4 members and rows, and 1
        monkeypatch.setattr("learners.neural.compiled_cohort.BYTES", n_bytes)
        found.append(train([member(9, i) for i in range(4)], BY_XLA, DESCENT, 30))
    for others in found[1:]:
        for first, second in zip(found[0], others, strict=True):
            assert torch.equal(first["head.weight"], second["head.weight"])


@both
def test_going_on_from_one_length_to_the_next_ends_where_training_anew_does_to_the_last_bit(
    loss, monkeypatch
):
    for name in ("XLA_MEMBERS", "CPU_MEMBERS"):
        monkeypatch.setattr(f"learners.neural.cohort_training.{name}", 2)
    sizes, lengths = [9, 5, 9, 0, 9], [1, 2, 5]

    def members():
        return [member(n, i) for i, n in enumerate(sizes)]

    reached = list(train_path(members(), loss, DESCENT, lengths))
    for length, found in zip(lengths, reached, strict=True):
        anew = train(members(), loss, DESCENT, length)
        for one, other in zip(found, anew, strict=True):
            assert torch.equal(one["head.weight"], other["head.weight"])
            assert torch.equal(one["head.bias"], other["head.bias"])


@both
def test_members_without_rows_are_at_every_length_what_they_were(loss):
    one = member(0, 1)
    (first,), (second,) = train_path([one], loss, DESCENT, [1, 4])
    assert torch.equal(first["head.weight"], one.parameters["head.weight"])
    assert torch.equal(second["head.weight"], one.parameters["head.weight"])


@both
def test_a_step_never_asks_the_device_for_a_number(loss):
    # On CUDA that would make the host wait, and could not be recorded as a graph.
    with NothingIsRead():
        train([member(9, i) for i in range(3)], loss, DESCENT, 2)
    with pytest.raises(AssertionError, match="_local_scalar_dense"), NothingIsRead():
        torch.ones(1).item()


@both
def test_a_member_that_diverges_leaves_the_others_as_they_are(loss):
    good = member(9, 1)
    # The first row of the first member: a last minibatch of one row must not be filled up with it.
    inputs = np.where(np.arange(9)[:, None] == 0, np.float32(np.inf), good.batch.inputs)
    bad = replace(good, batch=replace(good.batch, inputs=inputs))
    _, alone, _ = train([member(9, 2), member(9, 0), member(9, 3)], loss, DESCENT, 2)
    ruined, beside, _ = train([bad, member(9, 0), member(9, 3)], loss, DESCENT, 2)
    assert not ruined["head.weight"].isfinite().all()
    assert torch.allclose(alone["head.weight"], beside["head.weight"], atol=1e-6)


@both
def test_members_start_where_they_say_and_are_not_changed(loss):
    one = member(9, 0)
    before = one.parameters["head.weight"].clone()
    (trained,) = train([one], loss, DESCENT, 1)
    assert torch.equal(one.parameters["head.weight"], before)
    assert not trained["head.weight"].requires_grad
    assert not torch.equal(trained["head.weight"], before)


@both
def test_no_members_give_no_results(loss):
    assert train([], loss, DESCENT, 1) == []


def test_stacked_parameters_are_copies_with_the_members_in_front():
    parameters = [{"w": torch.zeros(2, 3)}, {"w": torch.ones(2, 3)}]
    stacked = stack(parameters, CPU)
    assert stacked["w"].shape == (2, 2, 3)
    stacked["w"] += 1
    assert parameters[0]["w"].sum() == 0


def test_a_linear_map_starts_within_the_bounds_of_torchs_own():
    start = linear_start("head", 100, 50, torch.Generator().manual_seed(0))
    layer = torch.nn.Linear(100, 50)
    for name, own in (("head.weight", layer.weight), ("head.bias", layer.bias)):
        assert start[name].abs().max() <= 0.1
        assert start[name].std() == pytest.approx(own.std().item(), rel=0.3)
    assert list(linear_start("head", 3, 2, torch.Generator(), bias=False)) == ["head.weight"]
