"""``iml peek``: the rows a learner sees, in words and as numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from iml_general.api.seen import Part, Seen, look
from iml_general.commands.blocks import in_characters
from iml_general.commands.conflict import show_conflict
from iml_general.encoding.text import sentence_of
from iml_general.learner import Inputs, Schema
from iml_general.options import configure
from iml_general.plugins import registry
from iml_general.protocol import Episode
from iml_general.study.plan.overrides import Overrides, find_plan

INDENT = 16


def peek_rows(
    preset: str, overrides: Overrides, seed: int, condition: str, n_rows: int, picture: Path | None = None
) -> None:
    """Print some rows of every group in each stage, and what is asked afterwards.

    Args:
        preset: A preset's name or a plan file.
        overrides: What the command line changes in the plan.
        seed: Number of the confirmation seed.
        condition: Name of the condition whose stages to show.
        n_rows: Questions per group and kind; where two sources answer one, both answers are shown.
        picture: Where to draw the same rows, if they are pictures.

    Raises:
        UsageError: If the plan, the world or the condition is not allowed, or nothing can be drawn.
    """
    shown = registry.condition(condition)
    plan = find_plan(preset, overrides)
    source = configure(registry.world(plan.world.name), plan.world.options, f"world {plan.world.name!r}")
    seen = look(plan, seed, condition, n_rows)
    if picture is not None:
        from iml_general.api.peek_pictures import draw_pictures

        draw_pictures(seen, source.name).save(picture)
    episode = seen.episode
    console = Console()
    console.print(Text(source.describe()), soft_wrap=not console.is_terminal)
    speakers = ", ".join(f"{name} under {symbol}" for name, symbol in episode.symbols.items())
    about = f"Seed {seed}, condition {shown.words}. Sources speak: {speakers}."
    console.print(Text(about), soft_wrap=not console.is_terminal)
    *stages, asked = seen.parts
    for part in stages:
        title = f"Learned in {part.stage}: {part.n_rows:,} rows"
        if part.has_twin:
            title += "; in its twin the two sides of every conflict change places"
        _print(console, title, part, seen)
    show_conflict(console, episode, n_rows)
    _print(console, f"Asked after each stage: {asked.n_rows:,} rows", asked, seen)
    if picture is not None:
        console.print(Text(f"The same rows as a drawing: {picture}"), soft_wrap=True)


def _print(console: Console, title: str, part: Part, seen: Seen) -> None:
    console.print(Text(f"\n{title}", style="bold"), soft_wrap=not console.is_terminal)
    pictures = seen.pictures(part)
    for places in _by_group(part):
        for place in places:
            row = part.rows.row(place, named=True)
            console.print(Text(in_words(row, seen.episode)), soft_wrap=not console.is_terminal)
            _print_numbers(
                console,
                [
                    f"{form}: {_shown(inputs[place], seen.schemas[form])}"
                    for form, inputs in part.inputs.items()
                ],
            )
        if pictures is not None:
            _print_pictures(console, pictures[places])


def _print_numbers(console: Console, numbers: list[str]) -> None:
    """All forms on a line, or each on its own where a terminal has no room: no code is broken."""
    line = f"{'':{INDENT}}{' | '.join(numbers)}"
    if not console.is_terminal or len(line) <= console.width:
        console.print(Text(line, style="dim"), soft_wrap=True)
        return
    for one in numbers:
        console.print(Padding(Text(one, style="dim"), (0, 0, 0, 4)))


def _by_group(part: Part) -> list[list[int]]:
    """Places of the rows of each group and kind."""
    placed = part.rows.drop("place").with_row_index("place")
    return placed.group_by("group", "kind", maintain_order=True).agg("place")["place"].to_list()


def _print_pictures(console: Console, pictures: NDArray[np.float32]) -> None:
    for line in in_characters(pictures, console.width - INDENT, console.encoding):
        console.print(Text(f"{'':{INDENT}}{line}".rstrip()), soft_wrap=True)


def _shown(row: Inputs, schema: Schema) -> str:
    """An encoded row in numbers; a picture's are too many, and a sentence is read as such."""
    if schema.picture:
        return f"{' x '.join(map(str, schema.picture))} pixels"
    if schema.pieces:
        words, n_tokens = sentence_of(row, schema)
        return f"{words!r} in {n_tokens} tokens"
    return in_numbers(row, schema.columns)


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
    truth = int(world.answers_of_all[alias, question])
    note = "" if truth == row["answer"] else f" (in truth: {answers[truth]})"
    beside = row.get("beside")
    told = "" if beside is None else f", said to be {answers[beside]}"
    said = f"{world.names_of_all[alias]}: {world.question_names[question]}{told}? {answers[row['answer']]}"
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
