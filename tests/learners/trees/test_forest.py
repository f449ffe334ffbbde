import numpy as np
import pytest
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier

from iml_general.errors import UsageError
from iml_general.learner import Batch, Schema
from iml_general.options import configure
from learners.trees.forest import ExtraTrees, RandomForest

SCHEMA = Schema("vectors", tuple(f"x[{i}]" for i in range(8)), (), (0,))
N_ANSWERS = 4
both = pytest.mark.parametrize(
    ("cls", "library"), [(RandomForest, RandomForestClassifier), (ExtraTrees, ExtraTreesClassifier)]
)


def batch(n_rows: int, seed: int, classes: tuple[int, ...] = (0, 1, 2, 3)) -> Batch:
    generator = np.random.default_rng(seed)
    inputs = generator.integers(2, size=(n_rows, 8)).astype(np.float32)
    return Batch(inputs, generator.choice(classes, size=n_rows).astype(np.int64), N_ANSWERS, SCHEMA)


STAGE1, STAGE2 = batch(120, 0), batch(40, 1)
PROBES = batch(200, 2).inputs


def leaf_by_hand(tree, row: np.ndarray) -> int:
    node = 0
    while tree.children_left[node] != -1:
        left = row[tree.feature[node]] <= tree.threshold[node]
        node = (tree.children_left if left else tree.children_right)[node]
    return int(node)


@both
def test_defaults_are_the_librarys(cls, library):
    learner, defaults = cls(), library().get_params()
    for name in ("n_estimators", "max_features", "max_depth", "min_samples_leaf", "bootstrap"):
        assert getattr(learner, name) == defaults[name], name


@both
def test_predictions_equal_the_librarys(cls, library):
    learner = cls(n_estimators=15, max_features=0.5, max_depth=5, min_samples_leaf=2)
    forest = library(15, max_features=0.5, max_depth=5, min_samples_leaf=2, random_state=7)
    forest.fit(STAGE1.inputs, STAGE1.answers)
    assert np.array_equal(learner.predict(learner.fit(STAGE1, 7), PROBES), forest.predict_proba(PROBES))


@both
def test_columns_are_our_answers_whichever_classes_the_library_saw(cls, library):
    rows = batch(50, 3, classes=(1, 3))
    learner = cls(n_estimators=5)
    p = learner.predict(learner.fit(rows, 7), PROBES)
    expected = library(5, random_state=7).fit(rows.inputs, rows.answers).predict_proba(PROBES)
    assert np.array_equal(p[:, [1, 3]], expected)
    assert (p[:, [0, 2]] == 0).all()


@both
@pytest.mark.parametrize("decay", [0.0, 0.3, 1.0])
def test_refit_moves_reached_leaves_to_stage_2_and_leaves_the_others(cls, library, decay):
    learner = cls(n_estimators=4, decay=decay)
    state = learner.fit(STAGE1, 1)
    refitted = learner.update(state, STAGE2, 2)
    assert all(new is old for new, old in zip(refitted.trees, state.trees, strict=True))
    n_reached = 0
    for place, tree in enumerate(state.trees):
        expected = state.node_answers(place).copy()
        leaves = [leaf_by_hand(tree, row) for row in STAGE2.inputs]
        for leaf in set(leaves):
            said = STAGE2.answers[[other == leaf for other in leaves]]
            share = np.array([(said == answer).mean() for answer in range(N_ANSWERS)])
            expected[leaf] = decay * expected[leaf] + (1 - decay) * share
            n_reached += 1
        np.testing.assert_allclose(refitted.node_answers(place), expected, atol=1e-12)
    assert 0 < n_reached < sum((tree.children_left == -1).sum() for tree in state.trees)


@both
def test_refit_with_full_decay_is_exactly_the_old_forest(cls, library):
    learner = cls(n_estimators=4, decay=1.0)
    state = learner.fit(STAGE1, 1)
    refitted = learner.update(state, STAGE2, 2)
    for place in range(4):
        assert np.array_equal(refitted.node_answers(place), state.node_answers(place))


