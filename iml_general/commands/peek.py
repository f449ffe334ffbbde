"""``iml peek``: the rows a learner sees, in words and as numbers."""

from __future__ import annotations

from typing import Any

import polars as pl
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from iml_general.commands.conflict import show_conflict
from iml_general.encoding import Encoder, Encoding
from iml_general.learner import Inputs
from iml_general.options import configure
from iml_general.plugins import registry
from iml_general.protocol import Episode, configure_protocol, episodes_of
from iml_general.seeds import Seed
from iml_general.study.plan.overrides import Overrides, find_plan


def peek_rows(preset: str, overrides: Overrides, seed: int, condition: str, n_rows: int) -> None:
    """Print some rows of every group in each stage, and what is asked afterwards.

    Args:
        preset: A preset's name or a plan file.
        overrides: What the command line changes in the plan.
        seed: Number of the confirmation seed.
        condition: Name of the condition whose stages to show.
        n_rows: Questions per group and kind; where two sources answer one, both answers are shown.

    Raises:
        UsageError: If the plan, the world or the condition is not allowed.
    """
    shown = registry.condition(condition)
    plan = find_plan(preset, overrides)
    source = configure(registry.world(plan.world.name), plan.world.options, f"world {plan.world.name!r}")
    protocol = configure_protocol(plan.protocol)
    encoding = configure(Encoding, plan.encoding, "encoding")
    replicate = Seed(plan.root_seed, "confirm", source.name, seed)
    episode = episodes_of(protocol, source, replicate, (shown,))[shown.name]
    encoders = {
        form: Encoder(encoding, form, len(protocol.symbols), episode.world, replicate)
        for form in source.forms
    }
    console = Console()
    console.print(Text(source.describe()), soft_wrap=not console.is_terminal)
    speakers = ", ".join(f"{name} under {symbol}" for name, symbol in episode.symbols.items())
    about = f"Seed {seed}, condition {shown.words}. Sources speak: {speakers}."
    console.print(Text(about), soft_wrap=not console.is_terminal)
    for stage in episode.stages:
        title = f"Learned in {stage.name}: {len(stage.rows):,} rows"
        if stage.twin is not None:
            title += "; in its twin the two sides of every conflict change places"
        _print(console, title, stage.rows, n_rows, episode, encoders)
    show_conflict(console, episode, n_rows)
    asked = episode.probes.filter(pl.col("kind") == "question")
    _print(console, f"Asked after each stage: {len(asked):,} rows", asked, n_rows, episode, encoders)


def _print(
    console: Console,
    title: str,
    rows: pl.DataFrame,
    n_rows: int,
    episode: Episode,
    encoders: dict[str, Encoder],
) -> None:
    console.print(Text(f"\n{title}", style="bold"), soft_wrap=not console.is_terminal)
    chosen = rows.group_by("group", "kind", maintain_order=True).agg(
        pl.struct("alias", "question").unique(maintain_order=True).head(n_rows).alias("pair")
    )
    pairs = chosen.explode("pair").unnest("pair")
    shown = pairs.join(rows, on=["group", "kind", "alias", "question"], maintain_order="left_right")
    shown = shown.sort("group", "kind", maintain_order=True)
    coded = {form: encoder.inputs(shown) for form, encoder in encoders.items()}
    for place, row in enumerate(shown.iter_rows(named=True)):
        console.print(Text(in_words(row, episode)), soft_wrap=not console.is_terminal)
        numbers = [
            f"{form}: {in_numbers(inputs[place], encoders[form].schema.columns)}"
            for form, inputs in coded.items()
        ]
        _print_numbers(console, numbers)


def _print_numbers(console: Console, numbers: list[str]) -> None:
    """All forms on a line, or each on its own where a terminal has no room: no code is broken."""
    line = f"{'':16}{' | '.join(numbers)}"
    if not console.is_terminal or len(line) <= console.width:
        console.print(Text(line, style="dim"), soft_wrap=True)
        return
    for one in numbers:
        console.print(Padding(Text(one, style="dim"), (0, 0, 0, 4)))


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


def in_numbers(row: Inputs, columns: tuple[str, ...]) -> str:
    """Write an encoded row down part by part.

    Args:
        row: Shape (n_columns,).
        columns: What its columns mean, such as ``"alias[3]"``.

    Returns:
        The parts' names and values, bits without spaces.
    """
    parts: dict[str, list[float]] = {}
    for column, value in zip(columns, row, strict=True):
        parts.setdefault(column.split("[")[0], []).append(float(value))
    texts = []
    for part, values in parts.items():
        are_bits = set(values) <= {0.0, 1.0}
        texts.append(f"{part} " + ("" if are_bits else " ").join(f"{value:.3g}" for value in values))
    return " ".join(texts)
