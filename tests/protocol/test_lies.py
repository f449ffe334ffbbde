"""Lies of every kind: what is said of the aliases of stage 1 that are lied about."""

from typing import Any, get_args

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iml_general.errors import UsageError
from iml_general.protocol import (
    INFORMATIVE,
    SHUFFLED,
    Episode,
    configure_protocol,
    episodes_of,
    protocol_options,
)
from iml_general.protocol.lies import LIES, Lies, inverted, shifted
from iml_general.seeds import Seed
from iml_general.worlds.statements import Statements
from iml_general.worlds.table import Table

TOLD = {"stage1": 12, "stage2": 5}
SMALL: dict[str, Any] = {
    "sources": {"reliable": TOLD, "unreliable": TOLD, "neutral": {"stage2": 5}},
    **dict.fromkeys(("undefined", "new_conflict", "unseen"), 5),
}


def episodes(lies: str, index: int = 0, source: Any = None, **sources: Any) -> dict[str, Episode]:
    told = {name: {**TOLD, **more} for name, more in sources.items()}
    protocol = configure_protocol({**SMALL, "lies": lies, "sources": {**SMALL["sources"], **told}})
    seed = Seed(3, "confirm", "statements", index)
    return episodes_of(protocol, source or Statements(), seed, (INFORMATIVE, SHUFFLED))


def statements(episode: Episode, group: str) -> pl.DataFrame:
    """Statements of stage 1, each with the truth and its question's number of answers beside it."""
    rows = episode.stages[0].rows.filter(group=group, kind="statement")
    alias, question = rows["alias"].to_numpy(), rows["question"].to_numpy()
    world = episode.world
    return rows.with_columns(
        truth=pl.Series(world.answers[alias, question].astype(np.int64)),
        n=pl.Series(world.classes_per_question[question].astype(np.int64)),
    )


@given(index=st.integers(0, 30), n_answers=st.integers(2, 6))
def test_a_shifted_lie_is_the_answer_after_the_true_one(index: int, n_answers: int) -> None:
    lies = statements(
        episodes("shift", index, Statements(n_answers=n_answers))["informative"], "contradicted"
    )
    assert (lies["answer"] == (lies["truth"] + 1) % n_answers).all()


def test_every_question_of_a_table_is_shifted_within_its_own_answers() -> None:
    lies = statements(episodes("shift", source=Table())["informative"], "contradicted")
    assert lies["n"].n_unique() > 1
    assert (lies["answer"] == (lies["truth"] + 1) % lies["n"]).all()


@given(index=st.integers(0, 30))
def test_of_two_answers_the_opposite_is_told(index: int) -> None:
    drawn = episodes("opposite", index, Statements(n_answers=2))["informative"]
    lies, true = statements(drawn, "contradicted"), statements(drawn, "corroborated")
    assert (lies["answer"] == 1 - lies["truth"]).all()
    assert (true["answer"] == true["truth"]).all()


@pytest.mark.parametrize(
    ("source", "question"), [(Statements(), "'question 1' has 4"), (Table(), "'continent' has 6")]
)
def test_there_is_no_opposite_of_more_than_two_answers(source: Any, question: str) -> None:
    with pytest.raises(UsageError, match=f"needs questions of 2 answers, and {question}: ask") as told:
        episodes("opposite", source=source)
    assert "\n" not in str(told.value)


def test_other_lies_than_there_are_are_refused() -> None:
    with pytest.raises(
        UsageError, match=r"protocol: lies = 'oposite': Input should be 'another', 'opposite'"
    ):
        configure_protocol({"lies": "oposite"})
    assert tuple(LIES) == get_args(Lies)


@given(index=st.integers(0, 30), reliability=st.sampled_from([0.0, 0.3, 0.7]))
def test_under_graded_reliability_an_alias_is_lied_about_as_a_whole_or_not_at_all(
    index: int, reliability: float
) -> None:
    told = statements(
        episodes("shift", index, unreliable={"reliability": reliability})["informative"], "contradicted"
    )
    shift = told.select("alias", shift=(told["answer"].cast(pl.Int64) - told["truth"]) % 4)
    by_alias = shift.group_by("alias").agg(pl.col("shift").unique())
    assert set(by_alias["shift"].list.len()) == {1}
    assert set(by_alias["shift"].list.first()) <= ({0, 1} if reliability else {1})