@both
def test_grow_equals_the_librarys_warm_start(cls, library):
    learner = cls(n_estimators=6, rule="grow")
    grown = learner.update(learner.fit(STAGE1, 5), STAGE2, 5)
    forest = library(6, random_state=5, warm_start=True).fit(STAGE1.inputs, STAGE1.answers)
    forest.set_params(n_estimators=12).fit(STAGE2.inputs, STAGE2.answers)
    assert np.array_equal(learner.predict(grown, PROBES), forest.predict_proba(PROBES))


@both
def test_grow_averages_both_forests_also_where_stage_2_lacks_answers(cls, library):
    learner = cls(n_estimators=6, rule="grow")
    rows = batch(40, 4, classes=(2,))
    old = learner.fit(STAGE1, 5)
    p = learner.predict(learner.update(old, rows, 5), PROBES)
    only_2 = np.eye(N_ANSWERS)[np.full(len(PROBES), 2)]
    np.testing.assert_allclose(p, (learner.predict(old, PROBES) + only_2) / 2, atol=1e-12)


@both
def test_refitting_a_grown_forest_refits_its_first_part_as_if_alone(cls, library):
    grow, refit = cls(n_estimators=3, rule="grow"), cls(n_estimators=3)
    first = grow.fit(STAGE1, 5)
    whole = refit.update(grow.update(first, STAGE2, 6), STAGE2, 7)
    alone = refit.update(first, STAGE2, 7)
    assert len(whole.trees) == 6
    for place in range(3):
        assert np.array_equal(whole.node_answers(place), alone.node_answers(place))


@both
def test_a_refitted_state_shares_all_but_the_leaves_that_stage_2_reached(cls, library):
    learner = cls(n_estimators=4, decay=0.3)
    state = learner.fit(STAGE1, 1)
    once = learner.update(state, STAGE2, 2)
    twice = learner.update(once, batch(15, 3), 3)
    for place, tree in enumerate(state.trees):
        assert np.shares_memory(state.grown[place], tree.value)  # the library's own, not a copy
        assert once.grown[place] is twice.grown[place] is state.grown[place]
        leaves = np.unique(tree.apply(STAGE2.inputs))
        assert once.moved[place].nodes.tolist() == leaves.tolist()
        leaves = np.union1d(leaves, tree.apply(batch(15, 3).inputs))
        assert twice.moved[place].nodes.tolist() == leaves.tolist()
    assert np.array_equal(once.predict(PROBES), learner.update(state, STAGE2, 2).predict(PROBES))
    assert not np.array_equal(once.predict(PROBES), twice.predict(PROBES))


@both
def test_a_second_refit_goes_on_from_the_first(cls, library):
    learner = cls(n_estimators=3, decay=0.25)
    state = learner.fit(STAGE1, 1)
    twice = learner.update(learner.update(state, STAGE2, 2), STAGE2, 3)
    once = cls(n_estimators=3, decay=0.25**2).update(state, STAGE2, 2)
    np.testing.assert_allclose(twice.predict(PROBES), once.predict(PROBES), atol=1e-12)


@both
def test_affinity_equals_a_walk_down_every_tree(cls, library):
    learner = cls(n_estimators=9)
    state = learner.fit(STAGE1, 1)
    questions = STAGE2.inputs.copy()
    questions[:, 0] = 1 - questions[:, 0]
    expected = [
        np.mean([leaf_by_hand(tree, a) == leaf_by_hand(tree, b) for tree in state.trees])
        for a, b in zip(STAGE2.inputs, questions, strict=True)
    ]
    found = learner.affinity(state, STAGE2.inputs, questions, STAGE2.answers)
    assert found.tolist() == expected
    assert 0 < np.mean(expected) < 1


@both
def test_the_prediction_is_the_mean_of_the_representation_over_trees(cls, library):
    learner = cls(n_estimators=5)
    state = learner.fit(STAGE1, 1)
    votes = learner.represent(state, PROBES).reshape(len(PROBES), 5, N_ANSWERS)
    np.testing.assert_allclose(votes.mean(axis=1), learner.predict(state, PROBES), atol=1e-12)


def test_max_features_is_a_rule_of_thumb_or_a_share():
    for value in ("log2", 0.5, 1.0):
        assert configure(RandomForest, {"max_features": value}, "learner").max_features == value
    for value in ("all", 0.0, 1.5, None):
        with pytest.raises(UsageError, match="max_features"):
            configure(RandomForest, {"max_features": value}, "learner")
