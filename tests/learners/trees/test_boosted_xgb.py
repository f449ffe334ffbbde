import json

import numpy as np
import pytest
import xgboost as xgb
from scipy.special import softmax
from threadpoolctl import threadpool_info, threadpool_limits

from iml_general.errors import UsageError
from iml_general.learner import Batch, Schema
from iml_general.options import configure
from learners.trees.boosted_xgb import XGBoost, XGBoostState

SCHEMA = Schema("vectors", tuple(f"x[{i}]" for i in range(8)), (), (0,))
N_ANSWERS = 4
ROUNDS = 6


def batch(n_rows: int, seed: int) -> Batch:
    generator = np.random.default_rng(seed)
    inputs = generator.integers(2, size=(n_rows, 8)).astype(np.float32)
    return Batch(inputs, generator.integers(N_ANSWERS, size=n_rows), N_ANSWERS, SCHEMA)


STAGE1, STAGE2 = batch(150, 0), batch(40, 1)
PROBES = batch(200, 2).inputs
LEARNER = XGBoost(n_estimators=ROUNDS)
STATE = LEARNER.fit(STAGE1, 7)
PARAMETERS = {
    "objective": "multi:softprob",
    "num_class": N_ANSWERS,
    "tree_method": "hist",
    "seed": 7,
    "nthread": 1,
}
REFRESH = {"process_type": "update", "updater": "refresh", "refresh_leaf": True}


def matrix(rows: Batch) -> xgb.DMatrix:
    return xgb.DMatrix(rows.inputs, rows.answers, nthread=1)


def library_fit(**changes: object) -> xgb.Booster:
    return xgb.train({**PARAMETERS, **changes}, matrix(STAGE1), ROUNDS)


def booster_of(state: XGBoostState) -> xgb.Booster:
    [[(booster, weight)]] = state.stacks
    assert weight == 1
    return booster


def leaf_by_hand(tree: dict, row: np.ndarray) -> int:
    while "leaf" not in tree:
        wanted = tree["yes"] if row[int(tree["split"][1:])] < tree["split_condition"] else tree["no"]
        tree = next(child for child in tree["children"] if child["nodeid"] == wanted)
    return tree["nodeid"]


def test_predictions_with_default_options_equal_the_librarys():
    np.testing.assert_allclose(
        LEARNER.predict(STATE, PROBES), library_fit().inplace_predict(PROBES), atol=1e-6
    )


def test_every_option_reaches_the_library():
    options = {
        "max_depth": 3,
        "learning_rate": 0.1,
        "min_child_weight": 2.0,
        "reg_lambda": 0.5,
        "subsample": 0.7,
        "colsample_bytree": 0.6,
    }
    default = LEARNER.predict(STATE, PROBES)
    for name, value in options.items():
        learner = XGBoost(n_estimators=ROUNDS, **{name: value})
        p = learner.predict(learner.fit(STAGE1, 7), PROBES)
        expected = library_fit(**{name: value}).inplace_predict(PROBES)
        np.testing.assert_allclose(p, expected, atol=1e-6, err_msg=name)
        assert not np.allclose(p, default, atol=1e-4), name


def test_grow_equals_the_librarys_continued_training():
    learner = XGBoost(n_estimators=ROUNDS, rule="grow")
    continued = xgb.train(PARAMETERS, matrix(STAGE2), ROUNDS, xgb_model=library_fit())
    assert continued.num_boosted_rounds() == 2 * ROUNDS
    p = learner.predict(learner.update(STATE, STAGE2, 7), PROBES)
    np.testing.assert_allclose(p, continued.inplace_predict(PROBES), atol=1e-6)


def test_sampling_in_grow_depends_on_the_seed_and_not_on_what_was_trained_before():
    learner = XGBoost(n_estimators=ROUNDS, subsample=0.6, colsample_bytree=0.6, rule="grow")
    state = learner.fit(STAGE1, 7)
    first = learner.predict(learner.update(state, STAGE2, 8), PROBES)
    library_fit(subsample=0.5)
    assert np.array_equal(learner.predict(learner.update(state, STAGE2, 8), PROBES), first)
    assert not np.allclose(learner.predict(learner.update(state, STAGE2, 9), PROBES), first, atol=1e-3)


