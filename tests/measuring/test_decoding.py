"""Who spoke of an alias is decoded where a representation has it, and nowhere else."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import polars as pl
import pytest

from iml_general.errors import LearnerError
from iml_general.learner import Batch, Inputs, LearnerInfo, RepresentationLearner
from iml_general.measuring.decoding import FOLDS, decoded, folds
from iml_general.measuring.measure import Setting, measure
from iml_general.protocol import BUILT_IN, Protocol, Source, episodes_of
from iml_general.seeds import Seed
from iml_general.worlds.statements import Statements

SOURCES = (Source("reliable", 1.0, 30, 15), Source("unreliable", 0.0, 30, 12), Source("neutral", 0.5, 0, 10))
SMALL = Setting(Statements(), Protocol(sources=SOURCES, undefined=20, new_conflict=5, unseen=5))
SEEDS = [Seed(0, "confirm", "statements", index) for index in range(3)]


@dataclass(frozen=True)
class Remembers(RepresentationLearner[dict[int, int]]):
    """Represents an alias by the tag of the statements about it, if it is told to, and noise."""

    info: ClassVar = LearnerInfo("remembers", "toys", "Remembers tags.", "codes", ("append",))
    by_heart: bool = True
    is_sane: bool = True

    def fit(self, batch: Batch, seed: int) -> dict[int, int]:
        return {int(alias): int(tag) for tag, alias, _ in batch.inputs if tag}

    def update(self, state: dict[int, int], batch: Batch, seed: int) -> dict[int, int]:
        return state

    def predict(self, state: dict[int, int], inputs: Inputs):
        return np.full((len(inputs), 4), 0.25)

    def represent(self, state: dict[int, int], inputs: Inputs):
        noise = np.random.default_rng(5).standard_normal((10_000, 4))[inputs[:, 1]]
        tags = np.array([state.get(int(alias), 0) for alias in inputs[:, 1]])
        told = np.stack([tags == 1, tags == 2], axis=1) * float(self.by_heart)
        return np.concatenate([told, noise], axis=1) if self.is_sane else np.full((len(inputs), 2), np.nan)

    def layers(self, state: dict[int, int], inputs: Inputs):
        last = self.represent(state, inputs)
        return {"layer_1": last[:, 2:], "last_layer": last}


def read(learner: Remembers) -> pl.DataFrame:
    frame = measure(learner, SMALL, SEEDS, BUILT_IN, ("decoding",)).frame()
    return frame.filter(pl.col("measure").str.starts_with("decoded"))


def mean(rows: pl.DataFrame, **where: str) -> float:
    found = rows.filter(**where)["value"].mean()
    assert isinstance(found, float)
    return found


def test_a_tag_that_is_remembered_is_decoded_from_the_layer_that_has_it() -> None:
    rows = read(Remembers())
    assert set(rows["moment"]) == {"stage1"}
    assert set(rows["condition"]) == {"informative", "shuffled"}  # no_stage1 has nobody to be told by
    for condition in ("informative", "shuffled"):
        for task in ("told_by", "told"):
            where = {"condition": condition, "group": task}
            assert mean(rows, **where, measure="decoded", probe="last_layer") == 1.0
            assert mean(rows, **where, measure="decoded", probe="layer_1") < 0.75
            assert mean(rows, **where, measure="decoded_permuted", probe="last_layer") < 0.75
    assert set(rows.filter(group="told_by")["n"]) == {60}
    assert set(rows.filter(group="told")["n"]) == {80}


def test_a_tag_that_is_forgotten_is_not_decoded() -> None:
    rows = read(Remembers(by_heart=False))
    assert mean(rows, measure="decoded") == pytest.approx(0.5, abs=0.1)


def test_labels_are_the_tags_of_the_condition_not_the_groups() -> None:
    """Under shuffled a tag is no longer that of the group: only who remembers the tag itself is found out."""
    episodes = episodes_of(SMALL.protocol, SMALL.source, SEEDS[0], BUILT_IN)
    informative, shuffled = (
        episodes[name].stages[0].rows.filter(kind="statement").unique("alias").sort("alias")["tag"]
        for name in ("informative", "shuffled")
    )
    assert (informative != shuffled).any()
    assert mean(read(Remembers()), condition="shuffled", measure="decoded", probe="last_layer") == 1.0


def test_random_labels_are_decoded_at_chance() -> None:
    generator = np.random.default_rng(0)
    found = [
        decoded(generator.standard_normal((120, 30)), generator.permutation(np.arange(120) % 2), generator)
        for _ in range(40)
    ]
    assert np.mean(found) == pytest.approx(0.5, abs=0.03)  # four standard errors


def test_labels_of_unequal_number_are_decoded_at_chance_too() -> None:
    generator = np.random.default_rng(1)
    labels = np.repeat([0, 1], [100, 20])
    found = [
        decoded(generator.standard_normal((120, 10)), generator.permutation(labels), generator)
        for _ in range(40)
    ]
    assert np.mean(found) == pytest.approx(0.5, abs=0.04)


def test_folds_have_each_label_evenly() -> None:
    labels = np.repeat([0, 1, 2], [50, 20, 10])
    fold = folds(labels, np.random.default_rng(3))
    for label, number in zip((0, 1, 2), (10, 4, 2), strict=True):
        assert np.bincount(fold[labels == label], minlength=FOLDS).tolist() == [number] * FOLDS


def test_a_representation_without_numbers_is_refused_by_name() -> None:
    with pytest.raises(
        LearnerError, match=r"'remembers' .*layer 'last_layer' is not \d+ rows of finite numbers"
    ):
        read(Remembers(is_sane=False))
