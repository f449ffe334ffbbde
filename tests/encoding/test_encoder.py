"""Encoded rows say what the rows say, under a schema that names every column."""

import numpy as np
import polars as pl
import pytest

from iml_general.encoding import FORMS, Encoder, Encoding
from iml_general.protocol import BUILT_IN, Episode, Protocol, episodes_of
from iml_general.seeds import Seed
from iml_general.worlds.statements import Statements

SEED = Seed(0, "confirm", "statements", 0)
OF_NAMES = [form for form in FORMS if form in Statements.forms]


@pytest.fixture(scope="module")
def episode() -> Episode:
    return episodes_of(Protocol(), Statements(), SEED, BUILT_IN)["informative"]


def encoder(episode: Episode, form: str = "vectors", **options: object) -> Encoder:
    return Encoder(Encoding(**options), form, 4, episode.world, SEED)  # type: ignore[arg-type]


def learned(episode: Episode) -> pl.DataFrame:
    return pl.concat([stage.rows for stage in episode.stages])


@pytest.mark.parametrize("form", OF_NAMES)
def test_equal_rows_and_no_others_are_encoded_alike(episode: Episode, form: str) -> None:
    rows = learned(episode).select("tag", "alias", "question")
    inputs = encoder(episode, form).inputs(rows)
    assert len(np.unique(inputs, axis=0)) == len(rows.unique())


@pytest.mark.parametrize("form", OF_NAMES)
def test_the_schema_names_every_column(episode: Episode, form: str) -> None:
    coder = encoder(episode, form)
    schema, inputs = coder.schema, coder.inputs(learned(episode))
    assert inputs.shape[1] == len(schema.columns) == len(set(schema.columns))
    assert [schema.columns[i].split("[")[0] for i in schema.tag_columns] == ["tag"] * len(schema.tag_columns)


def test_the_world_of_the_first_trials_has_41_columns(episode: Episode) -> None:
    schema = encoder(episode).schema
    assert len(schema.columns) == 41
    assert schema.tag_columns == (32, 33, 34)


@pytest.mark.parametrize("tag", ["one-hot", "ordinal", "dense"])
def test_a_row_without_a_tag_has_zeros_for_it_and_tags_differ(episode: Episode, tag: str) -> None:
    coder = encoder(episode, tag=tag)
    rows = learned(episode)
    tags = coder.inputs(rows)[:, list(coder.schema.tag_columns)]
    untagged = (rows["tag"] == "none").to_numpy()
    assert (tags[untagged] == 0).all()
    assert len(np.unique(tags, axis=0)) == 4


@pytest.mark.parametrize("form", OF_NAMES)
def test_only_tag_columns_depend_on_the_tag(episode: Episode, form: str) -> None:
    coder = encoder(episode, form)
    statements = episode.stages[-1].rows
    untagged = statements.with_columns(pl.lit("none").cast(statements["tag"].dtype).alias("tag"))
    changed = coder.inputs(statements) != coder.inputs(untagged)
    assert set(np.flatnonzero(changed.any(axis=0))) <= set(coder.schema.tag_columns)
    assert changed.any(axis=1).all()


@pytest.mark.parametrize("form", OF_NAMES)
def test_a_statement_without_its_tag_is_its_question(episode: Episode, form: str) -> None:
    coder = encoder(episode, form)
    statements = episode.stages[-1].rows
    questions = statements.with_columns(pl.lit("none").cast(statements["tag"].dtype).alias("tag"))
    inputs = coder.inputs(statements)
    bare = FORMS[form].untagged(inputs, coder.schema)
    assert (bare == coder.inputs(questions)).all()
    assert (inputs == coder.inputs(statements)).all()  # and what it was made from is as it was


def test_tokens_of_tags_names_and_questions_are_disjoint_and_in_the_vocabulary(episode: Episode) -> None:
    coder = encoder(episode, "tokens")
    tokens = coder.inputs(learned(episode))
    (vocabulary,) = coder.schema.n_values
    tag, name, question = set(tokens[:, 0]), set(tokens[:, 1:5].ravel()), set(tokens[:, 5])
    assert vocabulary == 4 + 16 + 6
    assert not tag & name
    assert not name & question
    assert not tag & question
    assert max(tag | name | question) < vocabulary


def test_another_encoding_seed_gives_other_codes_for_the_same_world(episode: Episode) -> None:
    rows = learned(episode)
    one, other = encoder(episode).inputs(rows), encoder(episode, seed=1).inputs(rows)
    assert (one != other).any()
    assert (one == encoder(episode).inputs(rows)).all()


def test_the_alias_code_tells_nothing_of_the_group() -> None:
    """Means of the bits over each group stay within noise of 1/2, over 20 seeds."""
    n_groups = len(Protocol().groups)
    sums, counts = np.zeros(n_groups), np.zeros(n_groups)
    for index in range(20):
        seed = Seed(0, "confirm", "statements", index)
        drawn = episodes_of(Protocol(), Statements(), seed, BUILT_IN)["informative"]
        rows = drawn.probes.select("tag", "alias", "question", "group").unique("alias", maintain_order=True)
        bits = Encoder(Encoding(), "vectors", 4, drawn.world, seed).inputs(rows)[:, :32]
        group = rows["group"].to_physical().to_numpy()
        sums += np.bincount(group, weights=bits.sum(axis=1), minlength=n_groups)
        counts += np.bincount(group, minlength=n_groups) * 32
    deviations = np.abs(sums / counts - 0.5) / (0.5 / np.sqrt(counts))
    assert deviations.max() < 4  # standard errors


def test_batches_keep_the_order_and_the_answers_of_the_rows(episode: Episode) -> None:
    rows = learned(episode)
    batch = encoder(episode, "codes").batch(rows)
    assert (batch.inputs[:, 1] == rows["alias"].to_numpy()).all()
    assert (batch.answers == rows["answer"].to_numpy()).all()
    assert batch.n_answers == 4
    assert len(batch + batch) == 2 * len(batch)
