"""The world of sets: statements name a number, and only what follows from it is asked."""

import numpy as np
import polars as pl
import pytest

from iml_general.api.peek import peek
from iml_general.errors import UsageError
from iml_general.measuring.measure import Setting, measure
from iml_general.options import configure
from iml_general.plugins import registry
from iml_general.protocol import BUILT_IN, INFORMATIVE, SHUFFLED, Episode, Protocol, Source, episodes_of
from iml_general.protocol.lies import Lies
from iml_general.seeds import Seed
from iml_general.worlds.sets import Sets

SOURCES = (Source("reliable", 1.0, 60, 20), Source("unreliable", 0.0, 60, 20), Source("neutral", stage2=4))
PROTOCOL = Protocol(sources=SOURCES, undefined=10, new_conflict=20, unseen=10)
NUMBER = 0


def drawn(index: int) -> Episode:
    seed = Seed(5, "confirm", "sets", index)
    return episodes_of(PROTOCOL, Sets(), seed, BUILT_IN)["informative"]


def answers_of(frame: pl.DataFrame) -> tuple[np.ndarray, ...]:
    return tuple(frame[name].to_numpy().astype(int) for name in ("alias", "question", "answer"))


@pytest.mark.parametrize("source", [Sets(), Sets(16, 4), Sets(4, 2), Sets(10, 30)])
def test_every_set_holds_half_of_the_numbers_and_no_two_numbers_lie_in_the_same(source: Sets) -> None:
    world = source.draw(400, np.random.default_rng(3))
    assert world.implied is not None
    lies_in = world.implied[:, 1:]
    assert (lies_in.sum(axis=0) * 2 == source.n_numbers).all()
    assert len(np.unique(lies_in, axis=0)) == source.n_numbers
    assert np.array_equal(world.answers, world.implied[world.answers[:, NUMBER]])


def test_another_seed_has_other_sets() -> None:
    first, second = (Sets().draw(9, np.random.default_rng(seed)).implied for seed in (1, 2))
    assert not np.array_equal(first, second)


@pytest.mark.parametrize("index", range(3))
def test_statements_name_numbers_and_questions_ask_about_sets(index: int) -> None:
    episode = drawn(index)
    frames = [*(rows for one in episode.stages for rows in (one.rows, one.twin) if rows is not None)]
    for rows in [*frames, episode.probes]:
        is_statement = (rows["kind"] == "statement").to_numpy()
        assert np.array_equal(rows["question"].to_numpy() == NUMBER, is_statement)
    told = frames[0].filter(kind="statement")
    assert told["alias"].is_unique().all()
    n_sets = Sets().n_sets
    asked = frames[0].filter(kind="question").group_by("alias").len()["len"]
    assert set(asked) == {n_sets - 1}  # all but the one that is held out


@pytest.mark.parametrize("index", range(3))
def test_sources_that_disagree_are_followed_only_where_it_matters(index: int) -> None:
    episode = drawn(index)
    implied = episode.world.implied
    assert implied is not None
    named = episode.probes.filter(group="new_conflict", kind="statement").select("tag", "alias", "answer")
    symbol = episode.symbols
    by_source = {
        source: dict(named.filter(pl.col("tag") == symbol[source]).select("alias", "answer").iter_rows())
        for source in ("reliable", "unreliable")
    }
    probes = episode.probes.filter(group="new_conflict", kind="question")
    for row in probes.iter_rows(named=True):
        reliable, unreliable = (
            implied[by_source[source][row["alias"]], row["question"]] for source in ("reliable", "unreliable")
        )
        said = (row["said_reliable"], row["said_unreliable"])
        assert said == ((reliable, unreliable) if reliable != unreliable else (None, None))
    disputed = probes.filter(pl.col("said_reliable").is_not_null())
    assert disputed["alias"].n_unique() == 20  # whichever numbers: some set tells them apart
    assert 0 < len(disputed) < len(probes)


def test_in_the_twin_what_follows_changes_places_too() -> None:
    episode = drawn(0)
    probes = episode.probes.filter(group="new_conflict", kind="question").sort("alias", "question")
    twin = episode.twin_probes.sort("alias", "question")
    assert probes["said_reliable"].equals(twin["said_unreliable"], check_names=False)
    assert probes["said_unreliable"].equals(twin["said_reliable"], check_names=False)


def test_lies_are_numbers_of_other_aliases() -> None:
    episode = drawn(1)
    rows = episode.stages[0].rows.filter(kind="statement", group="contradicted")
    alias, question, answer = answers_of(rows)
    truth = episode.world.answers[alias, question]
    assert np.array_equal(np.sort(answer), np.sort(truth))  # each is told once
    assert (answer != truth).mean() > 0.6  # 7 of 8 by chance


def test_a_learner_that_bridges_trusts_and_one_that_sees_no_tag_does_not() -> None:
    seeds = [Seed(5, "confirm", "sets", index) for index in range(2)]
    trust = {}
    for name in ("ideal-observer", "tag-blind", "nearest-neighbors"):
        scores = measure(
            registry.learner(name)(), Setting(Sets(), PROTOCOL), seeds, (INFORMATIVE, SHUFFLED)
        ).frame()
        after = scores.filter(pl.col("moment") != "stage1", probe="question", group="new_conflict")
        means = after.group_by("condition", "measure").agg(pl.col("value").mean())
        found = {(row["condition"], row["measure"]): row["value"] for row in means.iter_rows(named=True)}
        controlled = {
            source: found["informative", f"said_{source}"] - found["shuffled", f"said_{source}"]
            for source in ("reliable", "unreliable")
        }
        trust[name] = controlled["reliable"] - controlled["unreliable"]
    assert trust["ideal-observer"] > 0.9
    assert trust["tag-blind"] == 0
    assert abs(trust["nearest-neighbors"]) < 0.1


def test_peek_names_numbers_and_answers() -> None:
    rows = peek(world="sets")
    assert set(rows.filter(kind="statement")["question"]) == {"number"}
    assert set(rows.filter(kind="question")["answer"]) == {"no", "yes"}


@pytest.mark.parametrize("lies", ["shift", "opposite"])
def test_lies_that_would_have_to_be_inverted_are_refused(lies: Lies) -> None:
    protocol = Protocol(sources=SOURCES, lies=lies)
    with pytest.raises(UsageError, match=r"answers follow from the one to 'number'.*lies = 'another'"):
        episodes_of(protocol, Sets(), Seed(0, "confirm", "sets", 0), BUILT_IN)


def test_an_attack_is_refused() -> None:
    protocol = Protocol(sources=SOURCES, attack_share=0.5)
    with pytest.raises(
        UsageError, match=r"attack_share = 0\.5, but statements of this world answer 'number'"
    ):
        episodes_of(protocol, Sets(), Seed(0, "confirm", "sets", 0), BUILT_IN)


@pytest.mark.parametrize("options", [{"n_numbers": 7}, {"n_numbers": 10, "n_sets": 3}])
def test_numbers_that_sets_cannot_halve_or_tell_apart_are_refused(options: dict[str, int]) -> None:
    with pytest.raises(UsageError, match=r"world 'sets': n_numbers = .*write an even number up to"):
        configure(Sets, options, "world 'sets'")
