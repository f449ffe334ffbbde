"""What is read off a state before its update, beside which question, and what it says of the learner."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import polars as pl
import pytest

from iml_general.errors import LearnerError
from iml_general.learner import AffinityLearner, Batch, Inputs, LearnerInfo
from iml_general.measuring.encoded import encode_episodes
from iml_general.measuring.measure import Measurement, Setting, measure
from iml_general.measuring.pairs import OTHER_ALIAS, OTHER_QUESTION, OWN, PER_GROUP, Pairs
from iml_general.options import configure
from iml_general.plugins import registry
from iml_general.protocol import BUILT_IN, Protocol, Source, episodes_of
from iml_general.seeds import Seed
from iml_general.worlds.statements import Statements

TOYS = str(Path(__file__).parents[1] / "plugins" / "toys.py")
SOURCES = (Source("reliable", 1.0, 20, 15), Source("unreliable", 0.0, 20, 12), Source("neutral", 0.5, 0, 10))
SMALL = Setting(Statements(), Protocol(sources=SOURCES, undefined=8, new_conflict=5, unseen=5))
SEED = Seed(0, "confirm", "statements", 0)
CONDITIONS = BUILT_IN[:2]
READ = ("affinity", "influence", "step")


def read(learner: Any, *readings: str, setting: Setting = SMALL) -> pl.DataFrame:
    found: Measurement = measure(learner, setting, [SEED], CONDITIONS, readings)  # type: ignore[arg-type]
    return found.frame().filter(pl.col("measure").is_in(READ))


def learner(name: str, **options: object) -> Any:
    return configure(registry.learner(name), options, name)


@dataclass(frozen=True)
class Counts(AffinityLearner[int]):
    """Learns how many rows it was given; its affinity is what the statement says."""

    info: ClassVar = LearnerInfo("counts", "toys", "Counts rows.", "codes", ("continue",))
    result: float = 0.0

    @classmethod
    def suggest(cls, trial):
        return cls()

    def fit(self, batch: Batch, seed: int) -> int:
        return len(batch)

    def update(self, state: int, batch: Batch, seed: int) -> int:
        return state + len(batch)

    def predict(self, state: int, inputs: Inputs):
        return np.full((len(inputs), 4), 0.25)

    def affinity(self, state, statements, questions, answers):
        return answers + self.result

    def step_size(self, n_rows: int) -> float:
        return 2.0 * n_rows


def pairs_of(protocol: Protocol) -> tuple[pl.DataFrame, Pairs]:
    episode = episodes_of(protocol, Statements(), SEED, CONDITIONS)["informative"]
    return episode.probes, Pairs.among(episode.probes, np.random.default_rng(0))


def test_one_statement_about_each_new_alias_is_read_against_three_questions() -> None:
    probes, pairs = pairs_of(SMALL.protocol)
    sizes = {group: len(places) for group, places in pairs.statements.items()}
    assert sizes == {"new_reliable": 15, "new_unreliable": 12, "new_neutral": 10}
    for group, places in pairs.statements.items():
        said = probes[places]
        assert set(said["kind"]) == {"statement"}
        assert set(said["group"]) == {group}
        assert said["alias"].n_unique() == len(said)
        own, alias, question = (
            probes[pairs.questions[group, whose]] for whose in (OWN, OTHER_ALIAS, OTHER_QUESTION)
        )
        for asked in (own, alias, question):
            assert set(asked["kind"]) == {"question"}
            assert set(asked["group"]) == {group}
        assert own.select("alias", "question").equals(said.select("alias", "question"))
        assert (alias["alias"] != said["alias"]).all()
        assert alias["question"].equals(said["question"])
        assert question["alias"].equals(said["alias"])
        assert (question["question"] != said["question"]).all()


def test_of_a_large_group_some_aliases_are_read() -> None:
    many = tuple(Source(s.name, s.reliability, s.stage1, PER_GROUP + 30) for s in SOURCES)
    probes, pairs = pairs_of(Protocol(sources=many, undefined=2, new_conflict=2, unseen=2))
    assert {len(places) for places in pairs.statements.values()} == {PER_GROUP}
    assert probes[pairs.statements["new_reliable"]]["alias"].n_unique() == PER_GROUP


def test_all_conditions_are_read_at_the_same_statements() -> None:
    at = (SMALL.protocol, SMALL.source, SMALL.encoding)
    found = encode_episodes(*at, "codes", SEED, CONDITIONS)
    assert found["informative"].pairs() is found["shuffled"].pairs()


def test_what_is_not_asked_for_is_not_read() -> None:
    assert read(learner("extra-trees", n_estimators=3)).is_empty()
    assert set(read(learner("extra-trees", n_estimators=3), "affinity")["measure"]) == {"affinity", "step"}
    assert set(read(learner("extra-trees", n_estimators=3), "influence")["measure"]) == {"influence"}


def test_a_learner_without_affinity_is_tried_out_all_the_same() -> None:
    assert set(read(learner("naive-bayes"), "affinity", "influence")["measure"]) == {"influence"}


def test_readings_come_before_the_update_and_change_no_score() -> None:
    variants = [learner("extra-trees", n_estimators=5, rule=rule) for rule in ("refit", "grow", "retrain")]
    without = measure(variants, SMALL, [SEED], CONDITIONS).frame()
    found = measure(variants, SMALL, [SEED], CONDITIONS, ("affinity", "influence")).frame()
    rows = found.filter(pl.col("measure").is_in(READ))
    assert set(rows["moment"]) == {"stage1"}
    assert found.filter(~pl.col("measure").is_in(READ)).equals(without)


def test_affinity_is_averaged_over_the_pairs_of_each_group() -> None:
    probes, _ = pairs_of(SMALL.protocol)
    at = (SMALL.protocol, SMALL.source, SMALL.encoding)
    pairs = encode_episodes(*at, "codes", SEED, CONDITIONS)["informative"].pairs()
    rows = read(Counts(), "affinity").filter(measure="affinity", condition="informative", probe=OWN)
    found = {group: (value, n) for group, value, n in rows.select("group", "value", "n").iter_rows()}
    for group, places in pairs.statements.items():
        assert found[group] == (pytest.approx(probes[places]["answer"].mean()), len(places))


def test_the_step_is_of_the_rows_of_stage_2_and_1_for_retraining() -> None:
    (step,) = read(Counts(), "affinity").filter(measure="step", condition="informative")["value"]
    n_rows = 6 * (15 + 12 + 10 + 2 * 5)
    assert step == 2.0 * n_rows
    trees = [learner("extra-trees", n_estimators=3, rule=r, decay=0.3) for r in ("refit", "grow", "retrain")]
    rows = measure(trees, SMALL, [SEED], CONDITIONS, ("affinity",)).frame().filter(measure="step")
    steps = dict(rows.filter(condition="shuffled").select("rule", "value").iter_rows())
    assert steps == {"refit": pytest.approx(0.7), "grow": 0.0, "retrain": 1.0}


def test_nothing_can_be_tried_out_of_retraining() -> None:
    assert read(learner("extra-trees", n_estimators=3, rule="retrain"), "influence").is_empty()


def test_an_update_that_changes_nothing_has_no_influence() -> None:
    rows = read(Counts(), "influence")
    assert len(rows) == 2 * 3 * 3
    assert set(rows["value"]) == {0.0}


def test_the_influence_of_the_ideal_observer_is_its_belief_in_the_source() -> None:
    rows = read(learner("ideal-observer"), "influence")
    by_place: Mapping[Any, float] = {
        (condition, group, probe): value
        for condition, group, probe, value in rows.select("condition", "group", "probe", "value").iter_rows()
    }
    assert by_place["informative", "new_reliable", OWN] > by_place["informative", "new_unreliable", OWN] + 2
    shuffled = [by_place["shuffled", f"new_{source}", OWN] for source in ("reliable", "unreliable")]
    assert shuffled[0] == pytest.approx(shuffled[1], abs=0.5)
    assert by_place["informative", "new_reliable", OTHER_ALIAS] == pytest.approx(0.0, abs=0.05)
    assert by_place["informative", "new_reliable", OTHER_QUESTION] == pytest.approx(0.0, abs=0.05)


def test_an_affinity_that_is_no_number_is_the_learners_fault() -> None:
    with pytest.raises(LearnerError, match=r"'counts' \(continue\): affinity returned NaN or infinity"):
        read(Counts(result=float("nan")), "affinity")


def test_belief_is_the_probability_of_the_right_answer_and_is_there_when_asked_for() -> None:
    forest = learner("extra-trees", n_estimators=5)
    plain = measure(forest, SMALL, [SEED], CONDITIONS).frame()
    more = measure(forest, SMALL, [SEED], CONDITIONS, ("belief",)).frame()
    belief, brier = more.filter(measure="belief"), more.filter(measure="brier")
    assert more.filter(pl.col("measure") != "belief").equals(plain)
    assert set(belief["moment"]) == {"stage1", "stage2", "stage2_twin"}
    # A Brier score is at least (1 - p)^2, and so is its mean over probes.
    assert (brier["value"] >= (1 - belief["value"]) ** 2 - 1e-9).all()
    told = belief.filter(group="new_reliable", moment="stage2", condition="informative")
    assert (
        told.filter(probe="statement")["value"].item() > told.filter(probe="question")["value"].item() > 0.3
    )
