"""``iml peek``: the rows a learner sees, in words and as numbers."""

from __future__ import annotations

from typing import Any

import polars as pl
from rich.console import Console
from rich.text import Text

from iml_general.encoding import Encoder, Encoding
from iml_general.errors import UsageError, unknown
from iml_general.learner import Inputs
from iml_general.options import configure
from iml_general.plugins import registry
from iml_general.protocol import CONDITIONS, Episode, Protocol, draw_episodes
from iml_general.seeds import Seed
from iml_general.study.plan.overrides import Overrides, find_plan


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
    console.print(Text(source.describe()), soft_wrap=True)
    console.print(
        f"Seed {seed}, condition {condition}: the reliable tag is {episode.reliable_symbol}.", highlight=False
    )
    stages = {
        "Stage 1, learned from": episode.stage1,
        "Stage 2, learned from": episode.stage2,
        "Probes, asked after each stage": episode.probes.filter(pl.col("kind") == "question"),
    }
    for title, rows in stages.items():
        console.print(Text(f"\n{title}: {len(rows):,} rows", style="bold"))
        shown = rows.group_by("group", "kind", maintain_order=True).head(n_rows).sort("group", "kind")
        coded = zip(encoder.inputs(shown, "vectors"), encoder.inputs(shown, "tokens"), strict=True)
        for row, (vector, tokens) in zip(shown.iter_rows(named=True), coded, strict=True):
            console.print(Text(in_words(row, episode)), soft_wrap=True)
            numbers = in_numbers(vector, encoder.schema("vectors").columns)
            line = f"{'':16}{numbers} | tokens {' '.join(map(str, tokens))}"
            console.print(Text(line, style="dim"), soft_wrap=True)


def in_words(row: dict[str, Any], episode: Episode) -> str:
    """Say one row as a sentence.

    Args:
        row: One row of an episode, by column name.
        episode: Where it is from.

    Returns:
        One line: group, tag, alias, question, answer; and the true answer where that is another.
    """
    world = episode.world
    tag = "no tag" if row["tag"] == "none" else f"tag {row['tag']}"
    question, alias = row["question"], row["alias"]
    answers = world.answer_names[question]
    truth = int(world.answers[alias, question])
    note = "" if truth == row["answer"] else f" (in truth: {answers[truth]})"
    said = f"{world.alias_names[alias]}: {world.question_names[question]}? {answers[row['answer']]}"
    return f"{row['group']:<16}{tag:<8}{said}{note}"


def in_numbers(vector: Inputs, columns: tuple[str, ...]) -> str:
    """Write a vector down part by part.

    Args:
        vector: One row of vector inputs, shape (n_columns,).
        columns: What its columns mean, such as ``"alias[3]"``.

    Returns:
        The parts' names and values, bits without spaces.
    """
    parts: dict[str, list[float]] = {}
    for column, value in zip(columns, vector, strict=True):
        parts.setdefault(column.split("[")[0], []).append(float(value))
    texts = []
    for part, values in parts.items():
        are_bits = set(values) <= {0.0, 1.0}
        texts.append(f"{part} " + ("" if are_bits else " ").join(f"{value:.3g}" for value in values))
    return " ".join(texts)
