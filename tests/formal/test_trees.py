"""docs/trust-formally.md, section 4: forests whose leaves are refitted, that grow, and boosting."""

import json
from typing import Any

import numpy as np
import pytest
import xgboost
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import softmax

from iml_general.plugins.registry import learner as named

COUNTS = (
    st.lists(st.integers(0, 9), min_size=3, max_size=3).filter(any).map(lambda n: np.array(n, dtype=float))
)
FORESTS = pytest.mark.parametrize(
    "learner",
    [
        named("extra-trees")(n_estimators=20),
        named("extra-trees")(n_estimators=20, min_samples_leaf=4, decay=0.2),
        named("random-forest")(n_estimators=20, decay=0.0),
    ],
    ids=["extra-trees", "large leaves", "random-forest"],
)


def sharing(world: Any, leaves: Any, decay: float) -> tuple[NDArray[Any], NDArray[Any]]:
    """How much each question's answer takes from each statement, by the two sources: S of Proposition 6.

    Shapes (n questions, n statements): decay's rest times the mean over trees of 1 / rows in the leaf where
    both fall in one.
    """
    rows, asked = leaves(world.drawn.inputs), leaves(world.questions)
    rows_in_leaf = np.bincount(rows.ravel())
    return tuple(
        (1 - decay)
        * ((asked[:, None] == rows[places][None]) / np.maximum(rows_in_leaf[asked], 1)[:, None]).mean(axis=2)
        for places in (world.reliable, world.unreliable)
    )


def agreement(world: Any) -> NDArray[Any]:
    """The c_ij of the page: +1 where two disputes are about the same answers, shape (n, n)."""
    x, y = world.x, world.y
    same = (x[:, None] == x).astype(float) - (y[:, None] == x) - (x[:, None] == y) + (y[:, None] == y)
    return same / 2


@FORESTS
def test_what_refitted_leaves_give_to_statements_is_the_sharing_of_leaves(twins, learner) -> None:
    """Proposition 6 (a), to rounding."""
    world = twins()
    state = learner.fit(world.stage1, 1)
    reliable, unreliable = sharing(world, state.leaves, learner.decay)
    expected = (agreement(world) * (reliable - unreliable)).sum(axis=1)
    assert np.diag(agreement(world)) == pytest.approx(1.0)
    assert np.abs(expected).max() > 0.05
    assert world.weights(*world.answers(learner)) == pytest.approx(expected, abs=1e-12)


@FORESTS
def test_a_statement_s_own_share_lies_between_nothing_and_its_affinity(twins, learner) -> None:
    """Proposition 6 (b)."""
    world = twins()
    state = learner.fit(world.stage1, 1)
    places = (world.reliable, world.unreliable)
    for shares, rows in zip(sharing(world, state.leaves, learner.decay), places, strict=True):
        affinity = learner.affinity(state, world.drawn.inputs[rows], world.questions, world.x)
        own = np.diag(shares)
        assert (own >= 0).all()
        assert (own <= (1 - learner.decay) * affinity + 1e-12).all()
        assert np.array_equal(own > 0, affinity > 0)


@FORESTS
def test_to_say_something_never_makes_it_less_probable(twins, learner) -> None:
    """Proposition 6 (b): each of the disputed statements, alone, says x instead of y."""
    world = twins()
    state = learner.fit(world.stage1, 1)
    base = learner.predict(learner.update(state, world.drawn, 2), world.questions)
    for i in range(0, len(world.x), 5):
        for place, other in ((world.reliable[i], world.y[i]), (world.unreliable[i], world.x[i])):
            answers = world.drawn.answers.copy()
            said, answers[place] = answers[place], other
            p = learner.predict(learner.update(state, world.rows_saying(answers), 2), world.questions)
            assert p[i, other] >= base[i, other] - 1e-12
            assert p[i, said] <= base[i, said] + 1e-12


def test_trees_that_do_not_split_on_a_tag_give_nothing(twins) -> None:
    """Corollary 2: where no tree asks for the tag, the weights are 0 to the last digit."""
    learner = named("extra-trees")(n_estimators=40, max_features=0.1)
    world = twins()
    state = learner.fit(world.stage1, 1)
    tags = np.array(world.drawn.schema.tag_columns)
    blind = np.array([not np.isin(tree.feature, tags).any() for tree in state.trees])
    leaves = [state.leaves(world.drawn.inputs[places]) for places in (world.reliable, world.unreliable)]
    together = (leaves[0] == leaves[1]).all(axis=0)
    assert not blind.all()
    assert together[blind].all()
    # All of a tag-blind forest's trees are such; see Proposition 3 (a).


