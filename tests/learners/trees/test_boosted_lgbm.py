import lightgbm as lgb
import numpy as np
import pytest
from scipy.special import softmax

from iml_general.errors import UsageError
from iml_general.learner import Batch, Schema
from iml_general.options import configure
from learners.trees.boosted_lgbm import LightGBM

SCHEMA = Schema("vectors", tuple(f"x[{i}]" for i in range(8)), (), (0,))
N_ANSWERS = 4
ROUNDS = 6


def batch(n_rows: int, seed: int) -> Batch:
    generator = np.random.default_rng(seed)
    inputs = generator.integers(2, size=(n_rows, 8)).astype(np.float32)
    return Batch(inputs, generator.integers(N_ANSWERS, size=n_rows), N_ANSWERS, SCHEMA)


STAGE1, STAGE2 = batch(300, 0), batch(60, 1)
PROBES = batch(200, 2).inputs
LEARNER = LightGBM(n_estimators=ROUNDS)
STATE = LEARNER.fit(STAGE1, 7)
PARAMETERS = {
    "objective": "multiclass",
    "num_class": N_ANSWERS,
    "seed": 7,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbosity": -1,
}


def library_fit(rows: Batch = STAGE1, start: lgb.Booster | None = None, **changes: object) -> lgb.Booster:
    return lgb.train(
        {**PARAMETERS, **changes}, lgb.Dataset(rows.inputs, rows.answers), ROUNDS, init_model=start
    )


def predicted(booster: lgb.Booster) -> np.ndarray:
    return booster.predict(PROBES, num_threads=1, verbosity=-1)


def leaves(booster: lgb.Booster, inputs: np.ndarray) -> np.ndarray:
    return booster.predict(inputs, pred_leaf=True, num_threads=1, verbosity=-1)


def leaf_by_hand(node: dict, row: np.ndarray) -> int:
    while "split_feature" in node:
        left = row[node["split_feature"]] <= node["threshold"]
        node = node["left_child" if left else "right_child"]
    return node["leaf_index"]


def test_predictions_with_default_options_equal_the_librarys():
    assert np.array_equal(LEARNER.predict(STATE, PROBES), predicted(library_fit()))


def test_every_option_reaches_the_library():
    options = {
        "num_leaves": 4,
        "learning_rate": 0.3,
        "min_child_samples": 50,
        "reg_lambda": 5.0,
        "colsample_bytree": 0.5,
    }
    for name, value in options.items():
        learner = LightGBM(n_estimators=ROUNDS, **{name: value})
        p = learner.predict(learner.fit(STAGE1, 7), PROBES)
        assert np.array_equal(p, predicted(library_fit(**{name: value}))), name
        assert not np.allclose(p, LEARNER.predict(STATE, PROBES), atol=1e-4), name


def test_grow_equals_the_librarys_continued_training():
    learner = LightGBM(n_estimators=ROUNDS, rule="grow")
    p = learner.predict(learner.update(STATE, STAGE2, 7), PROBES)
    assert np.array_equal(p, predicted(library_fit(STAGE2, start=library_fit())))


def test_refit_equals_the_librarys():
    learner = LightGBM(n_estimators=ROUNDS, decay=0.5)
    p = learner.predict(learner.update(STATE, STAGE2, 2), PROBES)
    expected = library_fit().refit(STAGE2.inputs, STAGE2.answers, decay_rate=0.5, num_threads=1, verbosity=-1)
    assert np.array_equal(p, predicted(expected))


@pytest.mark.parametrize("rule", ["refit", "grow"])
def test_updates_leave_the_booster_as_it_was(rule):
    before = STATE.booster.model_to_string()
    LightGBM(n_estimators=ROUNDS, rule=rule, decay=0.0).update(STATE, STAGE2, 2)
    assert STATE.booster.model_to_string() == before


def test_full_decay_keeps_the_predictions():
    learner = LightGBM(n_estimators=ROUNDS, decay=1.0)
    p = learner.predict(learner.update(STATE, STAGE2, 2), PROBES)
    assert np.array_equal(p, LEARNER.predict(STATE, PROBES))


def test_refit_keeps_structures_and_shrinks_leaves_that_stage_2_does_not_reach():
    learner = LightGBM(n_estimators=ROUNDS, decay=0.5)
    few = Batch(STAGE2.inputs[:3], STAGE2.answers[:3], N_ANSWERS, SCHEMA)
    refitted = learner.update(STATE, few, 2)
    old_leaves = leaves(STATE.booster, PROBES)
    assert np.array_equal(leaves(refitted.booster, PROBES), old_leaves)
    taught = leaves(STATE.booster, few.inputs)
    reached = (old_leaves[:, None, :] == taught[None, :, :]).any(axis=1)
    old, new = learner.represent(STATE, PROBES), learner.represent(refitted, PROBES)
    np.testing.assert_allclose(new[~reached], 0.5 * old[~reached], atol=1e-9)
    assert not np.isclose(new[reached], 0.5 * old[reached], atol=1e-6).any()
    assert 0 < reached.mean() < 1


def test_too_few_rows_for_a_split_answer_by_frequency():
    few = Batch(STAGE1.inputs[:15], np.repeat([0, 1, 1], 5), N_ANSWERS, SCHEMA)
    p = LEARNER.predict(LEARNER.fit(few, 1), PROBES)
    np.testing.assert_allclose(p, np.tile([1 / 3, 2 / 3, 0, 0], (len(PROBES), 1)), atol=1e-6)


def test_affinity_equals_a_walk_down_every_tree():
    trees = [info["tree_structure"] for info in STATE.booster.dump_model()["tree_info"]]
    assert len(trees) == ROUNDS * N_ANSWERS
    questions = STAGE2.inputs.copy()
    questions[:, 0] = 1 - questions[:, 0]
    expected = [
        np.mean([leaf_by_hand(tree, a) == leaf_by_hand(tree, b) for tree in trees])
        for a, b in zip(STAGE2.inputs, questions, strict=True)
    ]
    assert LEARNER.affinity(STATE, STAGE2.inputs, questions, STAGE2.answers).tolist() == expected
    assert 0 < np.mean(expected) < 1


def test_the_prediction_is_the_softmax_of_the_summed_representation():
    values = LEARNER.represent(STATE, PROBES).reshape(len(PROBES), ROUNDS, N_ANSWERS).sum(axis=1)
    np.testing.assert_allclose(softmax(values, axis=1), LEARNER.predict(STATE, PROBES), atol=1e-9)


@pytest.mark.parametrize(
    "bad",
    [
        {"learning_rate": 0.0},
        {"num_leaves": 1},
        {"num_leaves": 200_000},
        {"reg_lambda": -1.0},
        {"colsample_bytree": 0.0},
        {"min_child_samples": 0},
    ],
    ids=str,
)
def test_values_that_the_library_would_not_take_are_refused(bad):
    with pytest.raises(UsageError, match=next(iter(bad))):
        configure(LightGBM, bad, "learner 'lightgbm'")
