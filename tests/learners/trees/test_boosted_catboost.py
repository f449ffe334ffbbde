import numpy as np
import pytest
from catboost import CatBoostClassifier
from scipy.special import softmax

from iml_general.errors import UsageError
from iml_general.learner import Batch, Schema
from iml_general.options import configure
from learners.trees.boosted_catboost import CatBoost

SCHEMA = Schema("vectors", tuple(f"x[{i}]" for i in range(8)), (), (0,))
ROUNDS = 6


def batch(n_rows: int, seed: int, classes: tuple[int, ...] = (0, 1, 2, 3)) -> Batch:
    generator = np.random.default_rng(seed)
    inputs = generator.integers(2, size=(n_rows, 8)).astype(np.float32)
    return Batch(inputs, generator.choice(classes, size=n_rows).astype(np.int64), 4, SCHEMA)


STAGE1, STAGE2, PROBES = batch(200, 0), batch(60, 1), batch(100, 2).inputs
LEARNER = CatBoost(n_estimators=ROUNDS, max_depth=3, learning_rate=0.5)
STATE = LEARNER.fit(STAGE1, 7)


@pytest.mark.parametrize("options", [{}, {"max_depth": 3, "learning_rate": 0.5, "reg_lambda": 1.0}], ids=str)
def test_predictions_equal_the_librarys_by_default_too(options):
    model = CatBoostClassifier(
        **options,
        n_estimators=ROUNDS,
        random_seed=7,
        thread_count=1,
        allow_writing_files=False,
        logging_level="Silent",
    ).fit(STAGE1.inputs, STAGE1.answers)
    learner = CatBoost(n_estimators=ROUNDS, **options)
    state = learner.fit(STAGE1, 7)
    assert state.model.learning_rate_ == model.learning_rate_
    assert np.array_equal(learner.predict(state, PROBES), model.predict_proba(PROBES))


def test_grow_keeps_the_old_trees_and_their_leaves_and_adds_as_many():
    old = LEARNER.represent(STATE, PROBES)
    grown = LEARNER.update(STATE, STAGE2, 8)
    both = LEARNER.represent(grown, PROBES)
    assert old.shape == (len(PROBES), ROUNDS * 4)
    assert both.shape == (len(PROBES), 2 * ROUNDS * 4)
    assert np.array_equal(both[:, : ROUNDS * 4], old)
    assert np.array_equal(LEARNER.represent(STATE, PROBES), old)


def test_grow_boosts_on_from_what_the_old_trees_answer():
    strong = CatBoost(n_estimators=60, max_depth=6, learning_rate=0.5)
    known = Batch(PROBES, np.arange(len(PROBES)) % 4, 4, SCHEMA)
    known = Batch(*(array[:40] for array in (known.inputs, known.answers)), 4, SCHEMA)
    rows, first = np.unique(known.inputs, axis=0, return_index=True)
    known = Batch(rows, known.answers[first], 4, SCHEMA)
    state = strong.fit(known, 1)
    one_more = CatBoost(n_estimators=1, learning_rate=0.5)
    added = one_more.represent(one_more.update(state, known, 2), known.inputs)[:, -4:]
    from_scratch = one_more.represent(one_more.fit(known, 2), known.inputs)
    assert np.abs(added).mean() < np.abs(from_scratch).mean() / 3


def test_the_prediction_is_the_softmax_of_the_summed_representation():
    values = LEARNER.represent(STATE, PROBES).reshape(len(PROBES), ROUNDS, 4).sum(axis=1)
    np.testing.assert_allclose(softmax(values, axis=1), LEARNER.predict(STATE, PROBES), atol=1e-9)


def test_updating_and_asking_leave_the_state_as_it_was():
    before = STATE.model.get_leaf_values().copy(), LEARNER.predict(STATE, PROBES)
    LEARNER.update(STATE, STAGE2, 8)
    assert np.array_equal(STATE.model.get_leaf_values(), before[0])
    assert np.array_equal(LEARNER.predict(STATE, PROBES), before[1])


def test_same_seed_same_answers_and_another_seed_others():
    def run(seed: int) -> np.ndarray:
        return LEARNER.predict(LEARNER.update(LEARNER.fit(STAGE1, seed), STAGE2, seed + 1), PROBES)

    assert np.array_equal(run(5), run(5))
    assert not np.array_equal(run(5), run(6))


@pytest.mark.parametrize(
    "rows",
    [
        batch(40, 3, classes=(1, 3)),
        batch(40, 3, classes=(3,)),
        batch(1, 3, classes=(3,)),
        Batch(np.zeros((4, 8), dtype=np.float32), np.array([0, 3, 3, 3]), 4, SCHEMA),
    ],
    ids=["two answers", "one answer", "one row", "rows alike"],
)
def test_rows_that_the_library_would_refuse_are_learned_in_either_stage(rows, capfd):
    p = LEARNER.predict(LEARNER.fit(rows, 1), rows.inputs)
    assert p.argmax(axis=1).mean() > 1.5
    absent = np.setdiff1d(np.arange(4), rows.answers)
    assert p[:, absent].max() < p[:, 3].mean()
    learned = LEARNER.update(LEARNER.fit(rows, 1), STAGE2, 2)
    assert (LEARNER.predict(learned, STAGE2.inputs).argmax(axis=1) == STAGE2.answers).mean() > 0.4
    after = LEARNER.predict(LEARNER.update(STATE, rows, 2), rows.inputs)
    assert after[:, 3].mean() > LEARNER.predict(STATE, rows.inputs)[:, 3].mean()
    assert capfd.readouterr() == ("", "")


def test_no_rows_answer_uniformly_and_change_nothing():
    none = batch(0, 0)
    assert LEARNER.predict(LEARNER.fit(none, 1), PROBES).tolist() == [[0.25] * 4] * len(PROBES)
    assert LEARNER.update(STATE, none, 1) is STATE


def test_affinity_is_the_share_of_rounds_in_which_both_rows_fall_in_one_leaf():
    questions = STAGE2.inputs.copy()
    questions[:, 0] = 1 - questions[:, 0]
    found = LEARNER.affinity(STATE, STAGE2.inputs, questions, STAGE2.answers)
    values = [LEARNER.represent(STATE, rows).reshape(-1, ROUNDS, 4) for rows in (STAGE2.inputs, questions)]
    expected = (values[0] == values[1]).all(axis=2).mean(axis=1)
    assert found.tolist() == expected.tolist()
    assert 0 < expected.mean() < 1


@pytest.mark.parametrize(
    "bad",
    [{"n_estimators": 0}, {"max_depth": 17}, {"learning_rate": 0.0}, {"rule": "refit"}, {"reg_lambda": -1.0}],
    ids=str,
)
def test_values_that_the_library_would_not_take_are_refused(bad):
    with pytest.raises(UsageError, match=next(iter(bad))):
        configure(CatBoost, bad, "learner 'catboost'")
