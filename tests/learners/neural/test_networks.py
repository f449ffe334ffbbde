"""Claims that hold for every torch learner."""

import pickle
from dataclasses import replace

import jax
import numpy as np
import optuna
import pytest
import torch

from iml_general.errors import UsageError
from iml_general.learner import Batch, Schema
from iml_general.options import configure, options_of
from iml_general.plugins.contract import check_contract
from learners.neural.cohort_training import train
from learners.neural.convnet import ConvNet
from learners.neural.descent import Descent, Loss, Member
from learners.neural.mlp import MLP
from learners.neural.training import ROWS_AT_ONCE, Network
from learners.neural.transformer import Transformer

VECTORS = Schema("vectors", tuple(f"x[{i}]" for i in range(9)), (), (0,))
TOKENS = Schema("tokens", tuple(f"token[{i}]" for i in range(4)), (7,), (0,))
PICTURES = Schema(
    "pictures", tuple(f"pixel[{i // 12},{i % 12}]" for i in range(120)), (), (0,), picture=(10, 12)
)
SCHEMAS = {schema.form: schema for schema in (VECTORS, TOKENS, PICTURES)}
SMALL_MLP = MLP(width=32, epochs=3, update_epochs=2, batch_size=16)
SMALL_TRANSFORMER = Transformer(d_model=8, n_heads=2, epochs=3, update_epochs=2, batch_size=16)
SMALL_CONVNET = ConvNet(channels=4, width=16, epochs=3, update_epochs=2, batch_size=16)
every = pytest.mark.parametrize(
    "learner", [SMALL_MLP, SMALL_TRANSFORMER, SMALL_CONVNET], ids=["mlp", "transformer", "convnet"]
)


def inputs_for(learner, n_rows, seed):
    generator = np.random.default_rng(seed)
    if learner.info.form == "tokens":
        return generator.integers(7, size=(n_rows, 4))
    shape = PICTURES.picture if learner.info.form == "pictures" else (9,)
    return generator.integers(2, size=(n_rows, *shape)).astype(np.float32)


def batch_for(learner, n_rows, seed, classes=(0, 1, 2, 3)):
    answers = np.random.default_rng(seed + 1).choice(classes, size=n_rows).astype(np.int64)
    return Batch(inputs_for(learner, n_rows, seed), answers, 4, SCHEMAS[learner.info.form])


def same(first, second):
    names = first.parameters
    return names.keys() == second.parameters.keys() and all(
        torch.equal(first.parameters[name], second.parameters[name]) for name in names
    )


def furthest(learner, first, second):
    probes = inputs_for(learner, 50, 99)
    return np.abs(learner.predict(first, probes) - learner.predict(second, probes)).max()


@every
def test_class_keeps_the_contract_it_declares(learner):
    check_contract(type(learner))
    assert configure(type(learner), options_of(learner), "here") == learner


@every
def test_gradients_are_those_that_autograd_finds_of_each_members_mean_loss(learner):
    batches = [batch_for(learner, 10, seed) for seed in (0, 1)]
    states = [learner.fit(batch, seed) for seed, batch in enumerate(batches)]
    x = torch.stack([torch.tensor(batch.inputs) for batch in batches])
    y = torch.stack([torch.tensor(batch.answers) for batch in batches])
    stacked = {
        name: torch.stack([state.parameters[name] for state in states]) for name in states[0].parameters
    }
    found = learner.gradients(stacked, x, y.flatten())
    for i, state in enumerate(states):
        leaves = {name: tensor[None].clone().requires_grad_() for name, tensor in state.parameters.items()}
        torch.nn.functional.cross_entropy(learner.logits(leaves, x[i : i + 1])[0], y[i]).backward()
        for name, leaf in leaves.items():
            assert torch.allclose(found[name][i], leaf.grad[0], atol=1e-6)


