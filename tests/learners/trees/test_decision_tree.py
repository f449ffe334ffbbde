import numpy as np
import pytest
from sklearn.tree import DecisionTreeClassifier

from iml_general.errors import UsageError
from iml_general.learner import Batch, Schema
from iml_general.options import configure
from learners.trees.decision_tree import DecisionTree

SCHEMA = Schema("vectors", tuple(f"x[{i}]" for i in range(8)), (), (0,))


def batch(n_rows: int, seed: int) -> Batch:
    generator = np.random.default_rng(seed)
    inputs = generator.integers(2, size=(n_rows, 8)).astype(np.float32)
    return Batch(inputs, generator.integers(4, size=n_rows), 4, SCHEMA)


STAGE1, STAGE2, PROBES = batch(120, 0), batch(30, 1), batch(200, 2).inputs


def test_defaults_are_the_librarys():
    learner, defaults = DecisionTree(), DecisionTreeClassifier().get_params()
    for name in ("criterion", "max_depth", "min_samples_leaf"):
        assert getattr(learner, name) == defaults[name], name


def test_predictions_equal_the_librarys():
    learner = DecisionTree(criterion="entropy", max_depth=4, min_samples_leaf=3)
    tree = DecisionTreeClassifier(criterion="entropy", max_depth=4, min_samples_leaf=3, random_state=7)
    expected = tree.fit(STAGE1.inputs, STAGE1.answers).predict_proba(PROBES)
    assert np.array_equal(learner.predict(learner.fit(STAGE1, 7), PROBES), expected)


def test_refit_moves_old_statements_only_where_new_ones_share_their_leaf():
    learner = DecisionTree(decay=0.0)
    state = learner.fit(STAGE1, 1)
    before = learner.predict(state, PROBES)
    after = learner.predict(learner.update(state, STAGE2, 2), PROBES)
    tree = state.trees[0]
    reached = np.isin(tree.apply(PROBES), tree.apply(STAGE2.inputs))
    assert np.array_equal(after[~reached], before[~reached])
    leaf_of_row, leaf_of_probe = tree.apply(STAGE2.inputs), tree.apply(PROBES)
    for i in np.flatnonzero(reached):
        said = STAGE2.answers[leaf_of_row == leaf_of_probe[i]]
        np.testing.assert_allclose(after[i], np.bincount(said, minlength=4) / len(said))
    assert 0 < reached.sum() < len(PROBES)
    assert np.array_equal(learner.predict(state, PROBES), before)


def test_full_decay_keeps_the_predictions():
    learner = DecisionTree(decay=1.0)
    state = learner.fit(STAGE1, 1)
    assert np.array_equal(
        learner.predict(learner.update(state, STAGE2, 2), PROBES), learner.predict(state, PROBES)
    )


def test_the_affinity_is_whether_both_rows_fall_in_the_one_leaf():
    learner = DecisionTree()
    state, questions = learner.fit(STAGE1, 1), STAGE2.inputs.copy()
    questions[:, 0] = 1 - questions[:, 0]
    tree = state.trees[0]
    expected = (tree.apply(STAGE2.inputs) == tree.apply(questions)).astype(float)
    found = learner.affinity(state, STAGE2.inputs, questions, STAGE2.answers)
    assert found.tolist() == expected.tolist()
    assert 0 < expected.mean() < 1


@pytest.mark.parametrize(
    "bad", [{"max_depth": 0}, {"decay": 1.5}, {"rule": "grow"}, {"criterion": "ginny"}], ids=str
)
def test_options_that_make_no_sense_are_refused(bad):
    with pytest.raises(UsageError, match=next(iter(bad))):
        configure(DecisionTree, bad, "learner 'decision-tree'")
