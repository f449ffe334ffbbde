"""METHOD section 5a: the twin of stage 2 differs in who said what of new_conflict, and in nothing else."""

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from iml_general.protocol import BUILT_IN, Episode, Protocol, episodes_of
from iml_general.seeds import Seed
from iml_general.worlds.statements import Statements


def drawn(index: int, condition: str = "informative") -> Episode:
    seed = Seed(3, "confirm", "statements", index)
    return episodes_of(Protocol(), Statements(), seed, BUILT_IN)[condition]


def pairs(rows: pl.DataFrame, tag: str) -> pl.DataFrame:
    chosen = rows.filter((pl.col("group") == "new_conflict") & (pl.col("tag") == tag))
    return chosen.select("alias", "question", "answer").sort("alias", "question")


@given(index=st.integers(0, 40))
def test_for_every_question_the_two_answers_change_places_between_the_tags(index: int) -> None:
    episode = drawn(index)
    stage = episode.stages[-1]
    assert stage.twin is not None
    reliable, unreliable = (episode.symbols[name] for name in ("reliable", "unreliable"))
    assert pairs(stage.rows, reliable).equals(pairs(stage.twin, unreliable))
    assert pairs(stage.rows, unreliable).equals(pairs(stage.twin, reliable))


@given(index=st.integers(0, 40))
def test_order_tags_and_all_other_rows_are_as_drawn(index: int) -> None:
    stage = drawn(index).stages[-1]
    assert stage.twin is not None
    assert stage.rows.drop("answer").equals(stage.twin.drop("answer"))
    differs = (stage.rows["answer"] != stage.twin["answer"]).to_numpy()
    assert (differs == (stage.rows["group"] == "new_conflict").to_numpy()).all()


def test_stage_1_has_no_twin() -> None:
    assert drawn(0).stages[0].twin is None


@given(index=st.integers(0, 40))
def test_probes_of_the_twin_are_the_same_questions_with_what_was_said_there(index: int) -> None:
    episode = drawn(index)
    asked = episode.probes.filter((pl.col("group") == "new_conflict") & (pl.col("kind") == "question"))
    twin = episode.twin_probes
    assert asked.drop("said_reliable", "said_unreliable").equals(
        twin.drop("said_reliable", "said_unreliable")
    )
    assert np.array_equal(asked["said_reliable"], twin["said_unreliable"])
    assert np.array_equal(asked["said_unreliable"], twin["said_reliable"])
