import numpy as np

from learners.trees.leaf_affinity import leaf_affinity


def test_affinity_is_the_share_of_trees_with_a_common_leaf():
    statements = np.array([[3, 1, 4, 1], [5, 9, 2, 6]])
    questions = np.array([[3, 2, 4, 2], [5, 9, 2, 6]])
    assert leaf_affinity(statements, questions).tolist() == [0.5, 1.0]


def test_without_trees_nothing_tells_rows_apart():
    assert leaf_affinity(np.empty((3, 0)), np.empty((3, 0))).tolist() == [1.0, 1.0, 1.0]
