"""What all learners made of trees have in common."""

from dataclasses import replace
from typing import Any

import numpy as np
import optuna
import pytest

from iml_general.encoding import Encoding
from iml_general.errors import UsageError
from iml_general.learner import Batch
from iml_general.measuring.encoded import encode_episodes
from iml_general.options import configure, options_of
from iml_general.plugins.contract import check_contract
from iml_general.protocol import BUILT_IN
from iml_general.seeds import Seed
from iml_general.worlds.statements import Statements
from learners.trees.boosted_lgbm import LightGBM
from learners.trees.boosted_xgb import XGBoost
from learners.trees.forest import ExtraTrees, RandomForest
from tests.learners.sizes import SIZES

SEED = Seed(0, "search", "statements", 0)
EPISODE = encode_episodes(SIZES, Statements(), Encoding(), "vectors", SEED, BUILT_IN)["informative"]
STAGE1, STAGE2 = (stage.rows for stage in EPISODE.stages)
PROBES = EPISODE.probes.inputs
QUESTIONS = STAGE2.inputs.copy()
QUESTIONS[:, STAGE2.schema.tag_columns] = 0.0

LEARNERS = [
    RandomForest(n_estimators=8),
    ExtraTrees(n_estimators=8),
    XGBoost(n_estimators=8, colsample_bytree=0.5),
    LightGBM(n_estimators=8, min_child_samples=5, colsample_bytree=0.5, decay=0.5),
]
every_learner = pytest.mark.parametrize("learner", LEARNERS, ids=lambda learner: learner.info.name)
every_rule = pytest.mark.parametrize("rule", ["refit", "grow"])


def part(batch: Batch, rows: Any, n_answers: int | None = None) -> Batch:
    return Batch(batch.inputs[rows], batch.answers[rows], n_answers or batch.n_answers, batch.schema)


def facts(learner: Any, state: Any) -> list[np.ndarray]:
    """Predictions, structure and leaf values of a state, copied."""
    affinity = learner.affinity(state, STAGE2.inputs, QUESTIONS, STAGE2.answers)
    found = [learner.predict(state, PROBES), affinity, learner.represent(state, STAGE1.inputs)]
    return [array.copy() for array in found]


def same(one: list[np.ndarray], other: list[np.ndarray]) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def assert_probabilities(p: np.ndarray, n_rows: int, n_answers: int) -> None:
    assert p.shape == (n_rows, n_answers)
    assert np.isfinite(p).all()
    assert (p >= 0).all()
    np.testing.assert_allclose(p.sum(axis=1), 1, atol=1e-6)


@every_learner
def test_keeps_the_contract(learner):
    check_contract(type(learner))


@every_learner
@every_rule
def test_updates_leave_the_old_state_as_it_was(learner, rule):
    learner = replace(learner, rule=rule)
    state = learner.fit(STAGE1, 1)
    before = facts(learner, state)
    updated = learner.update(state, STAGE2, 2)
    after_one = facts(learner, updated)
    learner.update(updated, STAGE1, 3)
    assert same(facts(learner, state), before)
    assert same(facts(learner, updated), after_one)
    assert not same(after_one, before)


@every_learner
@every_rule
def test_same_seed_same_answers_and_another_seed_others(learner, rule):
    learner = replace(learner, rule=rule)

    def run(seed: int) -> list[np.ndarray]:
        return facts(learner, learner.update(learner.fit(STAGE1, seed), STAGE2, seed + 1))

    assert same(run(5), run(5))
    assert not same(run(5), run(6))


@every_learner
@every_rule
def test_an_update_without_rows_changes_nothing(learner, rule):
    learner = replace(learner, rule=rule)
    state = learner.fit(STAGE1, 1)
    assert same(facts(learner, learner.update(state, part(STAGE2, []), 2)), facts(learner, state))


@every_learner
@every_rule
def test_learning_from_no_rows_answers_uniformly_and_can_be_updated(learner, rule):
    learner = replace(learner, rule=rule)
    state = learner.fit(part(STAGE1, []), 1)
    assert learner.predict(state, PROBES).tolist() == np.full((len(PROBES), 4), 0.25).tolist()
    assert learner.represent(state, PROBES).shape == (len(PROBES), 0)
    assert learner.affinity(state, PROBES, PROBES, np.zeros(len(PROBES), dtype=np.int64)).tolist() == [
        1
    ] * len(PROBES)
    assert_probabilities(learner.predict(learner.update(state, STAGE2, 2), PROBES), len(PROBES), 4)


