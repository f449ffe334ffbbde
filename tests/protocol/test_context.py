"""A statement beside its question: who gets one, what is right of it, and who then knows whom to trust."""

from typing import Any

import numpy as np
import polars as pl
import pytest

from iml_general.api.peek import peek
from iml_general.encoding import Encoder, Encoding
from iml_general.encoding.pictures import PictureForm
from iml_general.errors import UsageError
from iml_general.learner import Learner
from iml_general.measuring.measure import Setting, measure
from iml_general.protocol import (
    INFORMATIVE,
    SHUFFLED,
    Episode,
    configure_protocol,
    episodes_of,
    protocol_options,
)
from iml_general.seeds import Seed
from iml_general.worlds.digits import Digits
from iml_general.worlds.statements import Statements
from learners.controls.ideal_observer import IdealObserver
from learners.controls.tag_blind import TagBlind
from learners.trees.forest import ExtraTrees

TOLD = {"stage1": 40, "stage2": 15}
SMALL: dict[str, Any] = {
    "sources": {"reliable": TOLD, "unreliable": TOLD, "neutral": {"stage2": 10}},
    **dict.fromkeys(("undefined", "new_conflict", "unseen"), 10),
}
PROTOCOL = configure_protocol({**SMALL, "in_context": True})
SEED = Seed(0, "confirm", "statements", 0)
CELL = ["alias", "question"]


def episode(in_context: bool = True, condition: str = "informative") -> Episode:
    protocol = PROTOCOL if in_context else configure_protocol(SMALL)
    return episodes_of(protocol, Statements(), SEED, (INFORMATIVE, SHUFFLED))[condition]


@pytest.mark.parametrize("condition", ["informative", "shuffled"])
def test_stage_1_has_its_statements_once_more_beside_their_questions_but_those_held_out(
    condition: str,
) -> None:
    drawn = episode(condition=condition)
    rows = drawn.stages[0].rows
    beside = rows.filter(kind="in_context")
    told = rows.filter(kind="statement").select(*CELL, "tag", beside="answer")
    asked = rows.filter(kind="question").select(*CELL, "answer")
    expected = asked.join(told, on=CELL).sort(CELL)
    assert beside.sort(CELL).select(expected.columns).equals(expected)
    of_reliable = beside.filter(group="corroborated")
    assert (of_reliable["beside"] == of_reliable["answer"]).all()
    of_other = beside.filter(group="contradicted")
    assert 0.1 < (of_other["beside"] == of_other["answer"]).mean() < 0.5  # type: ignore[operator]


def test_new_statements_are_asked_beside_their_questions() -> None:
    probes = episode().probes
    asked, told = probes.filter(kind="in_context"), probes.filter(kind="statement")
    assert asked.select(*CELL, "tag", "group", "answer").equals(told.select(*CELL, "tag", "group", "answer"))
    assert asked["beside"].equals(told["answer"].alias("beside"))
    assert probes.filter(pl.col("kind") != "in_context")["beside"].null_count() == (len(probes) - len(asked))


def test_without_it_nothing_changes_and_nothing_is_said_of_it() -> None:
    plain, more = episode(in_context=False), episode()
    assert "beside" not in plain.stages[0].rows.columns
    assert "in_context" not in protocol_options(configure_protocol(SMALL))
    assert protocol_options(PROTOCOL)["in_context"] is True
    for kind in ("statement", "question"):
        kept = more.stages[0].rows.filter(kind=kind).drop("beside").sort(*CELL, "tag")
        assert kept.equals(plain.stages[0].rows.filter(kind=kind).sort(*CELL, "tag"))
    assert more.stages[1].rows.drop("beside").equals(plain.stages[1].rows)


@pytest.mark.parametrize("form", ["vectors", "tokens", "codes"])
def test_columns_that_are_added_hold_what_stands_beside_and_the_others_what_they_held(form: str) -> None:
    drawn = episode()
    rows = drawn.stages[0].rows
    n_symbols = len(PROTOCOL.symbols)
    usual = Encoder(Encoding(), form, n_symbols, drawn.world, SEED).inputs(rows.drop("beside"))
    encoder = Encoder(Encoding(), form, n_symbols, drawn.world, SEED, in_context=True)
    inputs = encoder.inputs(rows)
    added = [i for i, name in enumerate(encoder.schema.columns) if name.startswith("beside")]
    assert len(added) == (drawn.world.n_answers if form == "vectors" else 1)
    np.testing.assert_array_equal(np.delete(inputs, added, axis=1), usual)
    assert not set(added) & set(encoder.schema.tag_columns)
    said = rows["beside"].cast(pl.Int64).fill_null(-1).to_numpy()
    codes = [tuple(row) for row in inputs[:, added].tolist()]
    assert len(set(zip(said.tolist(), codes, strict=True))) == len(set(codes)) == 1 + drawn.world.n_answers


def trust_in_context(learner: Learner[Any], condition: str, moment: str = "stage1") -> float:
    seeds = [Seed(0, "confirm", "statements", index) for index in range(2)]
    rows = measure(learner, Setting(Statements(), PROTOCOL), seeds, (INFORMATIVE, SHUFFLED)).frame()
    found = rows.filter(measure="followed", probe="in_context", condition=condition, moment=moment)
    one, other = (found.filter(group=f"new_{who}")["value"].mean() for who in ("reliable", "unreliable"))
    return one - other  # type: ignore[operator, no-any-return]


def test_the_ideal_observer_knows_whom_to_trust_before_any_update() -> None:
    assert trust_in_context(IdealObserver(), "informative") > 0.5
    assert abs(trust_in_context(IdealObserver(), "shuffled")) < 0.2


def test_who_never_sees_a_tag_follows_alike_whatever_stage_1_told() -> None:
    assert trust_in_context(TagBlind(), "informative") == trust_in_context(TagBlind(), "shuffled")


def test_trees_that_only_grow_know_whom_to_trust() -> None:
    assert trust_in_context(ExtraTrees(n_estimators=30, rule="grow"), "informative") > 0.3


def test_pictures_do_not_show_it() -> None:
    world = Digits().draw(60, np.random.default_rng(0))
    with pytest.raises(UsageError, match="pictures don't show a statement beside a question"):
        Encoder(Encoding(), PictureForm.name, 4, world, SEED, in_context=True)


def test_it_is_seen_in_a_peek() -> None:
    frame = peek("quick", settings={"protocol.in_context": True})
    beside = frame.filter(kind="in_context")
    assert beside["beside"].null_count() == 0
    assert frame.filter(pl.col("kind") != "in_context")["beside"].null_count() == len(frame) - len(beside)
