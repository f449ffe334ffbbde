"""docs/trust-formally.md, section 3: learners whose scores are sums of answers, weighted by inputs alone."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics.pairwise import rbf_kernel

from iml_general.encoding import Encoding
from iml_general.plugins.registry import learner as named

Scores = Callable[[Any, NDArray[Any]], NDArray[Any]]
PROCESS = named("gaussian-process")(length_scale=3.0, noise=0.1)
FEATURES = named("random-features")(n_features=200)


def process_scores(state: Any, inputs: NDArray[Any]) -> NDArray[Any]:
    """The posterior mean, before it is clipped to probabilities."""
    return state.shares + rbf_kernel(inputs, state.rows, gamma=0.5 / PROCESS.length_scale**2) @ state.weights


def features_scores(state: Any, inputs: NDArray[Any]) -> NDArray[Any]:
    return state.features.of(inputs) @ state.weights + state.intercepts


SMOOTHERS = pytest.mark.parametrize(
    ("learner", "scores"),
    [(PROCESS, process_scores), (FEATURES, features_scores)],
    ids=["gaussian-process", "random-features"],
)


def own(twins: Any, learner: Any, scores: Scores) -> NDArray[Any]:
    """Weight of every disputed question on the scale of scores."""
    drawn, twin = (scores(state, twins.questions) for state in twins.states(learner))
    return twins.weights(drawn, twin)


@SMOOTHERS
def test_what_stage_1_answered_is_not_in_the_weights_on_the_scale_of_scores(twins, learner, scores) -> None:
    """Proposition 5 (a): other answers, the same inputs. Scores are of order 1, solved to 1e-9 and better."""
    world = twins()
    answers = np.random.default_rng(0).integers(4, size=len(world.stage1))
    other = replace(world, stage1=replace(world.stage1, answers=answers))
    found = own(world, learner, scores)
    assert np.abs(found).max() > 1e-4
    assert own(other, learner, scores) == pytest.approx(found, abs=1e-8)
    # It is in the answers, so that this is no trivial matter.
    assert not np.allclose(world.answers(learner)[0], other.answers(learner)[0], atol=1e-2)


@SMOOTHERS
def test_where_the_sources_change_roles_every_weight_changes_its_sign(twins, learner, scores) -> None:
    """Proposition 5 (b): an episode as likely as this one has the opposite weights."""
    for condition in ("informative", "shuffled"):
        world = twins(condition=condition)
        found = own(world, learner, scores)
        assert own(world.mirrored(), learner, scores) == pytest.approx(-found, abs=1e-8)


def test_neighbours_have_exactly_zero_under_every_condition(effects) -> None:
    """Corollary 1: of one-hot tags both statements are as far from their question."""
    found = effects(named("nearest-neighbors")()).filter(effect="trust")
    assert found["value"].to_list() == [0.0] * 4


def test_neighbours_believe_the_tag_whose_code_is_nearer_to_none_and_their_control_shows_it(effects) -> None:
    """Corollary 1 needs codes of equal length: ordinal tags 1, 2, 3 are not."""
    found = effects(named("nearest-neighbors")(n_neighbors=1), encoding=Encoding(tag="ordinal"))
    rows = found.filter(effect="trust", condition="informative")
    assert rows["value"].abs().to_list() == [1.0, 1.0]
    assert rows["controlled"].to_list() == [0.0, 0.0]


def trust_of_two_tags(delta: float, reliable_noise: float, unreliable_noise: float) -> float:
    """Counterexample 1's smoother, by Proposition 2 (a)."""
    noise = reliable_noise * (1 + delta) / 2 + unreliable_noise * (1 - delta) / 2
    return float(np.sign(delta) * (abs(noise) < abs(delta)))


@pytest.mark.parametrize(("kappa", "expected"), [(0.30, 0.0), (0.34, 0.5), (0.49, 0.5), (0.51, 0.0)])
def test_a_smoother_without_weight_on_average_has_trust_on_average(kappa: float, expected: float) -> None:
    """Counterexample 1, with d = 1/5: all designs and signs of noise, each as likely as the others."""
    designs, signs = (0.2, -0.2), (1, -1)
    assert np.mean(designs) == 0.0
    informative = [trust_of_two_tags(d, 0, kappa * e) for d in designs for e in signs]
    shuffled = [
        trust_of_two_tags(d, kappa * e / 2, kappa * f / 2) for d in designs for e in signs for f in signs
    ]
    assert np.mean(informative) == expected
    assert np.mean(shuffled) == 0.0
