"""Boosting that answers with numbers, against the libraries' own."""

import lightgbm as lgb
import numpy as np
import pytest
import xgboost as xgb

from iml_general.learner import Schema
from iml_general.regressor import NumberBatch
from learners.trees.boosted_lgbm import LightGBMRegressor
from learners.trees.boosted_xgb import XGBoostRegressor

SCHEMA = Schema("vectors", tuple(f"x[{i}]" for i in range(8)), (), (0,))
XGB = XGBoostRegressor(n_estimators=12, max_depth=3)
LGB = LightGBMRegressor(n_estimators=12, min_child_samples=5)


def batch(n_rows: int, seed: int) -> NumberBatch:
    generator = np.random.default_rng(seed)
    inputs = generator.integers(2, size=(n_rows, 8)).astype(np.float32)
    return NumberBatch(inputs, 3 + inputs[:, 1] + generator.normal(size=n_rows) / 5, SCHEMA)


STAGE1, STAGE2, PROBES = batch(200, 0), batch(60, 1), batch(100, 2).inputs


def squared_error(learner, state, rows):
    return float(((learner.predict(state, rows.inputs) - rows.answers) ** 2).mean())


def test_predictions_equal_the_libraries():
    booster = xgb.XGBRegressor(n_estimators=12, max_depth=3, n_jobs=1).fit(STAGE1.inputs, STAGE1.answers)
    assert XGB.predict(XGB.fit(STAGE1, 0), PROBES) == pytest.approx(booster.predict(PROBES), abs=1e-5)
    model = lgb.LGBMRegressor(n_estimators=12, min_child_samples=5, n_jobs=1, verbosity=-1)
    model.fit(STAGE1.inputs, STAGE1.answers)
    assert LGB.predict(LGB.fit(STAGE1, 0), PROBES) == pytest.approx(model.predict(PROBES), abs=1e-6)


@pytest.mark.parametrize("learner", [XGB, LGB], ids=["xgboost", "lightgbm"])
@pytest.mark.parametrize("rule", ["refit", "grow"])
def test_stage_2_is_learned_and_the_old_state_stays(learner, rule):
    learner = type(learner)(**{**vars(learner), "rule": rule, "decay": 0.5})
    moved = NumberBatch(STAGE2.inputs, STAGE2.answers - 2, SCHEMA)
    state = learner.fit(STAGE1, 0)
    before = learner.predict(state, PROBES)
    assert (
        squared_error(learner, learner.update(state, moved, 1), moved)
        < squared_error(learner, state, moved) / 2
    )
    assert np.array_equal(learner.predict(state, PROBES), before)


def test_refit_keeps_the_structure():
    state = XGB.fit(STAGE1, 0)
    (((old, _),),), (((new, weight),),) = state.stacks, XGB.update(state, STAGE2, 0).stacks
    assert weight == 1.0  # decay 0: the library's refresh alone
    splits = [booster.trees_to_dataframe()[["Tree", "Node", "Feature", "Split"]] for booster in (old, new)]
    assert splits[0].equals(splits[1])


def test_decay_1_changes_nothing():
    learner = XGBoostRegressor(n_estimators=12, max_depth=3, decay=1.0)
    state = learner.fit(STAGE1, 0)
    assert learner.predict(learner.update(state, STAGE2, 0), PROBES) == pytest.approx(
        learner.predict(state, PROBES), abs=1e-6
    )
