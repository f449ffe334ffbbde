"""Each control does what a study relies on it to do, and the ideal observer does Bayes' sums right."""

import numpy as np
import polars as pl
import pytest

from iml_general.encoding import Encoding
from iml_general.learner import Batch, Schema
from iml_general.measuring.encoded import encode_episodes
from iml_general.measuring.measure import Setting, measure
from iml_general.protocol import Protocol
from iml_general.seeds import Seed
from iml_general.worlds.statements import Statements
from iml_general.worlds.table import Table
from learners.anchors.controls import Chance, IdealObserver, TagBlind
from learners.anchors.ideal_observer import LAPSE

N_SEEDS = 4
NEW = ("new_reliable", "new_unreliable", "new_conflict", "unseen")
SMALL = Protocol(
    corroborated=40, contradicted=40, undefined=10, new_reliable=30, new_unreliable=30, unseen=30
)
both_worlds = pytest.mark.parametrize("source", [Statements(), Table()], ids=["statements", "table"])


def codes(rows: list[tuple[int, int, int, int]]) -> Batch:
    """Rows of (tag, alias, question, answer) in a world of 8 aliases, 2 questions and 2 answers."""
    table = np.array(rows, dtype=np.int64).reshape(-1, 4)
    schema = Schema("codes", ("tag", "alias", "question"), (4, 8, 2), (0,))
    return Batch(table[:, :3], table[:, 3], 2, schema)


def all_true(tag: int, aliases: tuple[int, ...]) -> list[tuple[int, int, int, int]]:
    return [(t, a, q, a % 2) for a in aliases for q in (0, 1) for t in (0, tag)]


def all_false(tag: int, aliases: tuple[int, ...]) -> list[tuple[int, int, int, int]]:
    return [(t, a, q, (a + (t > 0)) % 2) for a in aliases for q in (0, 1) for t in (0, tag)]


def answer(batch: Batch, tag: int, alias: int, question: int) -> np.ndarray:
    observer = IdealObserver()
    return observer.predict(observer.fit(batch, 0), np.array([[tag, alias, question]]))[0]


def effects(learner, source, protocol: Protocol = SMALL) -> pl.DataFrame:
    """EM by new group, gap and conflict preference, one row per condition and seed."""
    seeds = [Seed(0, "confirm", source.name, index) for index in range(N_SEEDS)]
    rows = measure(learner, Setting(source, protocol), seeds).frame()
    after = rows.filter(pl.col("moment") == "stage2", pl.col("probe") == "question")
    wanted = after.filter(pl.col("group").is_in(NEW), pl.col("condition") != "no_stage1")
    em = wanted.pivot(on="group", index=["condition", "seed"], values="em")
    conflict = wanted.filter(pl.col("group") == "new_conflict")
    return em.join(
        conflict.select("condition", "seed", preference=pl.col("said_reliable") - pl.col("said_unreliable")),
        on=["condition", "seed"],
    ).with_columns(gap=pl.col("new_reliable") - pl.col("new_unreliable"))


def split(found: pl.DataFrame, column: str) -> tuple[np.ndarray, np.ndarray]:
    """Values by seed under informative and under shuffled."""
    by = [found.filter(pl.col("condition") == name).sort("seed") for name in ("informative", "shuffled")]
    assert all(len(rows) == N_SEEDS for rows in by)
    return by[0][column].to_numpy(), by[1][column].to_numpy()


# Aliases 0 to 2 under tag 1, 3 to 5 under tag 2, two questions of two answers. Every question's marginal
# is (1 + 3) / (2 + 6) = 1/2, so two matches make "true" four times as likely as "false": 4/5 at rho 1/2.
TRUSTED = all_true(1, (0, 1, 2)) + all_false(2, (3, 4, 5))


def test_reliabilities_are_those_computed_by_hand():
    state = IdealObserver().fit(codes(TRUSTED), 0)
    assert np.array_equal(state.marginals, np.full((2, 2), 0.5))
    # Bayes factor: B(1 + 2.4, 1 + 0.6) B(1, 1 + 3) / B(1 + 2.4, 1 + 3.6) = 3.5, above 3.
    np.testing.assert_allclose(state.reliability, [1, (1 + 2.4) / (2 + 3), 1 / (2 + 3), 1 / 2], atol=1e-5)


def test_tags_without_positive_evidence_that_they_differ_share_one_reliability():
    few = all_true(1, (0, 1)) + all_false(2, (2, 3))  # Bayes factor 2.0
    state = IdealObserver().fit(codes(few), 0)
    assert state.reliability[1] == state.reliability[2]
    np.testing.assert_allclose(state.reliability[1], (1 + 1.6) / (2 + 4), atol=1e-5)
    assert state.reliability[3] == 0.5


def test_a_statement_is_believed_as_far_as_its_tag_is_reliable():
    rows = codes([*TRUSTED, (1, 6, 0, 1), (2, 6, 1, 1), (3, 7, 0, 1)])
    # The class told has rho + (1 - rho) / 2 of the probability, as marginals are even.
    for tag, alias, question, rho in ((1, 6, 0, 0.68), (2, 6, 1, 0.2), (3, 7, 0, 0.5)):
        assert answer(rows, 0, alias, question)[1] == pytest.approx((1 + rho) / 2, abs=1e-5), tag


