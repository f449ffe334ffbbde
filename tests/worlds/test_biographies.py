"""The world of biographies: statements say who an alias is, and what is known of that person is asked."""

import numpy as np
import polars as pl
import pytest

from iml_general.api.peek import peek
from iml_general.errors import UsageError
from iml_general.measuring.measure import Setting, measure
from iml_general.options import configure
from iml_general.plugins import registry
from iml_general.protocol import BUILT_IN, INFORMATIVE, SHUFFLED, Episode, Protocol, Source, episodes_of
from iml_general.seeds import Seed
from iml_general.worlds.biographies import Biographies

SOURCES = (Source("reliable", 1.0, 60, 20), Source("unreliable", 0.0, 60, 20), Source("neutral", stage2=4))
PROTOCOL = Protocol(sources=SOURCES, undefined=10, new_conflict=20, unseen=10)
NAME = 0


def drawn(index: int) -> Episode:
    seed = Seed(5, "confirm", "biographies", index)
    return episodes_of(PROTOCOL, Biographies(), seed, BUILT_IN)["informative"]


@pytest.mark.parametrize(
    "source", [Biographies(), Biographies(16, 2), Biographies(64, 3), Biographies(24, 6)]
)
def test_every_answer_is_true_of_a_quarter_of_the_people_and_no_two_are_alike(source: Biographies) -> None:
    world = source.draw(300, np.random.default_rng(3))
    assert world.implied is not None
    facts = world.implied[:, 1:]
    for column in facts.T:
        assert np.bincount(column).tolist() == [source.n_entities // 4] * 4
    assert len(np.unique(facts, axis=0)) == source.n_entities
    assert np.array_equal(world.answers, world.implied[world.answers[:, NAME]])


def test_another_seed_has_people_of_whom_other_things_are_true() -> None:
    first, second = (Biographies().draw(9, np.random.default_rng(seed)) for seed in (1, 2))
    assert not np.array_equal(first.implied, second.implied)
    assert first.answer_names == second.answer_names  # only what is true of them is drawn


def test_aliases_are_not_called_as_people_are() -> None:
    world = Biographies(256).draw(4000, np.random.default_rng(1))  # some would be, by chance
    assert len({*world.alias_names, *world.answer_names[NAME]}) == 4256


@pytest.mark.parametrize("index", range(2))
def test_aliases_are_defined_by_name_and_asked_for_facts(index: int) -> None:
    episode = drawn(index)
    for stage in episode.stages:
        for rows in (stage.rows, stage.twin if stage.twin is not None else stage.rows):
            of_aliases = rows.filter(pl.col("kind") != "fact")
            is_statement = (of_aliases["kind"] == "statement").to_numpy()
            assert np.array_equal(of_aliases["question"].to_numpy() == NAME, is_statement)
    lies = episode.stages[0].rows.filter(kind="statement", group="contradicted")
    truth = episode.world.answers[lies["alias"].to_numpy(), NAME]
    assert np.array_equal(np.sort(lies["answer"].to_numpy()), np.sort(truth))  # each is named once
    assert (lies["answer"].to_numpy() != truth).mean() > 0.6  # 15 of 16 by chance


def test_who_carries_names_over_to_facts_trusts_and_who_sees_no_tag_does_not() -> None:
    setting, seeds = (
        Setting(Biographies(), PROTOCOL),
        [Seed(5, "confirm", "biographies", i) for i in range(2)],
    )
    trust = {}
    for name in ("ideal-observer", "tag-blind"):
        scores = measure(registry.learner(name)(), setting, seeds, (INFORMATIVE, SHUFFLED)).frame()
        after = scores.filter(pl.col("moment") != "stage1", group="new_conflict")
        for probe in ("question", "attribution"):
            means = after.filter(probe=probe).group_by("condition", "measure").agg(pl.col("value").mean())
            found = {(row["condition"], row["measure"]): row["value"] for row in means.iter_rows(named=True)}
            trust[name, probe] = sum(
                sign * (found["informative", f"said_{source}"] - found["shuffled", f"said_{source}"])
                for source, sign in (("reliable", 1), ("unreliable", -1))
            )
    assert trust["ideal-observer", "question"] > 0.9
    assert trust["ideal-observer", "attribution"] > 0.9
    assert trust["tag-blind", "question"] == trust["tag-blind", "attribution"] == 0


def test_peek_names_people_in_facts_statements_and_questions() -> None:
    rows = peek(world="biographies", settings={"world.options.n_facts": 3})
    facts = rows.filter(kind="fact", stage="stage1")
    assert set(facts["question"]) == {"name", "home", "trade", "instrument"}
    assert facts.filter(question="name").select((pl.col("alias") == pl.col("answer")).all()).item()
    assert set(rows.filter(kind="statement")["answer"]) <= set(facts["alias"])
    asked = rows.filter(kind="attribution")
    assert set(asked["question"]) == {"name"}
    assert set(asked["answer"]) <= set(facts["alias"])


@pytest.mark.parametrize("options", [{"n_entities": 18}, {"n_entities": 20, "n_facts": 2}])
def test_people_that_facts_cannot_quarter_or_tell_apart_are_refused(options: dict[str, int]) -> None:
    with pytest.raises(UsageError, match=r"world 'biographies': n_entities = .*write a multiple of 4 up to"):
        configure(Biographies, options, "world 'biographies'")
