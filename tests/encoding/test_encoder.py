"""Encoded rows say what the rows say, under a schema that names every column."""

import numpy as np
import polars as pl
import pytest

from iml_general.encoding import Encoder, Encoding
from iml_general.learner import Form
from iml_general.protocol import GROUPS, Episode, Protocol, draw_episodes
from iml_general.seeds import Seed
from iml_general.worlds.statements import Statements

SEED = Seed(0, "confirm", "statements", 0)
FORMS: list[Form] = ["vectors", "tokens", "codes"]


@pytest.fixture(scope="module")
def episode() -> Episode:
    return draw_episodes(Protocol(), Statements(), SEED)["informative"]


def encoder(episode: Episode, **options: object) -> Encoder:
    return Encoder(Encoding(**options), episode.world, SEED)  # type: ignore[arg-type]


@pytest.mark.parametrize("form", FORMS)
def test_equal_rows_and_no_others_are_encoded_alike(episode: Episode, form: Form) -> None:
    rows = pl.concat([episode.stage1, episode.stage2]).select("tag", "alias", "question")
    inputs = encoder(episode).inputs(rows, form)
    assert len(np.unique(inputs, axis=0)) == len(rows.unique())


@pytest.mark.parametrize("form", FORMS)
def test_the_schema_names_every_column(episode: Episode, form: Form) -> None:
    coder = encoder(episode)
    schema, inputs = coder.schema(form), coder.inputs(episode.stage1, form)
    assert inputs.shape[1] == len(schema.columns) == len(set(schema.columns))
    assert [schema.columns[i].split("[")[0] for i in schema.tag_columns] == ["tag"] * len(schema.tag_columns)


def test_the_world_of_the_first_trials_has_41_columns(episode: Episode) -> None:
    schema = encoder(episode).schema("vectors")
    assert len(schema.columns) == 41
    assert schema.tag_columns == (32, 33, 34)


@pytest.mark.parametrize("tag", ["one-hot", "ordinal", "dense"])
def test_a_row_without_a_tag_has_zeros_for_it_and_tags_differ(episode: Episode, tag: str) -> None:
    coder = encoder(episode, tag=tag)
    rows = pl.concat([episode.stage1, episode.stage2])
    tags = coder.inputs(rows, "vectors")[:, list(coder.schema("vectors").tag_columns)]
    untagged = (rows["tag"] == "none").to_numpy()
    assert (tags[untagged] == 0).all()
    assert len(np.unique(tags, axis=0)) == 4


@pytest.mark.parametrize("form", FORMS)
def test_only_tag_columns_depend_on_the_tag(episode: Episode, form: Form) -> None:
    coder = encoder(episode)
    schema = coder.schema(form)
    statements = episode.stage2
    untagged = statements.with_columns(pl.lit("none").cast(statements["tag"].dtype).alias("tag"))
    changed = coder.inputs(statements, form) != coder.inputs(untagged, form)
    assert set(np.flatnonzero(changed.any(axis=0))) <= set(schema.tag_columns)
    assert changed.any(axis=1).all()


def test_tokens_of_tags_names_and_questions_are_disjoint_and_in_the_vocabulary(episode: Episode) -> None:
    coder = encoder(episode)
    tokens = coder.inputs(pl.concat([episode.stage1, episode.stage2]), "tokens")
    (vocabulary,) = coder.schema("tokens").n_values
    tag, name, question = set(tokens[:, 0]), set(tokens[:, 1:5].ravel()), set(tokens[:, 5])
    assert vocabulary == 4 + 16 + 6
    assert not tag & name
    assert not name & question
    assert not tag & question
    assert max(tag | name | question) < vocabulary


def test_another_encoding_seed_gives_other_codes_for_the_same_world(episode: Episode) -> None:
    rows = episode.stage1
    one, other = encoder(episode).inputs(rows, "vectors"), encoder(episode, seed=1).inputs(rows, "vectors")
    assert (one != other).any()
    assert (one == encoder(episode).inputs(rows, "vectors")).all()


def test_the_alias_code_tells_nothing_of_the_group() -> None:
    """Means of the bits over each group stay within noise of 1/2, over 20 seeds."""
    sums, counts = np.zeros(len(GROUPS)), np.zeros(len(GROUPS))
    for index in range(20):
        seed = Seed(0, "confirm", "statements", index)
        drawn = draw_episodes(Protocol(), Statements(), seed)["informative"]
        rows = drawn.probes.select("tag", "alias", "question", "group").unique("alias", maintain_order=True)
        bits = Encoder(Encoding(), drawn.world, seed).inputs(rows, "vectors")[:, :32]
        group = rows["group"].to_physical().to_numpy()
        sums += np.bincount(group, weights=bits.sum(axis=1), minlength=len(GROUPS))
        counts += np.bincount(group, minlength=len(GROUPS)) * 32
    deviations = np.abs(sums / counts - 0.5) / (0.5 / np.sqrt(counts))
    assert deviations.max() < 4  # standard errors


def test_batches_keep_the_order_and_the_answers_of_the_rows(episode: Episode) -> None:
    batch = encoder(episode).batch(episode.stage1, "codes")
    assert (batch.inputs[:, 1] == episode.stage1["alias"].to_numpy()).all()
    assert (batch.answers == episode.stage1["answer"].to_numpy()).all()
    assert batch.n_answers == 4
    assert len(batch + batch) == 2 * len(batch)