def test_pure_leaves_part_every_false_statement_from_its_question(twins) -> None:
    """Proposition 7 (a): aliases of stage 1, by real extra trees grown to the end."""
    learner = named("extra-trees")(n_estimators=30)
    for index in range(2):
        world = twins(index)
        statements, questions, said, true = world.told()
        affinity = learner.affinity(learner.fit(world.stage1, 1), statements, questions, said)
        assert (affinity[~true] == 0).all()
        assert (affinity[true] > 0).mean() > 0.9
        assert (~true).sum() > 20


@given(tagged=COUNTS, bare=COUNTS)
def test_a_split_on_the_tag_gains_just_where_answers_differ_by_it(tagged, bare) -> None:
    """Proposition 7 (b): Gini impurity of two counts of answers, to rounding."""

    def mass(counts: NDArray[Any]) -> float:  # impurity times rows
        return float(counts.sum() - (counts**2).sum() / counts.sum())

    gain = mass(tagged + bare) - mass(tagged) - mass(bare)
    alike = np.array_equal(tagged * bare.sum(), bare * tagged.sum())
    assert gain == pytest.approx(0.0, abs=1e-9) if alike else gain > 1e-9
    assert mass(3.0 * tagged) - mass(tagged) - mass(2.0 * tagged) == pytest.approx(0.0, abs=1e-9)


def test_where_tags_lie_at_random_new_statements_of_both_are_as_near_to_their_questions(twins) -> None:
    """Proposition 7 (b), what the page measures: affinity gaps of new aliases on 4 counterbalanced seeds."""
    learner = named("extra-trees")(n_estimators=50)
    gaps = {}
    for condition in ("informative", "shuffled"):
        found = []
        for index in range(4):
            world = twins(index, condition)
            state = learner.fit(world.stage1, 1)
            both = (world.drawn.inputs[places] for places in (world.reliable, world.unreliable))
            reliable, unreliable = (learner.affinity(state, s, world.questions, world.x) for s in both)
            found.append(reliable.mean() - unreliable.mean())
        gaps[condition] = np.array(found)
    assert (gaps["informative"] > gaps["shuffled"]).all()
    assert gaps["informative"].mean() > 0.05
    assert abs(gaps["shuffled"].mean()) < 0.05


@pytest.mark.parametrize("name", ["extra-trees", "random-forest"])
def test_forests_that_grow_have_the_same_weights_in_probability_under_both_conditions(twins, name) -> None:
    """Proposition 8, to rounding: what the old trees answer cancels, and the new ones know no stage 1."""
    learner = named(name)(n_estimators=15, rule="grow")
    found = [
        world.weights(*world.answers(learner)) for world in (twins(0, "informative"), twins(0, "shuffled"))
    ]
    assert np.abs(found[0]).max() > 0.05
    assert found[0] == pytest.approx(found[1], abs=1e-12)


def test_a_statement_never_lowers_what_it_says_in_the_first_round_of_a_refreshed_booster(twins) -> None:
    """Proposition 9: one round, whose margins are logarithms of probabilities; float32 in the library."""
    learner = named("xgboost")(n_estimators=1, min_child_weight=0.0)
    world = twins()
    state = learner.fit(world.stage1, 1)
    ((booster, _),) = state.stacks[0]
    rows, asked = (leaves_of(booster, inputs) for inputs in (world.drawn.inputs, world.questions))
    p = softmax(json.loads(json.loads(booster.save_config())["learner"]["learner_model_param"]["base_score"]))
    expected = np.zeros(len(world.x))
    for c in range(4):
        together = [asked[:, c, None] == rows[places, c] for places in (world.reliable, world.unreliable)]
        n_rows = (asked[:, c, None] == rows[:, c]).sum(axis=1)
        mass = learner.reg_lambda + n_rows * 2 * p[c] * (1 - p[c])  # the library's second derivative is twice
        said = (world.x == c).astype(float) - (world.y == c)
        moved = ((together[0].astype(float) - together[1]) * said).sum(axis=1) / mass
        expected += learner.learning_rate * moved * said / 2
    found = world.weights(*(np.log(p) for p in world.answers(learner)))
    assert np.abs(expected).max() > 0.01
    assert found == pytest.approx(expected, abs=1e-5)


def leaves_of(booster: Any, inputs: NDArray[Any]) -> NDArray[Any]:
    """Leaf of every row in every answer's tree of one round, shape (n_rows, n_answers)."""
    return booster.predict(xgboost.DMatrix(inputs), pred_leaf=True).reshape(len(inputs), -1)


def test_in_a_second_round_a_statement_can_lower_what_it_says() -> None:
    """Counterexample 2: squared loss, learning rate 1, three rows, the trees fixed."""

    def score_of_the_question(said: float, other: float) -> float:
        first = (said + other) / 2  # the leaf of statement and another row
        return other - first  # the leaf of that row's residual and the question, which was alone before

    assert score_of_the_question(1.0, 0.0) - score_of_the_question(0.0, 0.0) == -0.5