@every_learner
@every_rule
def test_answers_that_never_occur_keep_a_column_of_hardly_any_probability(learner, rule):
    learner = replace(learner, rule=rule)
    seen = np.isin(STAGE1.answers, [1, 3])
    state = learner.fit(part(STAGE1, seen, n_answers=6), 1)
    p = learner.predict(state, PROBES)
    assert_probabilities(p, len(PROBES), 6)
    assert p[:, [0, 2, 4, 5]].max() < 1e-3
    updated = learner.update(state, part(STAGE2, STAGE2.answers == 2, n_answers=6), 2)
    p = learner.predict(updated, PROBES)
    assert_probabilities(p, len(PROBES), 6)
    assert p[:, [0, 4, 5]].max() < 1e-3


@every_learner
@every_rule
@pytest.mark.parametrize("rows", [[0], slice(0, 10)], ids=["one row", "one class"])
def test_one_row_or_one_class_is_enough_for_either_stage(learner, rule, rows):
    learner = replace(learner, rule=rule)
    one = part(part(STAGE1, STAGE1.answers == 2), rows)
    state = learner.fit(one, 1)
    p = learner.predict(state, PROBES)
    assert_probabilities(p, len(PROBES), 4)
    assert (p.argmax(axis=1) == 2).all()
    for first, second in ((one, STAGE2), (STAGE1, one)):
        updated = learner.update(learner.fit(first, 1), second, 2)
        assert_probabilities(learner.predict(updated, PROBES), len(PROBES), 4)


@every_learner
def test_affinity_is_a_share_and_identical_rows_share_every_leaf(learner):
    state = learner.fit(STAGE1, 1)
    affinity = learner.affinity(state, STAGE2.inputs, QUESTIONS, STAGE2.answers)
    assert affinity.shape == (len(STAGE2),)
    assert affinity.min() >= 0
    assert affinity.max() <= 1
    assert 0 < affinity.mean() < 1
    assert (learner.affinity(state, QUESTIONS, QUESTIONS, STAGE2.answers) == 1).all()


@every_learner
def test_refit_keeps_every_tree(learner):
    state = learner.fit(STAGE1, 1)
    updated = learner.update(state, STAGE2, 2)
    assert same(facts(learner, state)[1:2], facts(learner, updated)[1:2])
    assert learner.represent(state, PROBES).shape == learner.represent(updated, PROBES).shape


@every_learner
def test_grow_adds_as_many_trees_and_keeps_the_old_ones(learner):
    learner = replace(learner, rule="grow")
    state = learner.fit(STAGE1, 1)
    old = learner.represent(state, PROBES)
    both = learner.represent(learner.update(state, STAGE2, 2), PROBES)
    assert both.shape == (len(PROBES), 2 * old.shape[1])
    assert np.array_equal(both[:, : old.shape[1]], old)


@every_learner
@every_rule
def test_stage_2_is_learned(learner, rule):
    learner = replace(learner, rule=rule, n_estimators=30)
    state = learner.fit(STAGE1, 1)
    new = learner.update(state, STAGE2, 2)
    before, after = (learner.predict(s, STAGE2.inputs).argmax(axis=1) == STAGE2.answers for s in (state, new))
    assert after.mean() > before.mean() + 0.2


@every_learner
def test_every_suggested_configuration_is_valid_and_runs(learner):
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    rows = slice(0, 60)
    for _ in range(20):
        trial = study.ask()
        suggested = type(learner).suggest(trial)
        assert configure(type(learner), options_of(suggested), "learner") == suggested
        assert set(trial.params) <= set(options_of(suggested))
        assert suggested.rule == "refit"
        small = replace(suggested, n_estimators=5)
        updated = small.update(small.fit(part(STAGE1, rows), 1), part(STAGE2, rows), 2)
        assert_probabilities(small.predict(updated, PROBES), len(PROBES), 4)


@every_learner
@pytest.mark.parametrize(
    "bad",
    [
        {"n_estimators": 0},
        {"n_estimators": "100"},
        {"n_estimators": 2.5},
        {"decay": 1.5},
        {"decay": -0.1},
        {"rule": "append"},
        {"depth": 3},
    ],
    ids=str,
)
def test_options_that_make_no_sense_are_refused(learner, bad):
    with pytest.raises(UsageError, match=next(iter(bad))):
        configure(type(learner), bad, f"learner {learner.info.name!r}")


@every_learner
@every_rule
def test_nothing_is_printed(learner, rule, capfd):
    learner = replace(learner, rule=rule)
    for stage1 in (STAGE1, part(STAGE1, [0])):
        state = learner.fit(stage1, 1)
        updated = learner.update(state, STAGE2, 2)
        facts(learner, updated)
    assert capfd.readouterr() == ("", "")
