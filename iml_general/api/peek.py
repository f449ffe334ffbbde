"""The rows that a learner sees, in words, as a data frame."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from iml_general.options import configure
from iml_general.plugins import registry
from iml_general.protocol import Episode, configure_protocol, episodes_of
from iml_general.seeds import Seed
from iml_general.study.plan.keys import Plan
from iml_general.study.plan.overrides import Overrides, find_plan
from iml_general.worlds.world import World

ASKED = "asked"
"""What stands for the stage where rows are not learned but asked, after every stage."""


def peek(
    plan: str | Path | Mapping[str, Any] = "quick",
    *,
    world: str | None = None,
    seed: int = 0,
    condition: str = "informative",
    settings: Mapping[str, Any] | None = None,
) -> pl.DataFrame:
    """Look at all that a learner reads and is asked, in one condition of one seed.

    Args:
        plan: A preset's name, the path of a plan file, or a plan's keys and values.
        world: Name of the world.
        seed: Number of the confirmation seed.
        condition: Name of the condition.
        settings: Any other key of the plan, such as ``{"protocol.unseen": 50}``.

    Returns:
        One row per row, in the order in which they are learned: ``stage`` (``"asked"`` for what is asked
        after each stage), ``group``, ``kind``, ``tag`` (null if there is none), ``alias``, ``question``,
        ``answer`` and ``truth``, the true answer; all of them texts. Where statements stand beside
        questions there is ``beside``, what they say (null if there is none).

    Raises:
        UsageError: If the plan, the world or the condition is not allowed.
    """
    checked = find_plan(plan, Overrides(world=world, settings=dict(settings or {})))
    episode = episode_of(checked, seed, condition)
    frames = [(stage.name, stage.rows) for stage in episode.stages]
    return pl.concat(
        _in_words(name, rows, episode.world) for name, rows in [*frames, (ASKED, episode.probes)]
    )


def episode_of(plan: Plan, seed: int, condition: str) -> Episode:
    """Draw what a learner goes through.

    Args:
        plan: A checked plan.
        seed: Number of the confirmation seed.
        condition: Name of the condition.

    Returns:
        The episode.

    Raises:
        UsageError: If the plan's world or protocol is not allowed, or there is no such condition.
    """
    shown = registry.condition(condition)
    source = configure(registry.world(plan.world.name), plan.world.options, f"world {plan.world.name!r}")
    replicate = Seed(plan.root_seed, "confirm", source.name, seed)
    return episodes_of(configure_protocol(plan.protocol), source, replicate, (shown,))[shown.name]


def _in_words(stage: str, rows: pl.DataFrame, world: World) -> pl.DataFrame:
    """Name what rows hold as numbers."""
    alias, question, answer = (rows[name].to_numpy() for name in ("alias", "question", "answer"))
    truth = world.answers_of_all[alias, question]
    names = world.names_of_all
    tag = pl.col("tag").cast(pl.String())
    beside = [_beside(world, question, rows["beside"])] if "beside" in rows.columns else []
    return rows.select(
        pl.lit(stage).alias("stage"),
        pl.col("group", "kind").cast(pl.String()),
        pl.when(tag != "none").then(tag).alias("tag"),
        pl.Series("alias", [names[n] for n in alias]),
        pl.Series("question", [world.question_names[n] for n in question]),
        pl.Series("answer", _answers(world, question, answer)),
        pl.Series("truth", _answers(world, question, truth)),
        *beside,
    )


def _beside(world: World, questions: Any, said: pl.Series) -> pl.Series:
    names = [
        None if one is None else world.answer_names[question][one]
        for question, one in zip(questions, said, strict=True)
    ]
    return pl.Series("beside", names, dtype=pl.String())


def _answers(world: World, questions: Any, answers: Any) -> list[str]:
    return [world.answer_names[q][a] for q, a in zip(questions, answers, strict=True)]
