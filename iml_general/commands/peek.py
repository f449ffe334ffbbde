"""``iml peek``: the rows a learner sees, in words and as numbers."""

from __future__ import annotations

from typing import Any

import polars as pl
from rich.console import Console
from rich.text import Text

from iml_general import registry
from iml_general.encoding import Encoder, Encoding
from iml_general.errors import UsageError, unknown
from iml_general.learner import Inputs
from iml_general.options import configure
from iml_general.protocol import CONDITIONS, Episode, Protocol, draw_episodes
from iml_general.seeds import Seed
from iml_general.study.overrides import Overrides, find_plan

QUESTION_PROBES = pl.col("kind") == "question"


def peek_rows(preset: str, overrides: Overrides, seed: int, condition: str, n_rows: int) -> None:
    """Print some rows of every group in each stage, and what is asked afterwards.

    Args:
        preset: A preset's name or a plan file.
        overrides: What the command line changes in the plan.
        seed: Number of the confirmation seed.
        condition: Which condition's stage 1 to show.
        n_rows: Rows per group and kind.

    Raises:
        UsageError: If the plan, the world or the condition is not allowed.
    """
    if condition not in CONDITIONS:
        raise UsageError(unknown("condition", condition, CONDITIONS))
    plan = find_plan(preset, overrides)
    source = configure(registry.world(plan.world.name), plan.world.options, f"world {plan.world.name!r}")
    protocol = configure(Protocol, plan.protocol, "protocol")
    encoding = configure(Encoding, plan.encoding, "encoding")
    replicate = Seed(plan.root_seed, "confirm", source.name, seed)
    episode = draw_episodes(protocol, source, replicate)[condition]
    encoder = Encoder(encoding, episode.world, replicate)
    console = Console()
    console.print(
        f"World {source.name!r}, seed {seed}, condition {condition}; the reliable tag is"
        f" {episode.reliable_symbol}.",
        highlight=False,
    )
    stages = {
        "Stage 1, learned from": episode.stage1,
        "Stage 2, learned from": episode.stage2,
        "Probes, asked after each stage": episode.probes.filter(QUESTION_PROBES),
    }
    for title, rows in stages.items():
        console.print(Text(f"\n{title}: {len(rows):,} rows", style="bold"))
        shown = rows.group_by("group", "kind", maintain_order=True).head(n_rows).sort("group", "kind")
        for row, vector, tokens in zip(
            shown.iter_rows(named=True),
            encoder.inputs(shown, "vectors"),
            encoder.inputs(shown, "tokens"),
            strict=True,
        ):
            console.print(Text(in_words(row, episode)), soft_wrap=True)
            console.print(Text(f"{'':16}{_numbers(vector, tokens)}", style="dim"), soft_wrap=True)


def in_words(row: dict[str, Any], episode: Episode) -> str:
    """Say one row as a sentence.

    Args:
        row: One row of an episode, by column name.
        episode: Where it is from.

    Returns:
        One line: group, tag, alias, question, answer.
    """
    world = episode.world
    tag = "        " if row["tag"] == "none" else f"[tag {row['tag']}] "
    question = world.question_names[row["question"]]
    answer = world.answer_names[row["question"]][row["answer"]]
    return f"{row['group']:<16}{tag}{world.alias_names[row['alias']]}: {question}? {answer}"


def _numbers(vector: Inputs, tokens: Inputs) -> str:
    numbers = " ".join(f"{value:g}" if abs(value) in (0, 1) else f"{value:.2f}" for value in vector[:64])
    more = " ..." if len(vector) > 64 else ""
    return f"vector {numbers}{more} | tokens {' '.join(map(str, tokens))}"