@every
def test_training_takes_the_steps_of_torchs_own_optimizer(learner):
    batch = batch_for(learner, 37, 0)
    generator = torch.Generator().manual_seed(5)
    leaves = {
        name: tensor[None].requires_grad_()
        for name, tensor in learner.start(batch.schema, 4, generator).items()
    }
    optimizer = torch.optim.AdamW(
        leaves.values(), lr=learner.learning_rate, weight_decay=learner.weight_decay
    )
    x, y = torch.tensor(batch.inputs), torch.tensor(batch.answers)
    for _ in range(learner.epochs):
        for rows in torch.split(torch.randperm(37, generator=generator), learner.batch_size):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(learner.logits(leaves, x[rows][None])[0], y[rows]).backward()
            optimizer.step()
    expected = Network({name: leaf.detach()[0] for name, leaf in leaves.items()})
    assert furthest(learner, learner.fit(batch, 5), expected) < 1e-5


@pytest.mark.parametrize("learner", [SMALL_MLP, SMALL_TRANSFORMER], ids=["mlp", "transformer"])
def test_xla_and_torch_go_the_same_way_up_to_the_rounding_of_double_precision(learner):
    def members():
        """Three, in double precision."""
        batches = [batch_for(learner, 37, seed) for seed in range(3)]
        for one in learner._members(batches, [5, 6, 7]):
            inputs = (
                one.batch.inputs if learner.info.form == "tokens" else one.batch.inputs.astype(np.float64)
            )
            parameters = {name: tensor.double() for name, tensor in one.parameters.items()}
            yield Member(parameters, replace(one.batch, inputs=inputs), one.generator)

    descent = Descent(learner.batch_size, 0.01, 0.1, torch.device("cpu"))
    by_torch = train(list(members()), Loss(learner.gradients), descent, 20)
    with jax.enable_x64(True):
        by_xla = train(list(members()), Loss(learner.gradients, learner.row_losses), descent, 20)
    for ours, theirs, one in zip(by_xla, by_torch, members(), strict=True):
        for name, tensor in theirs.items():
            assert torch.allclose(ours[name], tensor, rtol=0, atol=1e-10)
            assert (tensor - one.parameters[name]).abs().max() > 0.01


@every
def test_cohort_equals_the_loop_over_its_members(learner):
    # 37 and 21 rows: a last partial minibatch, and members that can't be stacked with the others.
    batches = [batch_for(learner, n, seed) for n, seed in ((37, 0), (21, 1), (37, 2), (21, 3), (37, 4))]
    more = [batch_for(learner, n, seed) for n, seed in ((10, 5), (10, 6), (33, 7), (0, 8), (10, 9))]
    seeds = [5, 6, 6, 7, 5]
    together = learner.fit_cohort(batches, seeds)
    later = learner.update_cohort(together, more, seeds)
    for i, seed in enumerate(seeds):
        alone = learner.fit(batches[i], seed)
        assert furthest(learner, alone, together[i]) < 1e-5
        assert furthest(learner, learner.update(alone, more[i], seed), later[i]) < 1e-5


@every
def test_members_of_a_cohort_differ_by_their_seed_alone(learner):
    batch = batch_for(learner, 30, 0)
    first, second, third = learner.fit_cohort([batch] * 3, [1, 2, 1])
    assert furthest(learner, first, second) > 1e-3
    assert furthest(learner, first, third) < 1e-5


@every
def test_same_seed_gives_the_same_state_to_the_bit_and_another_seed_another(learner):
    batch = batch_for(learner, 30, 0)
    state = learner.fit(batch, 3)
    assert same(state, learner.fit(batch, 3))
    assert not same(state, learner.fit(batch, 4))
    assert same(learner.update(state, batch, 3), learner.update(state, batch, 3))
    assert not same(learner.update(state, batch, 3), learner.update(state, batch, 4))


@every
def test_randomness_outside_the_seed_changes_nothing(learner):
    batch = batch_for(learner, 30, 0)
    torch.manual_seed(1)
    state = learner.fit(batch, 3)
    torch.manual_seed(2)
    before = torch.get_rng_state()
    assert same(state, learner.fit(batch, 3))
    assert torch.equal(before, torch.get_rng_state())


