"""A large world fits: rows are kept once, put together for one fit at a time, and not encoded for a check."""

import tracemalloc
import weakref
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
import optuna
import pytest

from iml_general.encoding import Encoder, Encoding
from iml_general.learner import Batch, Inputs, Learner, LearnerInfo, Probabilities
from iml_general.measuring.encoded import encode_episodes
from iml_general.measuring.measure import Setting, measure
from iml_general.protocol import BUILT_IN, Protocol, Source, episodes_of
from iml_general.seeds import Seed
from iml_general.study.estimate.size import size_of
from iml_general.study.plan.keys import check_plan
from iml_general.study.plan.resolve import resolve
from iml_general.study.work.remembered import forget
from iml_general.worlds.statements import Statements

SOURCES = (Source("reliable", 1.0, 30, 20), Source("unreliable", 0.0, 30, 20))
PROTOCOL = Protocol(sources=SOURCES, undefined=0, new_conflict=10, unseen=5)
SEED = Seed(0, "confirm", "statements", 0)
WIDE = Encoding(alias_width=512)


def test_encoded_rows_are_kept_once() -> None:
    episodes_of(PROTOCOL, Statements(), SEED, BUILT_IN)
    tracemalloc.start()
    try:
        encoded = encode_episodes(PROTOCOL, Statements(), WIDE, "vectors", SEED, BUILT_IN)
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        encode_episodes.cache_clear()
    stages = {id(stage): stage for one in encoded.values() for stage in one.stages}.values()
    probes = encoded["informative"].probes, encoded["informative"].twin_probes
    n_bytes = sum(stage.rows.inputs.nbytes for stage in stages) + sum(one.inputs.nbytes for one in probes)
    assert held < 1.2 * n_bytes


@dataclass(frozen=True)
class Witness(Learner[int]):
    """Notes which batches are still there while it is fitted to one."""

    info: ClassVar[LearnerInfo] = LearnerInfo(
        name="witness", family="toys", summary="For tests.", form="vectors", rules=("retrain",)
    )
    seen: ClassVar[list[weakref.ref[Batch]]] = []
    alive: ClassVar[list[int]] = []

    @classmethod
    def suggest(cls, trial: optuna.Trial) -> Self:
        return cls()

    def fit(self, batch: Batch, seed: int) -> int:
        self.seen.append(weakref.ref(batch))
        self.alive.append(sum(one() is not None for one in self.seen))
        return batch.n_answers

    def predict(self, state: int, inputs: Inputs) -> Probabilities:
        return np.full((len(inputs), state), 1 / state)


def test_rows_of_both_stages_are_put_together_for_one_fit_at_a_time() -> None:
    Witness.seen.clear()
    Witness.alive.clear()
    measure(Witness(), Setting(Statements(), PROTOCOL), [SEED])
    n_first = sum(one() is not None for one in Witness.seen)  # stages, which are remembered
    n_together = len(Witness.seen) - n_first
    assert n_together > 2
    assert Witness.alive[-n_together:] == [n_first + 1] * n_together


@pytest.fixture
def encoded_forms(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Forms of all rows that are encoded from here on."""
    forms: list[str] = []
    inputs = Encoder.inputs

    def noting(self: Encoder, *arguments: Any) -> Inputs:
        forms.append(self.schema.form)
        return inputs(self, *arguments)

    monkeypatch.setattr(Encoder, "inputs", noting)
    forget()
    return forms


def test_a_plan_is_checked_without_encoding_any_row_and_its_size_reckoned_by_numbers_alone(
    encoded_forms: list[str],
) -> None:
    root_seed = 4711  # nothing of it is remembered
    planned = resolve(check_plan({"name": "x", "seeds": 2, "root_seed": root_seed}, "test"))
    assert not encoded_forms
    sizes = {size_of(one, planned.conditions) for one in planned.entrants}
    assert set(encoded_forms) == {"codes"}
    assert len(sizes) == 1


@pytest.mark.parametrize("pictures_per_row", [1, 3])
def test_a_plan_is_reckoned_to_have_as_many_rows_as_are_encoded(pictures_per_row: int) -> None:
    world = {"name": "digits", "options": {"handwriting": "fresh", "pictures_per_row": pictures_per_row}}
    sources = {"reliable": {"stage1": 8, "stage2": 4}, "unreliable": {"stage1": 8, "stage2": 4}}
    sizes = {"undefined": 0, "new_conflict": 4, "unseen": 4, "sources": sources}
    planned = resolve(check_plan({"name": "x", "seeds": 2, "world": world, "protocol": sizes}, "test"))
    at = planned.entrants[0].setting
    assert planned.entrants[0].learner.info.form == "codes"
    blind = next(one for one in planned.entrants if one.learner.info.form == "vectors")
    seed = Seed(0, "confirm", "digits", 0)
    episodes = encode_episodes(at.protocol, at.source, at.encoding, "vectors", seed, planned.conditions)
    firsts = {id(one.stages[0]): len(one.stages[0].rows) for one in episodes.values()}
    assert size_of(blind, planned.conditions).first == sum(firsts.values())