def test_refit_equals_the_librarys_refresh():
    refitted = LEARNER.update(STATE, STAGE2, 2)
    refreshed = xgb.train({**PARAMETERS, **REFRESH}, matrix(STAGE2), ROUNDS, xgb_model=library_fit())
    expected = refreshed.inplace_predict(PROBES)
    np.testing.assert_allclose(LEARNER.predict(refitted, PROBES), expected, atol=1e-6)


def test_refit_of_a_grown_state_equals_the_librarys_refresh_of_continued_training():
    grow = XGBoost(n_estimators=ROUNDS, rule="grow")
    refitted = LEARNER.update(grow.update(STATE, STAGE2, 7), STAGE1, 2)
    continued = xgb.train(PARAMETERS, matrix(STAGE2), ROUNDS, xgb_model=library_fit())
    refreshed = xgb.train({**PARAMETERS, **REFRESH}, matrix(STAGE1), 2 * ROUNDS, xgb_model=continued)
    expected = refreshed.inplace_predict(PROBES)
    np.testing.assert_allclose(LEARNER.predict(refitted, PROBES), expected, atol=1e-6)


def test_refit_keeps_structures_and_the_old_booster():
    before = booster_of(STATE).save_raw()
    refitted = booster_of(LEARNER.update(STATE, STAGE2, 2))
    assert booster_of(STATE).save_raw() == before
    rows = xgb.DMatrix(PROBES, nthread=1)
    old, new = (booster.predict(rows, pred_leaf=True) for booster in (booster_of(STATE), refitted))
    assert np.array_equal(old, new)


def test_refreshed_leaves_do_not_depend_on_the_old_ones():
    once = LEARNER.update(STATE, STAGE2, 2)
    elsewhere = LEARNER.update(LEARNER.update(STATE, batch(60, 9), 2), STAGE2, 2)
    assert np.array_equal(LEARNER.represent(once, PROBES), LEARNER.represent(elsewhere, PROBES))


def test_refit_without_decay_empties_leaves_that_stage_2_does_not_reach():
    one_row = Batch(STAGE2.inputs[:1], STAGE2.answers[:1], N_ANSWERS, SCHEMA)
    learner = XGBoost(n_estimators=ROUNDS, min_child_weight=0.1)
    state = learner.fit(STAGE1, 7)
    values = learner.represent(learner.update(state, one_row, 2), PROBES)
    rows = [xgb.DMatrix(inputs, nthread=1) for inputs in (PROBES, one_row.inputs)]
    probes, reached = (booster_of(state).predict(part, pred_leaf=True) for part in rows)
    is_reached = probes == reached
    assert (values[~is_reached] == 0).all()
    assert (values[is_reached] != 0).all()
    assert 0 < is_reached.mean() < 1


@pytest.mark.parametrize("decay", [0.25, 1.0])
def test_decay_blends_old_and_refreshed_leaf_values(decay):
    refreshed = LEARNER.update(STATE, STAGE2, 2)
    learner = XGBoost(n_estimators=ROUNDS, decay=decay)
    blended = learner.update(STATE, STAGE2, 2)
    expected = decay * LEARNER.represent(STATE, PROBES) + (1 - decay) * LEARNER.represent(refreshed, PROBES)
    np.testing.assert_allclose(learner.represent(blended, PROBES), expected, atol=1e-6)


def test_blending_margins_is_blending_leaf_values():
    """Against a model into which the blended leaf values are really written."""
    decay = 0.3
    models = [
        json.loads(booster_of(state).save_raw("json")) for state in (STATE, LEARNER.update(STATE, STAGE2, 2))
    ]
    old, new = (model["learner"]["gradient_booster"]["model"]["trees"] for model in models)
    for old_tree, new_tree in zip(old, new, strict=True):
        for node, child in enumerate(old_tree["left_children"]):
            if child == -1:  # a leaf keeps its value where other nodes keep their threshold
                values = old_tree["split_conditions"], new_tree["split_conditions"]
                values[0][node] = decay * values[0][node] + (1 - decay) * values[1][node]
    written = xgb.Booster({"nthread": 1})
    written.load_model(bytearray(json.dumps(models[0]).encode()))
    learner = XGBoost(n_estimators=ROUNDS, decay=decay)
    p = learner.predict(learner.update(STATE, STAGE2, 2), PROBES)
    np.testing.assert_allclose(p, written.inplace_predict(PROBES), atol=1e-6)
    assert not np.allclose(p, LEARNER.predict(STATE, PROBES), atol=1e-3)