def test_reliability_is_the_share_of_aliases_that_are_not_lied_about() -> None:
    n = 400
    drawn = episodes("opposite", 0, Statements(n_answers=2), unreliable={"reliability": 0.3, "stage1": n})
    told = statements(drawn["informative"], "contradicted")
    true = told.group_by("alias").agg((pl.col("answer") == pl.col("truth")).all())
    assert true["answer"].mean() == pytest.approx(0.3, abs=0.1)  # four standard deviations


@given(index=st.integers(0, 30), lies=st.sampled_from(["opposite", "shift"]))
def test_shuffled_has_the_same_rows_and_tags_that_are_true_equally_often(index: int, lies: str) -> None:
    drawn = episodes(lies, index, Statements(n_answers=2))
    informative, shuffled = (drawn[name].stages[0].rows for name in ("informative", "shuffled"))
    assert informative.drop("tag").equals(shuffled.drop("tag"))
    told = pl.concat([statements(drawn["shuffled"], group) for group in ("corroborated", "contradicted")])
    by_alias = told.group_by("tag", "alias").agg(true=(pl.col("answer") == pl.col("truth")).all())
    by_tag = by_alias.group_by("tag").agg(pl.col("true").sum(), pl.len().alias("n"))
    assert ((by_tag["true"] - by_tag["n"] / 2).abs() <= 1).all()


@given(index=st.integers(0, 30))
def test_how_lies_are_made_changes_nothing_but_lies(index: int) -> None:
    world = Statements(n_answers=2)
    another, opposite = (episodes(lies, index, world)["informative"] for lies in ("another", "opposite"))
    assert another.stages[1].rows.equals(opposite.stages[1].rows)
    assert another.probes.drop("inverse").equals(opposite.probes.drop("inverse"))
    one, other = (drawn.stages[0].rows for drawn in (another, opposite))
    differs = (one["answer"] != other["answer"]).to_numpy()
    assert one.drop("answer").equals(other.drop("answer"))
    assert set(one.filter(differs)["group"]) == {"contradicted"}


@pytest.mark.parametrize("source", [Statements(n_answers=5), Table()])
def test_the_inverse_of_the_truth_is_what_would_be_true_if_that_were_a_lie(source: Any) -> None:
    drawn = episodes("shift", source=source)["informative"]
    told = drawn.probes.filter(pl.col("inverse").is_not_null())
    assert set(told["group"]) == {"new_reliable", "new_unreliable", "new_neutral", "unseen"}
    assert set(told["kind"]) == {"question"}
    n = drawn.world.classes_per_question[told["question"].to_numpy()]
    assert ((told["inverse"].to_numpy().astype(int) + 1) % n == told["answer"].to_numpy()).all()


def test_nothing_follows_from_what_is_true_of_another_alias() -> None:
    probes = episodes("another")["informative"].probes
    assert probes["inverse"].null_count() == len(probes)


@given(n_classes=st.integers(1, 9), number=st.integers(0, 100))
def test_inverting_undoes_a_lie(n_classes: int, number: int) -> None:
    answers = np.random.default_rng(number).integers(n_classes, size=(4, 1), dtype=np.int16)
    classes = np.array([n_classes], dtype=np.int16)
    assert np.array_equal(inverted(shifted(answers, classes), classes), answers)


@pytest.mark.parametrize("lies", ["another", "opposite", "shift"])
def test_options_read_back_make_an_equal_protocol_and_the_usual_lies_go_without_saying(lies: str) -> None:
    protocol = configure_protocol({"lies": lies})
    assert configure_protocol(protocol_options(protocol)) == protocol
    assert ("lies" in protocol_options(protocol)) == (lies != "another")
