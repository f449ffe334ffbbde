"""The command line, ``iml``: thin, so that ``iml --help`` loads no heavy library."""

from __future__ import annotations

import os
import shlex
import sys
import traceback
from pathlib import Path
from typing import Annotated

import typer
from typer.exceptions import TyperException

from iml_general.errors import ImlError

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    help="Does a learner learn whom to trust? Measures implicit meta-learning (IML) in any learner.",
)

INTERRUPTED = 130
CORES = os.cpu_count() or 1

Preset = Annotated[str, typer.Argument(help="A preset's name, or a plan file.")]
Learners = Annotated[
    list[str] | None,
    typer.Option(
        "--learner", help="Only this one; may be repeated. A name, module:Class or ./file.py:Class."
    ),
]
Seeds = Annotated[int | None, typer.Option("--seeds", help="Number of confirmation seeds.")]
World = Annotated[str | None, typer.Option("--world", help="The world that is drawn; see `iml worlds`.")]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change any key of the plan, e.g. protocol.unseen=50."),
]
Workers = Annotated[
    int,
    typer.Option(
        "--workers",
        min=1,
        max=256,
        help="Worker processes; results do not depend on how many.",
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
Run = Annotated[
    Path, typer.Argument(metavar="RUN", help="A run's folder, or with --storage its name in the database.")
]
Out = Annotated[Path | None, typer.Option("--out", help="The run's folder; if not given, runs/NAME-WORLD.")]


@app.callback()
def _options(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """Options of every command; `main` looks for --debug itself, since it must outlive parsing."""


@app.command()
def run(
    preset: Preset = "quick",
    learner: Learners = None,
    seeds: Seeds = None,
    world: World = None,
    settings: Settings = None,
    out: Out = None,
    trials: Annotated[int | None, typer.Option("--trials", help="Trials of every search.")] = None,
    workers: Workers = CORES,
    storage: Storage = None,
) -> None:
    """Run a study, or go on with one: findings on the terminal, report in its folder."""
    from iml_general.commands.run import run_study
    from iml_general.study.plan.overrides import Overrides

    overrides = Overrides(tuple(learner or ()), seeds, world, tuple(settings or ()), trials)
    run_study(preset, overrides, out, storage, workers, command=shlex.join(["iml", *sys.argv[1:]]))


@app.command()
def worker(run_: Run, workers: Workers = CORES, storage: Storage = None) -> None:
    """Help with a run from another shell or machine, until it is finished."""
    from iml_general.commands.run import help_run

    help_run(run_, storage, workers)


@app.command()
def status(run_: Run, storage: Storage = None) -> None:
    """Show how far a run is: tasks by state, workers alive, the longest one at work, time left."""
    from iml_general.commands.status import show_status

    show_status(run_, storage)


@app.command()
def report(
    runs: Annotated[
        list[Path], typer.Argument(metavar="RUN...", help="Folders of runs, or their names with --storage.")
    ],
    formats: Annotated[
        str, typer.Option("--format", help="all, or some of html,md,json,tex,csv,parquet,figures.")
    ] = "all",
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Where the report goes; if not given, RUN/report or runs/report-RUN-RUN."),
    ] = None,
    storage: Storage = None,
) -> None:
    """Print the findings of one run or several side by side, finished or not, and write the report."""
    from iml_general.commands.run import report_runs
    from iml_general.report.formats.write import FORMATS

    report_runs(runs, storage, out, FORMATS if formats == "all" else formats.split(","))


@app.command()
def learners() -> None:
    """List the learners: what they can do, and why a broken one can't be used."""
    from iml_general.commands.listing import list_learners

    list_learners()


@app.command()
def worlds() -> None:
    """List the worlds and their options."""
    from iml_general.commands.listing import list_worlds

    list_worlds()


@app.command()
def conditions() -> None:
    """List the conditions that learners go through, and what each is compared with."""
    from iml_general.commands.listing import list_conditions

    list_conditions()


@app.command()
def effects() -> None:
    """List the effects that reports show, in their order, and which of them get verdicts."""
    from iml_general.commands.listing import list_effects

    list_effects()


@app.command()
def studies() -> None:
    """List the presets that `iml run` knows."""
    from iml_general.commands.listing import list_studies

    list_studies()


@app.command()
def peek(
    preset: Preset = "quick",
    world: World = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Number of the confirmation seed.")] = 0,
    condition: Annotated[str, typer.Option("--condition", help="See `iml conditions`.")] = "informative",
    rows: Annotated[int, typer.Option("--rows", min=1, help="Questions per group.")] = 2,
    settings: Settings = None,
) -> None:
    """Print, in words, some rows of each stage as a learner sees them."""
    from iml_general.commands.peek import peek_rows
    from iml_general.study.plan.overrides import Overrides

    peek_rows(preset, Overrides((), None, world, tuple(settings or ())), seed, condition, rows)


@app.command()
def check(
    learner: Annotated[str, typer.Argument(help="A name, module:Class or ./file.py:Class.")],
    only: Annotated[str, typer.Option("--only", help="Run only checks with this text in their name.")] = "",
) -> None:
    """Check that a learner conforms to the contract; exit 1 if it does not."""
    from iml_general.commands.check import check_learner

    if not check_learner(learner, only):
        sys.exit(1)


new = typer.Typer(no_args_is_help=True, help="Write the beginnings of a plugin.")
app.add_typer(new, name="new")


@new.command("learner")
def new_learner(
    name: Annotated[str, typer.Argument(help="Its name: lower-case words joined by hyphens.")],
    out: Annotated[Path, typer.Option("--out", help="Make its folder in this one.")] = Path(),
) -> None:
    """Write a small package with a learner that passes `iml check`."""
    from iml_general.commands.new import new_learner as write

    write(name, out)


def main() -> None:
    """Run the command line; exit 0 if it worked, 2 for wrong usage, 1 for a run that failed."""
    try:
        exit_code = app(standalone_mode=False)
    except (ImlError, TyperException) as error:
        if "--debug" in sys.argv:
            traceback.print_exc()
        message = error.format_message() if isinstance(error, TyperException) else str(error)
        sys.stderr.write(f"iml: {' '.join(message.split())}\n")
        sys.exit(error.exit_code)
    except BrokenPipeError:  # `iml learners | head`
        sys.stderr.close()
        return
    if exit_code == INTERRUPTED:  # typer's way of passing Ctrl-C on
        sys.stderr.write("iml: interrupted; the same command goes on where this one stopped\n")
    sys.exit(exit_code)


if __name__ == "__main__":
    main()