@every
def test_no_method_changes_a_state(learner):
    batch = batch_for(learner, 30, 0)
    state = learner.fit(batch, 3)
    before = pickle.loads(pickle.dumps(state))
    learner.update(state, batch, 4)
    learner.predict(state, batch.inputs)
    learner.represent(state, batch.inputs)
    learner.affinity(state, batch.inputs, batch.inputs[::-1].copy(), batch.answers)
    assert same(state, before)


@every
def test_pickled_state_of_a_member_carries_no_other_member(learner):
    batches = [batch_for(learner, 20, seed) for seed in range(6)]
    alone = pickle.dumps(learner.fit(batches[0], 0))
    one_of_six = pickle.dumps(learner.fit_cohort(batches, list(range(6)))[0])
    assert len(one_of_six) == len(alone)


@every
def test_batches_that_can_not_be_written_to_serve_as_well(learner):
    batch = batch_for(learner, 20, 0)
    state = learner.fit(batch, 0)
    batch.inputs.flags.writeable = batch.answers.flags.writeable = False
    assert same(state, learner.fit(batch, 0))
    learner.predict(state, batch.inputs)
    learner.affinity(state, batch.inputs, batch.inputs, batch.answers)


@every
def test_update_without_rows_changes_no_prediction(learner):
    state = learner.fit(batch_for(learner, 30, 0), 3)
    assert furthest(learner, state, learner.update(state, batch_for(learner, 0, 0), 4)) == 0


@every
def test_fit_without_rows_still_gives_probabilities(learner):
    p = learner.predict(learner.fit(batch_for(learner, 0, 0), 3), inputs_for(learner, 5, 1))
    assert p.shape == (5, 4)
    assert np.isfinite(p).all()


@every
def test_probabilities_are_finite_and_sum_to_one_whatever_the_number_of_probes(learner):
    state = learner.fit(batch_for(learner, 30, 0), 3)
    for n_rows in (0, 1, 5, ROWS_AT_ONCE + 3):
        p = learner.predict(state, inputs_for(learner, n_rows, 1))
        assert p.shape == (n_rows, 4)
        assert (p >= 0).all()
        assert np.allclose(p.sum(axis=1), 1, atol=1e-12)


@every
def test_a_single_class_becomes_the_most_probable(learner):
    learner = replace(learner, epochs=30, learning_rate=1e-2)
    batch = batch_for(learner, 40, 0, classes=(2,))
    p = learner.predict(learner.fit(batch, 3), batch.inputs)
    assert (p.argmax(axis=1) == 2).all()


@every
def test_classes_that_never_occur_keep_their_columns_and_become_improbable(learner):
    learner = replace(learner, epochs=30, learning_rate=1e-2)
    batch = batch_for(learner, 40, 0, classes=(1, 3))
    p = learner.predict(learner.fit(batch, 3), batch.inputs)
    assert p.shape == (40, 4)
    assert p[:, [0, 2]].max() < 0.1


@every
def test_fewer_rows_than_a_minibatch_are_learned(learner):
    learner = replace(learner, batch_size=1000, epochs=150, learning_rate=1e-2)
    batch = batch_for(learner, 8, 0)
    p = learner.predict(learner.fit(batch, 3), batch.inputs)
    assert (p.argmax(axis=1) == batch.answers).all()


@every
def test_an_easy_world_is_memorised_and_an_update_learns_what_is_new(learner):
    learner = replace(learner, epochs=150, update_epochs=150, learning_rate=1e-2)
    rows = batch_for(learner, 60, 0)
    _, first = np.unique(rows.inputs, axis=0, return_index=True)  # no row twice with two answers
    known, new = (
        Batch(rows.inputs[part], rows.answers[part], 4, rows.schema) for part in (first[:20], first[20:30])
    )
    state = learner.fit(known, 3)
    assert (learner.predict(state, known.inputs).argmax(axis=1) == known.answers).all()
    assert (learner.predict(state, new.inputs).argmax(axis=1) == new.answers).mean() < 1
    state = learner.update(state, new, 4)
    assert (learner.predict(state, new.inputs).argmax(axis=1) == new.answers).all()