def test_in_a_conflict_the_odds_multiply():
    rows = codes([*TRUSTED, (1, 6, 0, 0), (2, 6, 0, 1)])
    says_0, says_1 = (0.84 * 0.40), (0.16 * 0.60)  # (1 + rho) / 2 and (1 - rho) / 2 of both tags
    assert answer(rows, 0, 6, 0)[0] == pytest.approx(says_0 / (says_0 + says_1), abs=1e-5)


def test_an_alias_question_rows_tell_whether_its_other_statements_are_true():
    corroborated = [(0, 6, 0, 0), (1, 6, 0, 0), (1, 6, 1, 0)]
    contradicted = [(0, 7, 0, 1), (1, 7, 0, 0), (1, 7, 1, 0)]
    rows = codes([*TRUSTED, *corroborated, *contradicted])
    # Tag 1: 2.4 + 2/3 + 0 of 5 aliases true; Bayes factor 2.2, so it shares tag 2's 0 of 3.
    rho = (1 + 2.4 + 2 / 3) / (2 + 8)
    trust = 2 * rho / (1 + rho)  # one match doubles the odds
    assert answer(rows, 0, 6, 1)[0] == pytest.approx((1 + trust) / 2, abs=1e-5)
    assert answer(rows, 0, 7, 1)[0] == pytest.approx(0.5, abs=10 * LAPSE)


def test_rows_seen_are_remembered_and_others_answered_as_their_question():
    rows = codes([*TRUSTED, (2, 6, 0, 1), (0, 7, 0, 1)])
    assert answer(rows, 0, 7, 0).tolist() == [0, 1]
    assert answer(rows, 2, 6, 0).tolist() == [0, 1]
    assert answer(rows, 1, 7, 0).tolist() == [0, 1]
    assert answer(rows, 1, 6, 0).tolist() == answer(rows, 0, 6, 0).tolist()


def test_without_a_statement_the_marginal_is_answered():
    rows = codes([(0, alias, 0, int(alias < 1)) for alias in range(4)])
    assert answer(rows, 0, 7, 0) == pytest.approx([4 / 6, 2 / 6])
    assert answer(codes([]), 1, 7, 0).tolist() == [0.5, 0.5]


def test_statements_learned_later_count_as_if_learned_at_once_and_test_no_tag():
    observer, later = IdealObserver(), codes([(1, 6, 0, 1), (2, 6, 0, 0)])
    first = observer.fit(codes(TRUSTED), 0)
    reliability = first.reliability.copy()
    updated, at_once = observer.update(first, later, 1), observer.fit(codes(TRUSTED) + later, 2)
    probes = np.array([[tag, alias, q] for tag in range(4) for alias in range(8) for q in range(2)])
    assert np.array_equal(observer.predict(updated, probes), observer.predict(at_once, probes))
    assert np.array_equal(updated.reliability, reliability)
    assert not np.array_equal(observer.predict(first, probes), observer.predict(updated, probes))


@both_worlds
def test_the_ideal_observer_shows_the_effect_on_every_seed(source):
    found = effects(IdealObserver(), source)
    gap, control_gap = split(found, "gap")
    # A city's commonest answers are right so often that disbelief costs less than in the other world.
    assert (gap - control_gap > {"statements": 0.5, "table": 0.3}[source.name]).all()
    preference, control_preference = split(found, "preference")
    assert (preference > 0.9).all()
    # Half of 300 or 400 answers to conflicts go either way: a standard deviation of 0.06.
    assert (np.abs(control_preference) < 0.2).all()


@both_worlds
def test_shuffled_tags_are_equally_reliable_to_the_last_bit(source):
    for index in range(N_SEEDS):
        seed = Seed(0, "confirm", source.name, index)
        episodes = encode_episodes(SMALL, source, Encoding(), "codes", seed)
        shuffled = IdealObserver().fit(episodes["shuffled"].stage1, 0).reliability
        informative = IdealObserver().fit(episodes["informative"].stage1, 0).reliability
        assert shuffled[1] == shuffled[2]
        assert sorted(informative[1:3])[0] < 0.1
        assert sorted(informative[1:3])[1] > 0.9


@both_worlds
def test_the_tag_blind_learner_internalises_but_shows_exactly_nothing(source):
    found = effects(TagBlind(), source)
    for column in ("gap", "preference"):
        informative, shuffled = split(found, column)
        assert np.array_equal(informative, shuffled)
    for group in ("new_reliable", "new_unreliable"):
        assert (found[group] - found["unseen"] > 0.2).all()


def test_the_tag_blind_learner_has_no_use_for_tag_columns():
    seed = Seed(0, "confirm", "statements", 0)
    episode = encode_episodes(SMALL, Statements(), Encoding(), "vectors", seed)["informative"]
    learner = TagBlind(n_estimators=5)
    state = learner.update(learner.fit(episode.stage1, 1), episode.stage2, 2)
    inputs = episode.probes.inputs.copy()
    before = learner.predict(state, inputs)
    inputs[:, list(episode.stage1.schema.tag_columns)] = 7
    assert np.array_equal(learner.predict(state, inputs), before)
    assert len(state.kept) == inputs.shape[1] - len(episode.stage1.schema.tag_columns)


def test_chance_spreads_probability_evenly_whatever_it_was_told():
    learner = Chance()
    state = learner.update(learner.fit(codes(TRUSTED), 0), codes([(1, 6, 0, 1)]), 0)
    assert learner.predict(state, np.array([[0, 6, 0], [1, 6, 0]])).tolist() == [[0.5, 0.5]] * 2
