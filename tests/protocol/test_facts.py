"""Entities: stage 1 teaches facts about them, and learners are asked which of them an alias is."""

import numpy as np
import polars as pl
import pytest

from iml_general.encoding import Encoder, Encoding
from iml_general.encoding.text import sentence_of
from iml_general.errors import UsageError
from iml_general.measuring.encoded import encode_episodes
from iml_general.measuring.told import Told
from iml_general.protocol import BUILT_IN, Condition, Episode, Protocol, Source, episodes_of
from iml_general.protocol.facts import facts_of, groups_and_entities, who_is
from iml_general.protocol.facts_first import FACTS_FIRST, FACTS_FIRST_SHUFFLED
from iml_general.protocol.staging import THREE_STAGES
from iml_general.seeds import Seed
from iml_general.worlds.biographies import Biographies
from iml_general.worlds.sets import Sets
from iml_general.worlds.statements import Statements
from iml_general.worlds.world import World, WorldSource

SOURCES = (Source("reliable", 1.0, 6, 3), Source("unreliable", 0.0, 6, 3))
PROTOCOL = Protocol(sources=SOURCES, undefined=2, new_conflict=4, unseen=3)
SEED = Seed(5, "confirm", "any", 0)
N_ENTITIES, NAME = 8, 0
SMALL = Biographies(N_ENTITIES, 3)
BY_HAND = World(
    answers=np.array([[1, 0], [0, 1], [1, 0]], dtype=np.int16),
    alias_names=("x", "y", "z"),
    question_names=("name", "home"),
    answer_names=(("Ann", "Bob"), ("coast", "hills")),
    implied=np.array([[0, 1], [1, 0]], dtype=np.int16),
    entities=True,
)


def episode(condition: Condition = BUILT_IN[0], source: WorldSource = SMALL) -> Episode:
    return episodes_of(PROTOCOL, source, SEED, (condition,))[condition.name]


def test_all_that_is_implied_is_a_fact_that_no_tag_stands_before() -> None:
    (part,) = facts_of(BY_HAND, 7)
    assert part["alias"].tolist() == [3, 3, 4, 4]  # after the aliases
    assert part["question"].tolist() == [0, 1, 0, 1]
    assert part["answer"].tolist() == [0, 1, 1, 0]
    assert part["group"].tolist() == [7] * 4
    assert not part["tag"].any()
    assert BY_HAND.names_of_all == ("x", "y", "z", "Ann", "Bob")
    assert BY_HAND.answers_of_all[3:].tolist() == [[0, 1], [1, 0]]


def test_who_an_alias_is_is_asked_with_what_the_two_said() -> None:
    said = np.array([[[0, 1], [1, 0], [1, 0]], [[1, 0], [0, 1], [0, 1]]], dtype=np.int16)
    (part,) = who_is(BY_HAND, np.array([4, 5, 4]), np.array([0, 2]), said)
    assert part["alias"].tolist() == [0, 2]
    assert part["group"].tolist() == [4, 4]
    assert part["question"].tolist() == [0, 0]
    assert part["answer"].tolist() == [1, 1]
    assert part["said_reliable"].tolist() == [0, 1]
    assert part["said_unreliable"].tolist() == [1, 0]


@pytest.mark.parametrize("source", [Statements(), Sets()])
def test_where_nobody_is_an_entity_there_are_none(source: WorldSource) -> None:
    world = source.draw(5, np.random.default_rng(0))
    assert facts_of(world, 7) == who_is(world, np.zeros(5, dtype=np.int64), np.arange(5)) == []
    assert groups_and_entities(("a", "b"), world) == ("a", "b")
    kinds = {*episode(source=source).probes["kind"], *episode(source=source).stages[0].rows["kind"]}
    assert kinds == {"question", "statement"}


def test_facts_are_taught_once_in_stage_1_whatever_the_tags() -> None:
    episodes = episodes_of(PROTOCOL, SMALL, SEED, BUILT_IN)
    informative, shuffled = (
        episodes[name].stages[0].rows.filter(kind="fact") for name in ("informative", "shuffled")
    )
    assert informative.equals(shuffled)
    assert len(informative) == N_ENTITIES * 4
    assert set(informative["tag"]) == {"none"}
    assert set(informative["group"]) == {"entities"}
    assert "fact" not in set(episodes["informative"].stages[1].rows["kind"])
    assert "fact" not in set(episodes["no_stage1"].stages[0].rows["kind"])