@every
def test_logits_are_linear_in_the_representation(learner):
    state = learner.fit(batch_for(learner, 30, 0), 3)
    probes = inputs_for(learner, 10, 1)
    logits = learner.represent(state, probes) @ state.parameters["head.weight"].numpy()
    logits += state.parameters["head.bias"].numpy()
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert np.allclose(p, learner.predict(state, probes), atol=1e-6)


@every
def test_affinity_is_the_cosine_of_the_gradients_that_autograd_finds(learner):
    state = learner.fit(batch_for(learner, 30, 0), 3)
    statements, questions = batch_for(learner, 20, 1), inputs_for(learner, 20, 2)
    parameters = {name: tensor.double()[None] for name, tensor in state.parameters.items()}

    def gradient(row, answer):
        leaves = {name: tensor.clone().requires_grad_() for name, tensor in parameters.items()}
        x = torch.tensor(row)[None, None]
        logits = learner.logits(leaves, x if x.dtype == torch.int64 else x.double())
        loss = -logits.log_softmax(-1)[0, 0, answer]
        return torch.cat([g.flatten() for g in torch.autograd.grad(loss, list(leaves.values()))])

    expected = [
        torch.cosine_similarity(gradient(s, a), gradient(q, a), dim=0).item()
        for s, q, a in zip(statements.inputs, questions, statements.answers, strict=True)
    ]
    found = learner.affinity(state, statements.inputs, questions, statements.answers)
    assert found.dtype == np.float64
    assert np.allclose(found, expected, atol=1e-9)
    assert learner.affinity(state, questions[:0], questions[:0], statements.answers[:0]).shape == (0,)


@every
def test_affinity_of_a_row_with_itself_is_one(learner):
    batch = batch_for(learner, 20, 1)
    state = learner.fit(batch, 3)
    assert np.allclose(learner.affinity(state, batch.inputs, batch.inputs, batch.answers), 1)


@every
def test_every_method_of_torch_computes_on_one_thread_and_restores_their_number(learner, monkeypatch):
    batch = batch_for(learner, 20, 0)
    seen = []
    product = torch.baddbmm

    def observed(*arguments, **options):
        seen.append(torch.get_num_threads())
        return product(*arguments, **options)

    monkeypatch.setattr(torch, "baddbmm", observed)
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        state = learner.fit(batch, 0)
        assert set(seen) == (set() if learner.row_losses else {1})  # XLA trains what has row losses
        for call in (
            lambda: learner.predict(state, batch.inputs),
            lambda: learner.represent(state, batch.inputs),
            lambda: learner.affinity(state, batch.inputs, batch.inputs, batch.answers),
        ):
            seen.clear()
            call()
            assert set(seen) == {1}
            assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


@every
def test_only_update_reads_the_update_epochs(learner):
    batch = batch_for(learner, 20, 0)
    longer = replace(learner, update_epochs=9)
    state = learner.fit(batch, 0)
    assert learner.info.update_fields == ("update_epochs",)
    assert same(state, longer.fit(batch, 0))
    assert furthest(learner, learner.update(state, batch, 1), longer.update(state, batch, 1)) > 1e-4


@every
def test_every_draw_of_the_search_space_is_a_learner_that_works(learner):
    batch = batch_for(learner, 12, 0)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    for _ in range(8):
        trial = study.ask()
        drawn = type(learner).suggest(trial)
        assert trial.params == {name: getattr(drawn, name) for name in trial.params}
        assert drawn.rule == "continue"
        assert configure(type(drawn), options_of(drawn), "here") == drawn
        short = replace(drawn, epochs=1, update_epochs=1)
        p = short.predict(short.update(short.fit(batch, 0), batch, 1), batch.inputs)
        assert np.isfinite(p).all()


@every
def test_cuda_without_a_device_is_refused_in_one_line(learner, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(UsageError, match=r"^[^\n]*no CUDA device here; use 'cpu' or 'auto'$"):
        replace(learner, device="cuda")
    assert same(
        replace(learner, device="auto").fit(batch_for(learner, 20, 0), 0),
        learner.fit(batch_for(learner, 20, 0), 0),
    )
