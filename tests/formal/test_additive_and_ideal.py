"""docs/trust-formally.md, sections 6 and 7: additive models, and the ideal observer."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from iml_general.plugins.registry import learner as named
from iml_general.protocol import Protocol, Source
from learners.controls.beliefs import LAPSE

ADDITIVE = pytest.mark.parametrize(
    "learner",
    [
        named("logistic-regression")(),
        named("logistic-regression")(C=0.1),
        named("naive-bayes")(),
        named("naive-bayes")(rule="retrain"),
    ],
    ids=["logistic-regression", "strong penalty", "naive-bayes continue", "naive-bayes retrain"],
)


def balanced(world: Any) -> Any:
    """Both sources say every answer equally often of what is disputed: 36 questions, 4 answers."""
    i = np.arange(len(world.x))
    return world.saying(i % 4, (i + 1 + i // 4 % 3) % 4)


@ADDITIVE
def test_an_additive_model_weighs_sources_alike_where_they_say_each_answer_equally_often(
    twins, learner
) -> None:
    """Proposition 13 (a): the same sufficient statistics, to rounding, which the solver may amplify."""
    world = balanced(twins(0))
    assert np.array_equal(np.bincount(world.x), np.bincount(world.y))
    p, q = world.answers(learner)
    assert np.abs(p - 0.25).max() > 0.02
    assert np.log(p) == pytest.approx(np.log(q), abs=1e-6)


@ADDITIVE
def test_where_they_do_not_it_differs_by_how_often_they_say_each_answer(twins, learner) -> None:
    """Proposition 13 needs the balance: both sources say one answer, each its own, everywhere."""
    world = twins(0)
    world = world.saying(np.zeros_like(world.x), np.ones_like(world.y))
    p, q = world.answers(learner)
    assert np.abs(np.log(p) - np.log(q)).max() > 1e-3


def test_trees_weigh_sources_unlike_on_the_same_rows(twins) -> None:
    """Proposition 13's rows are no trivial ones: a forest, which is not additive, is not at 0 there."""
    world = balanced(twins(0))
    assert np.abs(world.weights(*world.answers(named("extra-trees")(n_estimators=20)))).mean() > 0.05


def test_naive_bayes_differs_by_a_number_for_each_answer(twins) -> None:
    """Proposition 13 (b): log-odds differ between twins by h(x) - h(y), whatever the alias."""
    world = twins(0)
    p, q = (np.log(one) for one in world.answers(named("naive-bayes")()))
    difference = p - q
    assert np.abs(difference - difference.mean(axis=1, keepdims=True)).max() > 1e-6
    within = difference - difference[:, :1]
    assert within == pytest.approx(np.tile(within[0], (len(within), 1)), abs=1e-8)


def ideal(twins: Any, reliability: float, condition: str = "informative") -> tuple[Any, NDArray[Any], Any]:
    """Twins, measured weights, and beliefs, where the reliable source is that reliable."""
    sources = (
        Source("reliable", reliability, stage1=20, stage2=4),
        Source("unreliable", 0.0, stage1=20, stage2=4),
        Source("neutral", 0.5, stage1=0, stage2=2),
    )
    world = twins(0, condition, "codes", protocol=Protocol(sources, undefined=4, new_conflict=12, unseen=2))
    learner = named("ideal-observer")()
    state, _ = world.states(learner)
    return world, world.weights(*(np.log(p) for p in world.answers(learner))), state


@pytest.mark.parametrize("reliability", [0.6, 0.8, 1.0])
def test_the_ideal_weight_is_the_difference_of_log_odds_of_reliability(twins, reliability) -> None:
    """Proposition 14 (a), to rounding."""
    world, found, state = ideal(twins, reliability)
    m = state.marginals[world.questions[:, 2]]
    i = np.arange(len(world.x))

    def phi(places: NDArray[Any]) -> NDArray[Any]:
        trusted = (1 - LAPSE) * state.reliability[world.drawn.inputs[places, 0]]
        odds = trusted / (1 - trusted)
        return 0.5 * (np.log(odds + m[i, world.x]) + np.log(odds + m[i, world.y]))

    assert found == pytest.approx(phi(world.reliable) - phi(world.unreliable), abs=1e-9)


def test_the_ideal_weight_falls_with_every_alias_of_which_the_reliable_source_was_wrong(twins) -> None:
    """Proposition 14 (b): the same world, in which stage 1 belies it about ever more of its 20 aliases."""
    world = twins(0, form="codes")
    tag, alias, _ = world.stage1.inputs.T
    told = np.unique(alias[tag == world.drawn.inputs[world.reliable[0], 0]])
    wrong = np.random.default_rng(0).integers(4, size=len(tag))
    found = []
    for n_wrong in (0, 4, 8, 12):
        belied = np.isin(alias, told[:n_wrong]) & (tag > 0)
        answers = np.where(belied, wrong, world.stage1.answers)
        one = replace(world, stage1=replace(world.stage1, answers=answers))
        found.append(one.weights(*(np.log(p) for p in one.answers(named("ideal-observer")()))).mean())
    assert (np.diff(found) < 0).all()
    assert found[-1] >= 0


def test_the_ideal_weight_is_zero_where_tags_are_believed_alike(twins) -> None:
    """Proposition 14 (c), to rounding."""
    _, found, state = ideal(twins, 1.0, "shuffled")
    assert state.reliability[1] == state.reliability[2]
    assert found == pytest.approx(0.0, abs=1e-12)


def test_ideal_trust_is_all_or_nothing(effects) -> None:
    """Proposition 14 (c): 1 where the reliable tag is believed more, 0 where tags are believed alike."""
    found = effects(named("ideal-observer")()).filter(effect="trust", condition="informative")
    assert found["value"].to_list() == [1.0, 1.0]
    assert found["control"].to_list() == [0.0, 0.0]