def test_who_it_is_is_asked_of_new_and_unseen_aliases_and_never_taught() -> None:
    drawn = episode()
    asked = drawn.probes.filter(kind="attribution")
    assert dict(asked.group_by("group").len().cast({"group": pl.String}).iter_rows()) == {
        "new_reliable": 3,
        "new_unreliable": 3,
        "new_conflict": 4,
        "unseen": 3,
    }
    assert set(asked["question"]) == {NAME}
    told = pl.concat([stage.rows for stage in drawn.stages]).filter(pl.col("kind") != "fact")
    assert told.filter(question=NAME)["kind"].unique().to_list() == ["statement"]
    conflict = asked.filter(group="new_conflict").sort("alias")
    assert conflict.select((pl.col("said_reliable") != pl.col("said_unreliable")).all()).item()
    twin = drawn.twin_probes.filter(kind="attribution").sort("alias")
    assert conflict["said_reliable"].equals(twin["said_unreliable"], check_names=False)
    assert conflict["said_unreliable"].equals(twin["said_reliable"], check_names=False)


def test_probes_of_the_twin_have_the_inputs_of_their_own_kind() -> None:
    encoded = encode_episodes(PROTOCOL, SMALL, Encoding(), "codes", SEED, BUILT_IN)["informative"]
    twin = episode().twin_probes
    wanted = [np.zeros(len(twin)), twin["alias"].to_numpy(), twin["question"].to_numpy()]
    assert np.array_equal(encoded.twin_probes.inputs, np.stack(wanted, axis=1))


def test_three_stages_teach_facts_with_the_questions() -> None:
    first, second, _ = episode(THREE_STAGES).stages
    assert set(first.rows["kind"]) == {"statement"}
    assert set(second.rows["kind"]) == {"question", "fact"}


def test_facts_first_is_a_stage_that_conditions_share_and_that_stage_1_does_not_repeat() -> None:
    episodes = episodes_of(PROTOCOL, SMALL, SEED, (*BUILT_IN, FACTS_FIRST, FACTS_FIRST_SHUFFLED))
    one, control = (episodes[name].stages for name in ("facts_first", "facts_first_shuffled"))
    assert [stage.name for stage in one] == ["facts", "stage1", "stage2"]
    assert one[0] is control[0]
    assert one[2] is control[2] is episodes["informative"].stages[1]
    joint = episodes["informative"].stages[0].rows
    assert one[0].rows.equals(joint.filter(kind="fact"))
    assert one[1].rows.equals(joint.filter(pl.col("kind") != "fact"))
    assert set(one[1].rows["kind"]) == {"statement", "question"}


def test_facts_first_is_refused_where_there_are_no_facts() -> None:
    with pytest.raises(UsageError, match="'facts_first' and its control need a world that has entities"):
        episode(FACTS_FIRST, Sets())


def test_in_texts_an_entity_is_called_the_same_as_answer_and_as_what_is_asked_about() -> None:
    drawn = episode()
    encoder = Encoder(Encoding(), "text", len(PROTOCOL.symbols), drawn.world, SEED)
    facts = drawn.stages[0].rows.filter(kind="fact", question=NAME)
    schema = encoder.schema
    for row, answer in zip(encoder.inputs(facts), facts["answer"], strict=True):
        sentence, _ = sentence_of(row, schema)
        said = "".join(schema.pieces[row[column]] for column in schema.answer_columns[answer])
        assert sentence == f"the name of{said} is"


@pytest.mark.parametrize("form", ["vectors", "tokens", "codes"])
def test_every_entity_has_a_code_of_its_own(form: str) -> None:
    drawn = episode()
    encoder = Encoder(Encoding(), form, len(PROTOCOL.symbols), drawn.world, SEED)
    n = drawn.world.n_aliases + N_ENTITIES
    rows = pl.DataFrame({"tag": pl.Series(["none"] * n, dtype=pl.Enum(PROTOCOL.symbols)), "alias": range(n)})
    assert len(np.unique(encoder.inputs(rows.with_columns(question=0)), axis=0)) == n


def test_who_spoke_is_decoded_of_aliases_and_not_of_entities() -> None:
    drawn = episode()
    encoder = Encoder(Encoding(), "codes", len(PROTOCOL.symbols), drawn.world, SEED)
    asked = Told.of(drawn.stages[0], encoder).inputs
    assert asked[:, 1].max() < drawn.world.n_aliases
    assert NAME in asked[:, 2]  # statements answer it
    nobody = Told.of(episode(FACTS_FIRST).stages[0], encoder)
    assert nobody.tasks() == {}
