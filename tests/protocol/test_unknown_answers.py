"""Worlds in which some answers are not known, and in which several are right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iml_general.measuring.measure import Setting, measure
from iml_general.measuring.pairs import Pairs
from iml_general.plugins import registry
from iml_general.protocol import BUILT_IN, Episode, Protocol, configure_protocol, episodes_of
from iml_general.protocol.lies import draw_statements
from iml_general.seeds import Seed
from iml_general.worlds.statements import Statements
from iml_general.worlds.world import UNKNOWN, World, WorldSource

TOLD = {"stage1": 14, "stage2": 8}
SMALL: dict[str, Any] = {
    "sources": {"reliable": TOLD, "unreliable": TOLD, "neutral": {"stage2": 5}},
    **dict.fromkeys(("undefined", "new_conflict", "unseen"), 8),
}


@dataclass(frozen=True)
class Gappy(WorldSource):
    """Uniform answers, a third of them unknown; of the others some have a second right answer."""

    name: ClassVar[str] = "gappy"
    summary: ClassVar[str] = "uniform answers with gaps"

    unknown: float = 0.35
    several: bool = False

    def draw(self, n_aliases: int, generator: np.random.Generator) -> World:
        full = Statements(n_questions=5).draw(n_aliases, generator)
        known = generator.random((n_aliases, 5)) >= self.unknown
        known[:, :2] |= known.sum(axis=1, keepdims=True) < 2
        answers = np.where(known, full.answers, UNKNOWN).astype(np.int16)
        right = answers[:, :, None] == np.arange(4)
        second = (answers + 1) % 4
        right |= (second[:, :, None] == np.arange(4)) & known[:, :, None] & (second[:, :, None] != 0)
        names = full.alias_names, full.question_names, full.answer_names
        return World(answers, *names, right if self.several else None)

    def describe(self) -> str:
        return "gaps"


def episodes(index: int, source: WorldSource, **options: Any) -> dict[str, Episode]:
    protocol = configure_protocol({**SMALL, **options})
    return episodes_of(protocol, source, Seed(5, "confirm", "gappy", index), BUILT_IN)


def pairs_of(frame: pl.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    return frame["alias"].to_numpy(), frame["question"].to_numpy()


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000), st.sampled_from(["another", "shift"]))
def test_nothing_unknown_is_asked_stated_or_probed(index: int, lies: str) -> None:
    for episode in episodes(index, Gappy(), lies=lies).values():
        frames = [stage.rows for stage in episode.stages]
        twins = [stage.twin for stage in episode.stages if stage.twin is not None]
        for frame in [*frames, *twins, episode.probes, episode.twin_probes]:
            assert episode.world.known[pairs_of(frame)].all()


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000))
def test_all_that_is_known_is_asked_stated_or_held_back(index: int) -> None:
    episode = episodes(index, Gappy())["informative"]
    known = episode.world.known.sum(axis=1)
    asked = episode.stages[0].rows.filter(kind="question", group="undefined")["alias"].value_counts()
    for alias, n in asked.iter_rows():
        assert n == known[alias] - 1
    held_out = episode.probes.filter(kind="question", group="undefined")
    assert held_out["alias"].is_unique().all()
    assert len(held_out) == 8
    for group, kind in [("new_reliable", "statement"), ("new_conflict", "question"), ("unseen", "question")]:
        probed = episode.probes.filter(kind=kind, group=group)["alias"].value_counts()
        assert dict(probed.iter_rows()) == {a: known[a] for a in probed["alias"]}


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10_000), st.integers(2, 12), st.floats(0, 0.8))
def test_lies_are_true_of_others_that_have_an_answer_and_keep_the_marginals(
    index: int, n: int, unknown: float
) -> None:
    generator = np.random.default_rng(index)
    world = Gappy(unknown).draw(2 * n, generator)
    # Every answer its own, so that it is seen whose was told.
    own = np.where(world.known, np.arange(2 * n)[:, None], UNKNOWN).astype(np.int16)
    names = tuple(tuple(map(str, range(2 * n))) for _ in range(5))
    world = World(own, world.alias_names, world.question_names, names)
    members = np.sort(generator.permutation(2 * n)[:n])
    is_true, said = draw_statements(world, members, 0.0, "another", generator)
    assert not is_true.any()
    for question in range(5):
        knows = world.known[members, question]
        told = said[:, question]
        assert (told[~knows] == UNKNOWN).all()
        if knows.sum() == 1:
            assert told[knows].tolist() == [UNKNOWN]
        else:
            assert sorted(told[knows]) == members[knows].tolist()  # each one's answer once
            assert (told[knows] != members[knows]).all()


def test_a_lone_lie_is_true_of_another_that_has_an_answer() -> None:
    answers = np.array([[0, 0], [1, UNKNOWN], [2, 2]], dtype=np.int16)
    world = World(answers, ("a", "b", "c"), ("p", "q"), (("0", "1", "2"),) * 2)
    lone = 0
    for seed in range(60):
        is_true, said = draw_statements(world, np.arange(3), 0.6, "another", np.random.default_rng(seed))
        if is_true.tolist() == [False, True, True]:
            lone += 1
            assert said[0, 0] in (1, 2)
            assert said[0, 1] == 2
    assert lone


def test_the_draw_of_a_complete_world_is_not_touched() -> None:
    complete, other = (
        episodes(3, source)["informative"] for source in (Gappy(0.0), Statements(n_questions=5))
    )
    assert complete.stages[0].rows.drop("answer").equals(other.stages[0].rows.drop("answer"))
    assert complete.probes["alias"].equals(other.probes["alias"])


def test_a_conflict_is_between_a_right_answer_and_a_wrong_one() -> None:
    wrong = set()
    for index in range(10):
        episode = episodes(index, Gappy(several=True))["informative"]
        disputed = episode.probes.filter(group="new_conflict", kind="question")
        right = episode.world.right_answers(*(array.astype(np.int64) for array in pairs_of(disputed)))
        rows = np.arange(len(disputed))
        are_right = [right[rows, disputed[f"said_{pole}"].to_numpy()] for pole in ("reliable", "unreliable")]
        assert (are_right[0] != are_right[1]).all()
        wrong |= {int(right.sum(axis=1).max())}
    assert wrong == {2}


def test_readings_are_paired_among_what_is_asked() -> None:
    for index in range(10):
        probes = episodes(index, Gappy())["informative"].probes
        chosen = Pairs.among(probes, np.random.default_rng(index))
        alias, question = pairs_of(probes)
        kind = probes["kind"].to_numpy()
        for (group, whose), places in chosen.questions.items():
            statements = chosen.statements[group]
            assert (kind[places] == "question").all()
            same_alias, same_question = (a[places] == a[statements] for a in (alias, question))
            assert (same_alias == (whose != "other_alias")).all()
            assert (same_question == (whose != "other_question")).all()
        assert ("new_reliable", "other_alias") in chosen.questions


@pytest.mark.parametrize("source", [Gappy(), Gappy(several=True)])
def test_the_controls_come_out_right(source: WorldSource) -> None:
    setting = Setting(source, Protocol())
    seeds = [Seed(1, "confirm", "gappy", index) for index in range(4)]
    trust = {}
    for name in ("ideal-observer", "tag-blind"):
        scores = measure(registry.learner(name)(), setting, seeds).frame().filter(group="new_conflict")
        means = scores.group_by("condition", "moment", "measure").agg(pl.col("value").mean())
        value = {tuple(row[:3]): row[3] for row in means.iter_rows()}
        of_condition = {
            condition: sum(
                sign * value[condition, moment, f"said_{pole}"] / 2
                for moment in ("stage2", "stage2_twin")
                for pole, sign in (("reliable", 1), ("unreliable", -1))
            )
            for condition in ("informative", "shuffled")
        }
        trust[name] = of_condition["informative"] - of_condition["shuffled"]
    assert trust["ideal-observer"] > 0.9
    assert trust["tag-blind"] == 0