def test_full_decay_keeps_the_predictions():
    learner = XGBoost(n_estimators=ROUNDS, decay=1.0)
    assert np.array_equal(
        learner.predict(learner.update(STATE, STAGE2, 2), PROBES), LEARNER.predict(STATE, PROBES)
    )


def test_repeated_blends_decay_twice():
    learner = XGBoost(n_estimators=ROUNDS, decay=0.5)
    twice = learner.update(learner.update(STATE, STAGE2, 2), STAGE2, 2)
    new = LEARNER.represent(LEARNER.update(STATE, STAGE2, 2), PROBES)
    expected = 0.25 * LEARNER.represent(STATE, PROBES) + 0.75 * new
    np.testing.assert_allclose(learner.represent(twice, PROBES), expected, atol=1e-6)


def test_a_blend_can_be_boosted_on():
    blended = XGBoost(n_estimators=ROUNDS, decay=0.5).update(STATE, STAGE2, 2)
    grow = XGBoost(n_estimators=ROUNDS, rule="grow")
    p = grow.predict(grow.update(blended, STAGE2, 3), STAGE2.inputs)
    before = grow.predict(blended, STAGE2.inputs)
    rows = np.arange(len(STAGE2))
    assert np.log(p[rows, STAGE2.answers]).mean() > np.log(before[rows, STAGE2.answers]).mean() + 0.1


def test_affinity_equals_a_walk_down_every_tree():
    trees = [json.loads(tree) for tree in booster_of(STATE).get_dump(dump_format="json")]
    assert len(trees) == ROUNDS * N_ANSWERS
    questions = STAGE2.inputs.copy()
    questions[:, 0] = 1 - questions[:, 0]
    expected = [
        np.mean([leaf_by_hand(tree, a) == leaf_by_hand(tree, b) for tree in trees])
        for a, b in zip(STAGE2.inputs, questions, strict=True)
    ]
    assert LEARNER.affinity(STATE, STAGE2.inputs, questions, STAGE2.answers).tolist() == expected
    assert 0 < np.mean(expected) < 1


def test_margins_are_the_sum_of_the_representation_and_an_intercept():
    values = LEARNER.represent(STATE, PROBES).reshape(len(PROBES), ROUNDS, N_ANSWERS).sum(axis=1)
    intercepts = np.log(LEARNER.predict(STATE, PROBES)) - values
    intercepts -= intercepts.mean(axis=1, keepdims=True)
    np.testing.assert_allclose(intercepts, np.tile(intercepts[0], (len(PROBES), 1)), atol=1e-5)
    np.testing.assert_allclose(
        softmax(values + intercepts[0], axis=1), LEARNER.predict(STATE, PROBES), atol=1e-5
    )


@pytest.mark.parametrize(
    "bad",
    [
        {"learning_rate": 0.0},
        {"subsample": 0.0},
        {"reg_lambda": -1.0},
        {"min_child_weight": float("inf")},
        {"max_depth": 0},
    ],
    ids=str,
)
def test_values_that_the_library_would_not_take_are_refused(bad):
    with pytest.raises(UsageError, match=next(iter(bad))):
        configure(XGBoost, bad, "learner 'xgboost'")


@pytest.mark.parametrize("call", ["train", "Booster.copy"])
def test_the_library_reads_a_model_with_one_thread(monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    used: list[int] = []
    owner, name = (xgb.Booster, "copy") if "." in call else (xgb, call)
    library = getattr(owner, name)

    def spied(*args: object, **options: object) -> object:
        used.extend(pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "openmp")
        return library(*args, **options)

    monkeypatch.setattr(owner, name, spied)
    with threadpool_limits(3):
        LEARNER.update(STATE, STAGE2, 7)
        next(LEARNER.fit_path(STAGE1, 7, [2]))
    assert set(used) == {1}
