"""Subcommands that run no study: what there is, what a learner sees, whether a plugin conforms."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from iml_general.commands import completion
from iml_general.commands.arguments import Preset, Settings, World

looking = typer.Typer()


@looking.command()
def learners() -> None:
    """List the learners: what they can do, and why a broken one can't be used."""
    from iml_general.commands.listing import list_learners

    list_learners()


@looking.command()
def worlds() -> None:
    """List the worlds: what they are, how many aliases they have, and their options."""
    from iml_general.commands.listing import list_worlds

    list_worlds()


@looking.command()
def conditions() -> None:
    """List the conditions that learners go through, and what each is compared with."""
    from iml_general.commands.listing import list_conditions

    list_conditions()


@looking.command()
def effects() -> None:
    """List the effects that reports show, in their order, and which of them get verdicts."""
    from iml_general.commands.listing import list_effects

    list_effects()


@looking.command()
def studies() -> None:
    """List the presets that `iml run` knows."""
    from iml_general.commands.listing import list_studies

    list_studies()


@looking.command()
def peek(
    preset: Preset = "quick",
    world: World = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Number of the confirmation seed.")] = 0,
    condition: Annotated[
        str,
        typer.Option("--condition", help="See `iml conditions`.", autocompletion=completion.condition_names),
    ] = "informative",
    rows: Annotated[int, typer.Option("--rows", min=1, help="Questions per group.")] = 2,
    picture: Annotated[
        Path | None,
        typer.Option(
            "--picture",
            metavar="FILE",
            help="Draw them too, where aliases are pictures: a .png, .svg or .pdf file.",
        ),
    ] = None,
    settings: Settings = None,
) -> None:
    """Print, in words, some rows of each stage as a learner sees them."""
    from iml_general.commands.peek import peek_rows
    from iml_general.study.plan.overrides import Overrides, read_settings

    overrides = Overrides((), None, world, read_settings(settings or ()))
    peek_rows(preset, overrides, seed, condition, rows, picture)


@looking.command()
def trust(
    learner: Annotated[
        str,
        typer.Argument(
            help="A name, module:Class or ./file.py:Class.", autocompletion=completion.learner_names
        ),
    ],
    seeds: Annotated[int, typer.Option("--seeds", min=2, help="Number of replicates.")] = 8,
    world: World = None,
    settings: Settings = None,
) -> None:
    """Read a learner's state before an update, predict its trust, measure it, and show all three."""
    from iml_general.commands.trust import tell_trust
    from iml_general.study.plan.overrides import Overrides, read_settings

    tell_trust(Overrides((learner,), seeds, world, read_settings(settings or ())))


@looking.command()
def check(
    plugin: Annotated[
        str,
        typer.Argument(
            help="A learner or world: a name, module:Class or ./file.py:Class.",
            autocompletion=completion.plugin_names,
        ),
    ],
    only: Annotated[str, typer.Option("--only", help="Run only checks with this text in their name.")] = "",
) -> None:
    """Check that a learner or a world conforms to the contract; exit 1 if it does not."""
    from iml_general.commands.check import check_plugin

    if not check_plugin(plugin, only):
        sys.exit(1)


new = typer.Typer(help="Write the beginnings of a plugin.")
looking.add_typer(new, name="new")


@new.command("learner")
def new_learner(
    name: Annotated[str, typer.Argument(help="Its name: lower-case words joined by hyphens.")],
    out: Annotated[Path, typer.Option("--out", help="Make its folder in this one.")] = Path(),
) -> None:
    """Write a small package with a learner that passes `iml check`."""
    from iml_general.commands.new import new_learner as write
    from iml_general.learner import CLASSES

    write(name, out, CLASSES)


@new.command("regressor")
def new_regressor(
    name: Annotated[str, typer.Argument(help="Its name: lower-case words joined by hyphens.")],
    out: Annotated[Path, typer.Option("--out", help="Make its folder in this one.")] = Path(),
) -> None:
    """Write the same with a learner that answers with numbers."""
    from iml_general.commands.new import new_learner as write
    from iml_general.learner import NUMBERS

    write(name, out, NUMBERS)


@new.command("world")
def new_world(
    name: Annotated[str, typer.Argument(help="Its name: lower-case words joined by hyphens.")],
    out: Annotated[Path, typer.Option("--out", help="Write its file to this folder.")] = Path(),
) -> None:
    """Write a file of 40 lines with a world that passes `iml check`."""
    from iml_general.commands.new import new_world as write

    write(name, out)
