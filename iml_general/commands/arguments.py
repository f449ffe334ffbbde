"""Arguments and options that several subcommands take."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from iml_general.commands import completion
from iml_general.errors import UsageError

CORES = os.cpu_count() or 1

Preset = Annotated[
    str, typer.Argument(help="A preset's name, or a plan file.", autocompletion=completion.preset_names)
]
Learners = Annotated[
    list[str] | None,
    typer.Option(
        "--learner",
        help="Only this one; may be repeated. A name, module:Class or ./file.py:Class.",
        autocompletion=completion.learner_names,
    ),
]
Seeds = Annotated[int | None, typer.Option("--seeds", help="Number of confirmation seeds.")]
World = Annotated[
    str | None,
    typer.Option(
        "--world", help="The world that is drawn; see `iml worlds`.", autocompletion=completion.world_names
    ),
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change any key of the plan, e.g. protocol.unseen=50."),
]
Trials = Annotated[int | None, typer.Option("--trials", help="Trials of every search.")]
Workers = Annotated[
    int,
    typer.Option(
        "--workers",
        min=1,
        max=256,
        help="Worker processes; results do not depend on how many.",
    ),
]
Budget = Annotated[
    str | None,
    typer.Option(
        "--time-budget",
        metavar="TIME",
        help="Begin nothing more after this long, such as 30m or 8h; what is under way is finished, and the"
        " same command goes on.",
    ),
]
Storage = Annotated[
    str | None,
    typer.Option(
        "--storage",
        envvar="IML_STORAGE",
        metavar="URL",
        show_envvar=False,
        show_default=False,
        help="PostgreSQL database to run in, postgresql+psycopg://...; or set IML_STORAGE."
        " If not given, SQLite in the run's folder.",
    ),
]
Cache = Annotated[
    str | None,
    typer.Option(
        "--cache",
        metavar="DIR",
        help="Folder where finished units of work are kept for other runs, and found; 'off' to measure all"
        " anew; or set IML_CACHE. If not given, 'on': iml_general in the user's own cache.",
    ),
]
Run = Annotated[
    Path,
    typer.Argument(
        metavar="RUN",
        help="A run's folder, or the name of one in runs; with --storage its name in the database.",
        autocompletion=completion.runs,
    ),
]


def _folder(text: str) -> Path:
    """A folder's name; empty is what an unset variable of the shell leaves, and not the present folder."""
    if not text:
        raise UsageError("--out is empty: name a folder, or leave --out away")
    return Path(text)


Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        parser=_folder,
        metavar="PATH",
        help="The run's folder; if not given, runs/NAME-WORLD.",
    ),
]
Registration = Annotated[
    Path | None,
    typer.Option(
        "--preregistration",
        metavar="FILE",
        help="What `iml preregister` wrote before the run: the report says whether the run kept to it.",
    ),
]
Executor = Annotated[
    str | None,
    typer.Option(
        "--executor",
        metavar="URL",
        help="Run the workers on a Dask cluster: dask://HOST:PORT of its scheduler.",
    ),
]
