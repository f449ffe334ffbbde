import numpy as np
import pytest
from sklearn import linear_model

from iml_general.learner import Batch, Schema
from learners.classical.linear import SGD, LogisticRegression

SCHEMA = Schema("vectors", tuple(f"x[{i}]" for i in range(6)), (), ())


def batch(n_rows: int, seed: int, n_answers: int) -> Batch:
    generator = np.random.default_rng(seed)
    inputs = generator.standard_normal((n_rows, 6)).astype(np.float32)
    answers = (inputs[:, :n_answers] + generator.standard_normal((n_rows, n_answers))).argmax(axis=1)
    return Batch(inputs, answers, n_answers, SCHEMA)


PROBES = batch(50, 9, 3).inputs


def test_defaults_are_the_librarys():
    assert LogisticRegression().C == linear_model.LogisticRegression().C
    defaults = linear_model.SGDClassifier().get_params()
    for name in ("alpha", "learning_rate", "eta0"):
        assert getattr(SGD(), name) == defaults[name], name


@pytest.mark.parametrize("n_answers", [2, 3, 5])
def test_logistic_regression_predicts_as_the_library(n_answers):
    rows = batch(200, 0, n_answers)
    learner = LogisticRegression(C=0.3)
    library = linear_model.LogisticRegression(C=0.3, max_iter=1000).fit(
        rows.inputs.astype(np.float64), rows.answers
    )
    np.testing.assert_allclose(
        learner.predict(learner.fit(rows, 0), PROBES), library.predict_proba(PROBES), atol=1e-12
    )


def test_logistic_regression_stops_at_its_limit_without_a_warning():
    rows = batch(200, 0, 3)
    early = LogisticRegression(max_iter=1)
    state, converged = early.fit(rows, 0), LogisticRegression().fit(rows, 0)
    assert not np.allclose(state.weights, converged.weights, atol=1e-3)


@pytest.mark.parametrize("n_answers", [2, 3])
def test_sgd_predicts_as_the_library_after_the_same_steps(n_answers):
    rows, more = batch(100, 0, n_answers), batch(40, 1, n_answers)
    learner = SGD(epochs=4, update_epochs=2, alpha=0.01)
    state = learner.update(learner.fit(rows, 5), more, 6)
    library = linear_model.SGDClassifier(loss="log_loss", alpha=0.01)
    for stage, epochs, seed in ((rows, 4, 5), (more, 2, 6)):
        library.set_params(random_state=np.random.RandomState(seed))
        for _ in range(epochs):
            library.partial_fit(stage.inputs.astype(np.float64), stage.answers, classes=range(n_answers))
    np.testing.assert_allclose(learner.predict(state, PROBES), library.predict_proba(PROBES), atol=1e-12)


def test_sgd_shuffles_by_its_seed_and_anew_in_every_epoch():
    rows = batch(100, 0, 3)
    one, other = (SGD(epochs=1).fit(rows, seed).estimator.coef_ for seed in (1, 2))
    assert not np.array_equal(one, other)
    # With a constant step and hardly any penalty, an epoch in the same order would be the same map.
    learner = SGD(epochs=2, learning_rate="constant")
    repeated = linear_model.SGDClassifier(loss="log_loss", learning_rate="constant", random_state=1)
    for _ in range(2):
        repeated.partial_fit(rows.inputs.astype(np.float64), rows.answers, classes=range(3))
    assert not np.allclose(learner.fit(rows, 1).estimator.coef_, repeated.coef_)


def test_sgd_goes_on_with_its_schedule():
    rows = batch(100, 0, 3)
    learner = SGD(epochs=3, update_epochs=2)
    state = learner.fit(rows, 1)
    assert learner.update(state, rows, 2).estimator.t_ == 1 + 5 * len(rows)


def test_sgd_answers_probabilities_where_all_sigmoids_underflow():
    learner = SGD(epochs=1)
    state = learner.fit(batch(100, 0, 3), 1)
    state.estimator.intercept_[:] = [-900.0, -901.0, -902.0]
    state.estimator.coef_[:] = 0
    expected = np.exp([0.0, -1.0, -2.0]) / np.exp([0.0, -1.0, -2.0]).sum()
    np.testing.assert_allclose(learner.predict(state, PROBES[:1])[0], expected)


def test_affinity_is_the_cosine_of_gradients_taken_by_hand():
    torch = pytest.importorskip("torch")
    rows, questions = batch(200, 4, 3), batch(9, 5, 3)
    learner = LogisticRegression()
    state = learner.fit(rows, 0)
    statements = batch(9, 6, 3)
    found = learner.affinity(state, rows.inputs[:9], questions.inputs[::-1], statements.answers)
    wanted = []
    for s, q, a in zip(rows.inputs[:9], questions.inputs[::-1], statements.answers, strict=True):
        gradients = []
        for x in (s, q):
            w = torch.tensor(state.weights, requires_grad=True)
            b = torch.tensor(state.intercepts, requires_grad=True)
            logits = torch.tensor(x.astype(np.float64)) @ w + b
            loss = torch.nn.functional.cross_entropy(logits[None], torch.tensor([a]))
            gradients.append(torch.cat([g.flatten() for g in torch.autograd.grad(loss, (w, b))]))
        wanted.append(torch.nn.functional.cosine_similarity(*gradients, dim=0).item())
    np.testing.assert_allclose(found, wanted, atol=1e-9)
