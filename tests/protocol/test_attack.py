"""An attack in stage 2: who lies about what, what stays as it was, and who is asked about it."""

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iml_general.errors import UsageError
from iml_general.protocol import Condition, Episode, configure_protocol, episodes_of, protocol_options
from iml_general.protocol.conditions import ATTACKED, ATTACKED_SHUFFLED, INFORMATIVE, SHUFFLED
from iml_general.seeds import Seed
from iml_general.worlds.kinds import Kinds
from iml_general.worlds.table import Table

TOLD = {"stage1": 12, "stage2": 10}
SMALL: dict[str, Any] = {
    "sources": {"reliable": TOLD, "unreliable": TOLD, "neutral": {"stage2": 10}},
    **dict.fromkeys(("undefined", "new_conflict", "unseen"), 8),
}
NEW = ("new_reliable", "new_unreliable", "new_neutral")
ALL = (INFORMATIVE, SHUFFLED, ATTACKED, ATTACKED_SHUFFLED)
CELL = ["alias", "question"]


def episodes(
    index: int = 0, source: Any = None, conditions: tuple[Condition, ...] = ALL, **attack: Any
) -> dict[str, Episode]:
    protocol = configure_protocol({**SMALL, **{f"attack_{key}": value for key, value in attack.items()}})
    seed = Seed(3, "confirm", "kinds", index)
    return episodes_of(protocol, source or Kinds(), seed, conditions)


def with_truth(rows: pl.DataFrame, episode: Episode) -> pl.DataFrame:
    truth = episode.world.answers[rows["alias"].to_numpy(), rows["question"].to_numpy()]
    return rows.with_columns(truth=pl.Series(truth.astype(np.int64)))


@given(index=st.integers(0, 20), n_lies=st.integers(1, 7), repeats=st.integers(1, 4))
def test_each_new_alias_is_lied_about_alike_and_lies_are_repeated(
    index: int, n_lies: int, repeats: int
) -> None:
    episode = episodes(index, share=n_lies / 8, repeats=repeats)["attacked"]
    said = with_truth(episode.stages[1].rows, episode).filter(pl.col("group").is_in(NEW))
    lies = said.filter(pl.col("answer") != pl.col("truth"))
    assert set(lies.group_by("alias").agg(pl.col("question").n_unique())["question"]) == {n_lies}
    assert set(lies.group_by(CELL).len()["len"]) == {repeats}
    assert lies.group_by(CELL).agg(pl.col("answer").n_unique())["answer"].max() == 1
    assert set(said.filter(pl.col("answer") == pl.col("truth")).group_by(CELL).len()["len"]) <= {1}
    assert said.group_by("alias").agg(pl.col("question").n_unique())["question"].min() == 8


def test_probes_say_what_was_lied_about_and_ask_unseen_aliases_the_like() -> None:
    episode = episodes(share=0.25)["attacked"]
    said = with_truth(episode.stages[1].rows, episode).filter(pl.col("answer") != pl.col("truth"))
    asked = episode.probes.filter(pl.col("lie").is_not_null())
    told = asked.filter(pl.col("group").is_in(NEW)).sort(CELL)
    lies = said.filter(pl.col("group").is_in(NEW)).sort(CELL)
    assert told.select(*CELL, "lie").rows() == lies.select(*CELL, "answer").rows()
    assert (asked["lie"] != asked["answer"]).all()
    assert asked.filter(group="unseen").height == 8 * 2
    assert asked.filter(kind="statement").is_empty()


def test_without_an_attack_nothing_is_drawn_that_was_not_drawn_before() -> None:
    quiet, attacked = episodes(conditions=(INFORMATIVE,))["informative"], episodes(share=0.25)["informative"]
    assert quiet.probes["lie"].null_count() == len(quiet.probes)
    for before, after in zip(quiet.stages, attacked.stages, strict=True):
        assert before.rows.equals(after.rows)
    where = [*CELL, "kind", "tag"]
    assert quiet.probes.drop("lie").sort(where).equals(attacked.probes.drop("lie").sort(where))


def test_stage_1_and_what_two_sources_dispute_are_not_attacked() -> None:
    found = episodes(share=0.5, repeats=3)
    assert found["attacked"].stages[0] is found["informative"].stages[0]
    assert found["attacked_shuffled"].stages[0] is found["shuffled"].stages[0]
    assert found["attacked"].stages[1] is found["attacked_shuffled"].stages[1]
    where = [*CELL, "tag"]
    before, after = (
        found[name].stages[1].rows.filter(group="new_conflict").sort(where)
        for name in ("informative", "attacked")
    )
    assert before.equals(after)


def test_the_twin_of_an_attack_differs_in_what_is_disputed_alone() -> None:
    stage = episodes(share=0.5, repeats=2)["attacked"].stages[1]
    assert stage.twin is not None
    differ = stage.rows["answer"] != stage.twin["answer"]
    assert stage.rows.drop("answer").equals(stage.twin.drop("answer"))
    assert set(stage.rows.filter(differ)["group"]) == {"new_conflict"}


def test_lies_stay_within_a_questions_own_answers() -> None:
    episode = episodes(share=0.25, source=Table())["attacked"]
    asked = episode.probes.filter(pl.col("lie").is_not_null())
    n_classes = episode.world.classes_per_question[asked["question"].to_numpy()]
    assert (asked["lie"].to_numpy() < n_classes).all()


def test_a_share_that_makes_no_lie_is_refused() -> None:
    with pytest.raises(UsageError, match=r"attack_share = 0.05 of 8 questions is not one lie.*0.12"):
        episodes(share=0.05)
    with pytest.raises(UsageError, match=r"nobody lies under the condition 'attacked'.*attack_share=0.25"):
        episodes(share=0.0)


def test_an_attack_is_read_back_and_no_attack_goes_without_saying() -> None:
    protocol = configure_protocol({"attack_share": 0.25, "attack_repeats": 3})
    assert configure_protocol(protocol_options(protocol)) == protocol
    assert not [key for key in protocol_options(configure_protocol({})) if key.startswith("attack")]
