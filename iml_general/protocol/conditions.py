"""The episodes of one seed, one per condition, sharing all that METHOD section 3 wants shared."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from iml_general.protocol.episode import GROUPS, PROBE_SCHEMA, SYMBOLS, Episode, frame, rows
from iml_general.protocol.groups import Protocol, derangement
from iml_general.seeds import Seed
from iml_general.worlds.world import World, WorldSource

NONE, A, B, NEUTRAL = range(len(SYMBOLS))


@dataclass(frozen=True, eq=False)
class Split:
    """What every condition of one seed shares.

    Attributes:
        world: What is true.
        group: Index into `GROUPS` of every alias, shape (n_aliases,).
        held_out: The question of each alias that stage 1 never asks, shape (n_aliases,).
        speaks_of: The alias of whose answers each alias's stage-1 statements tell: itself where
            they are true, shape (n_aliases,).
        reliable: Index into `SYMBOLS` of the reliable tag.
        unreliable: Index into `SYMBOLS` of the unreliable tag.
        conflict: What the reliable and the unreliable tag say of each alias of new_conflict,
            int16 of shape (2, n_aliases, n_questions); only rows of that group are meant.
    """

    world: World
    group: NDArray[np.int64]
    held_out: NDArray[np.int64]
    speaks_of: NDArray[np.int64]
    reliable: int
    unreliable: int
    conflict: NDArray[np.int16]

    def members(self, *groups: str) -> NDArray[np.int64]:
        """Aliases of the given groups, ascending."""
        return np.flatnonzero(np.isin(self.group, [GROUPS.index(group) for group in groups]))


@lru_cache(maxsize=64)
def draw_episodes(protocol: Protocol, source: WorldSource, seed: Seed) -> dict[str, Episode]:
    """Draw the three episodes of one seed.

    Args:
        protocol: Group sizes and reliabilities.
        source: Draws the world.
        seed: The replicate.

    Returns:
        One episode per condition, by its name. Remembered, so treat it as read-only.

    Raises:
        UsageError: If the world can't give as many aliases as the groups need.
    """
    split = _draw_split(protocol, source, seed)
    tags = _informative_tags(split)
    shuffled = _shuffled_tags(split, seed.generator("shuffled"))
    stage2, probes = _stage2(split, seed), _probes(split)
    empty = frame([])
    stages = {
        "informative": _stage1(split, tags, seed),
        "shuffled": _stage1(split, shuffled, seed),
        "no_stage1": empty,
    }
    return {
        condition: Episode(seed, condition, split.world, SYMBOLS[split.reliable], stage1, stage2, probes)
        for condition, stage1 in stages.items()
    }


def _draw_split(protocol: Protocol, source: WorldSource, seed: Seed) -> Split:
    world = source.draw(protocol.n_aliases, seed.generator("world"))
    group = protocol.split(seed.generator("split"))
    # Counterbalance (METHOD section 3): the reliable symbol alternates with the seed.
    reliable, unreliable = (A, B) if seed.index % 2 == 0 else (B, A)
    speaks_of = np.arange(world.n_aliases)
    generator = seed.generator("statements")
    alphas = {"corroborated": protocol.alpha_reliable, "contradicted": protocol.alpha_unreliable}
    for name, alpha in alphas.items():
        members = np.flatnonzero(group == GROUPS.index(name))
        speaks_of[members] = _speaks_of(members, alpha, generator)
    return Split(
        world=world,
        group=group,
        held_out=seed.generator("held out").integers(world.n_questions, size=world.n_aliases),
        speaks_of=speaks_of,
        reliable=reliable,
        unreliable=unreliable,
        conflict=_conflict(world, group, seed.generator("conflict")),
    )


def _speaks_of(members: NDArray[np.int64], alpha: float, generator: np.random.Generator) -> NDArray[np.int64]:
    """Whose answers the statements about each member tell: its own with probability alpha."""
    result = members.copy()
    false = np.flatnonzero(generator.random(len(members)) >= alpha)
    if len(false) == 1:
        # Nobody to trade answers with: the lone false alias borrows those of a true one.
        others = np.delete(members, false)
        result[false] = generator.choice(others)
    elif len(false) > 1:
        result[false] = members[false][derangement(len(false), generator)]
    return result


def _conflict(world: World, group: NDArray[np.int64], generator: np.random.Generator) -> NDArray[np.int16]:
    """What the two tags say of each new_conflict alias: one the truth, the other never.

    Which of them says the truth is balanced over aliases, so truth tells nothing of the tag; a
    false answer follows its question's marginal, so it is as plausible as a true one.
    """
    members = np.flatnonzero(group == GROUPS.index("new_conflict"))
    false = world.answers.copy()
    for question, n_classes in enumerate(world.classes_per_question):
        weights = np.bincount(world.answers[:, question], minlength=n_classes).astype(float)
        others = np.tile(np.maximum(weights, 1e-12), (len(members), 1))
        others[np.arange(len(members)), world.answers[members, question]] = 0.0
        cumulative = np.cumsum(others, axis=1)
        draw = generator.random(len(members)) * cumulative[:, -1]
        false[members, question] = (cumulative <= draw[:, None]).sum(axis=1)
    reliable_is_true = np.zeros((world.n_aliases, 1), dtype=bool)
    reliable_is_true[members, 0] = generator.permutation(np.arange(len(members)) % 2 == 0)
    by_reliable = np.where(reliable_is_true, world.answers, false)
    return np.stack([by_reliable, np.where(reliable_is_true, false, world.answers)])


def _informative_tags(split: Split) -> NDArray[np.int64]:
    """Tag of each alias's stage-1 statements, index into `SYMBOLS`."""
    tags = np.full(split.world.n_aliases, NONE)
    tags[split.members("corroborated")] = split.reliable
    tags[split.members("contradicted")] = split.unreliable
    return tags


