"""Rows as pixels: what shows the alias, the question and the tag, and what conditions have in common."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from iml_general.checks.subject import WORLDS
from iml_general.encoding import FORMS, Encoder, Encoding
from iml_general.encoding.pixels import question_markers, tag_patterns
from iml_general.errors import UsageError
from iml_general.learner import Batch
from iml_general.measuring.encoded import EncodedEpisode, encode_episodes
from iml_general.protocol import BUILT_IN, Episode, Protocol, Source, episodes_of
from iml_general.seeds import Seed
from iml_general.worlds.digits import Digits
from iml_general.worlds.statements import Statements

SEED = Seed(0, "confirm", "digits", 0)
SOURCES = (Source("reliable", 1.0, 12, 8), Source("unreliable", 0.0, 12, 8), Source("neutral", stage2=4))
PROTOCOL = Protocol(sources=SOURCES, undefined=4, new_conflict=6, unseen=4)
FRESH = Digits(handwriting="fresh")
PIXELS = ("pictures", "vectors")


@pytest.fixture(scope="module", params=[Digits(), FRESH], ids=["fixed", "fresh"])
def source(request: pytest.FixtureRequest) -> Digits:
    found: Digits = request.param
    return found


def encoded(source: Digits, form: str = "pictures") -> dict[str, EncodedEpisode]:
    return dict(encode_episodes(PROTOCOL, source, Encoding(), form, SEED, BUILT_IN))


def drawn(source: Digits) -> Episode:
    return episodes_of(PROTOCOL, source, SEED, BUILT_IN)["informative"]


def encoder(source: Digits, form: str = "pictures", **options: int) -> Encoder:
    return Encoder(Encoding(**options), form, 4, drawn(source).world, SEED)  # type: ignore[arg-type]


def untagged(batch: Batch) -> NDArray[np.float32]:
    return FORMS[batch.schema.form].untagged(batch.inputs, batch.schema)


def test_every_form_that_shows_pixels_shows_the_same() -> None:
    rows = drawn(FRESH).stages[0].rows
    pictures, vectors = (encoder(FRESH, form).batch(rows, "stage1") for form in PIXELS)
    assert pictures.inputs.shape == (len(rows), 16, 24)
    assert np.array_equal(pictures.inputs.reshape(len(rows), -1), vectors.inputs)
    for schema in (pictures.schema, vectors.schema):
        assert schema.picture == (16, 24)
        assert schema.columns[3 * 24 + 17] == "pixel[3,17]"
        assert len(set(schema.columns)) == 16 * 24


@pytest.mark.parametrize("form", PIXELS)
def test_tag_columns_are_all_that_the_tag_changes_and_white_without_one(source: Digits, form: str) -> None:
    coder = encoder(source, form)
    statements = drawn(source).stages[-1].rows
    questions = statements.with_columns(pl.lit("none").cast(statements["tag"].dtype).alias("tag"))
    batch, asked = coder.batch(statements, "stage2"), coder.batch(questions, "stage2")
    assert np.array_equal(untagged(batch), asked.inputs)
    flat, tags = asked.inputs.reshape(len(asked), -1), list(batch.schema.tag_columns)
    assert (flat[:, tags] == 0).all()
    changed = (batch.inputs.reshape(len(batch), -1) != flat).any(axis=0)
    assert set(np.flatnonzero(changed)) <= set(tags)
    assert len(np.unique(batch.inputs.reshape(len(batch), -1)[:, tags], axis=0)) == 3


def test_conditions_and_twins_show_the_very_same_pictures(source: Digits) -> None:
    episodes = encoded(source)
    informative, shuffled = (episodes[name].stages for name in ("informative", "shuffled"))
    assert not np.array_equal(informative[0].rows.inputs, shuffled[0].rows.inputs)  # the tags differ
    assert np.array_equal(untagged(informative[0].rows), untagged(shuffled[0].rows))
    assert np.array_equal(informative[0].rows.answers, shuffled[0].rows.answers)
    for name in ("shuffled", "no_stage1"):
        assert np.array_equal(informative[1].rows.inputs, episodes[name].stages[-1].rows.inputs)
    twin = informative[1].twin
    assert twin is not None
    assert np.array_equal(twin.inputs, informative[1].rows.inputs)
    assert not np.array_equal(twin.answers, informative[1].rows.answers)


def test_a_disputed_alias_is_asked_about_in_the_same_picture_in_both_twins(source: Digits) -> None:
    one = encoded(source)["informative"]
    place = one.probes.cells.index(("new_conflict", "question"))
    assert np.array_equal(one.twin_probes.inputs, one.probes.inputs[one.probes.cell == place])


def test_several_pictures_of_a_row_are_that_many_rows_with_the_same_answer() -> None:
    once = encoded(FRESH)["informative"]
    often = encoded(Digits(handwriting="fresh", pictures_per_row=3))["informative"]
    for first, stage in zip(once.stages, often.stages, strict=True):
        n = len(first.rows)
        assert np.array_equal(stage.rows.answers, np.tile(first.rows.answers, 3))
        assert np.array_equal(stage.rows.inputs[:n, 8:], stage.rows.inputs[n : 2 * n, 8:])  # the band
        assert (stage.rows.inputs[:n, :8] != stage.rows.inputs[n : 2 * n, :8]).any(axis=(1, 2)).mean() > 0.9
    assert often.stages[1].twin is not None
    assert len(often.stages[1].twin) == len(often.stages[1].rows)
    assert np.array_equal(often.probes.inputs, once.probes.inputs)
    codes = encoded(Digits(handwriting="fresh", pictures_per_row=3), "codes")["informative"]
    assert len(codes.stages[0].rows) == len(once.stages[0].rows)  # which look the same each time


def test_another_encoding_seed_draws_other_bands_under_the_same_pictures() -> None:
    rows = drawn(FRESH).probes
    one, other = encoder(FRESH).inputs(rows), encoder(FRESH, seed=1).inputs(rows)
    assert np.array_equal(one[:, :8], other[:, :8])
    assert not np.array_equal(one[:, 8:], other[:, 8:])


def test_no_question_and_no_tag_is_darker_than_another() -> None:
    generator = np.random.default_rng(3)
    for n, side in ((6, 4), (7, 3), (9, 2), (25, 1)):
        markers = question_markers(n, 12, generator)
        assert len(np.unique(markers, axis=0)) == n
        assert (markers.sum(axis=(1, 2)) == side**2).all()
    patterns = tag_patterns(5, 12, generator)
    assert len(np.unique(patterns, axis=0)) == 5
    assert (patterns.mean(axis=(1, 2)) == 0.5).all()
    with pytest.raises(UsageError, match="12 x 8 pixels are too few for 97 questions"):
        question_markers(97, 12, generator)
    with pytest.raises(UsageError, match="2 x 8 pixels are too few for 7 tags"):
        tag_patterns(7, 2, generator)


def test_ink_says_nothing_of_the_group() -> None:
    """Mean ink of each group's pictures and bands stays within noise of that of all, over 20 seeds."""
    means = []
    for index in range(20):
        seed = Seed(0, "confirm", "digits", index)
        episode = episodes_of(Protocol(), Digits(), seed, BUILT_IN)["informative"]
        rows = episode.probes.filter(kind="question").unique("alias", maintain_order=True)
        ink = Encoder(Encoding(), "vectors", 4, episode.world, seed).inputs(rows).mean(axis=1)
        by_group = pl.DataFrame({"group": rows["group"], "ink": ink - ink.mean()})
        means.append(by_group.group_by("group").agg(pl.col("ink").mean()))
    found = pl.concat(means).group_by("group").agg(z=pl.col("ink").mean() / pl.col("ink").std() * 20**0.5)
    assert found["z"].abs().max() < 4


def test_a_world_without_pictures_can_not_be_shown_in_any() -> None:
    world = Statements().draw(5, np.random.default_rng(0))
    with pytest.raises(UsageError, match="the world draws no pictures of aliases; choose another world"):
        Encoder(Encoding(), "pictures", 4, world, SEED)


def test_checks_have_a_world_for_every_form() -> None:
    assert {form for source in WORLDS for form in source.forms} == set(FORMS)