def _shuffled_tags(split: Split, generator: np.random.Generator) -> NDArray[np.int64]:
    """Permute the tags over corroborated and contradicted aliases, leaving no information in them.

    An unrestricted permutation leaves a little by chance (with 100 + 100 aliases the share of true
    statements under a tag has a standard deviation of 0.05). The permutation is therefore drawn
    among those under which both tags are true equally often, to within one alias.
    """
    spoken_of = split.members("corroborated", "contradicted")
    n_reliable = len(split.members("corroborated"))
    is_true = split.speaks_of[spoken_of] == spoken_of
    true, false = generator.permutation(spoken_of[is_true]), generator.permutation(spoken_of[~is_true])
    expected = n_reliable * len(true) / len(spoken_of)
    n_true = int(expected + generator.random())  # rounds up with probability equal to the fraction
    n_true = min(max(n_true, n_reliable - len(false)), len(true))
    tags = np.full(split.world.n_aliases, NONE)
    tags[spoken_of] = split.unreliable
    tags[true[:n_true]] = split.reliable
    tags[false[: n_reliable - n_true]] = split.reliable
    return tags


def _stage1(split: Split, tags: NDArray[np.int64], seed: Seed) -> pl.DataFrame:
    """Statements and question rows of stage 1, in an order that conditions share."""
    answers, group = split.world.answers, split.group
    told = split.members("corroborated", "contradicted")
    asked = split.members("corroborated", "contradicted", "undefined")
    not_held_out = np.arange(split.world.n_questions)[None, :] != split.held_out[asked][:, None]
    ordered = frame(
        [
            rows("statement", group[told], tags[told], told, answers[split.speaks_of[told]]),
            rows("question", group[asked], NONE, asked, answers[asked], not_held_out),
        ]
    )
    return ordered[seed.generator("order of stage 1").permutation(len(ordered))]


def _stage2(split: Split, seed: Seed) -> pl.DataFrame:
    """Statements about new aliases: true ones, and for new_conflict what each tag says."""
    ordered = frame(_new_statements(split))
    return ordered[seed.generator("order of stage 2").permutation(len(ordered))]


def _new_statements(split: Split) -> list[dict[str, NDArray[np.int64]]]:
    tags = {"new_reliable": split.reliable, "new_unreliable": split.unreliable, "new_neutral": NEUTRAL}
    parts = []
    for group, tag in tags.items():
        members = split.members(group)
        parts.append(rows("statement", split.group[members], tag, members, split.world.answers[members]))
    members = split.members("new_conflict")
    for tag, said in zip((split.reliable, split.unreliable), split.conflict, strict=True):
        parts.append(rows("statement", split.group[members], tag, members, said[members]))
    return parts


def _probes(split: Split) -> pl.DataFrame:
    """Question probes of every group, then the new groups' own statements."""
    answers, group = split.world.answers, split.group
    taught = split.members("corroborated", "contradicted", "undefined")
    held_out = np.arange(split.world.n_questions)[None, :] == split.held_out[taught][:, None]
    fresh = split.members("new_reliable", "new_unreliable", "new_neutral", "unseen")
    conflict = split.members("new_conflict")
    disputed = rows("question", group[conflict], NONE, conflict, answers[conflict])
    for name, said in zip(("said_reliable", "said_unreliable"), split.conflict, strict=True):
        disputed[name] = said[conflict].ravel().astype(np.int64)
    parts = [
        rows("question", group[taught], NONE, taught, answers[taught], held_out),
        rows("question", group[fresh], NONE, fresh, answers[fresh]),
        disputed,
        *_new_statements(split),
    ]
    return frame(parts, PROBE_SCHEMA)
