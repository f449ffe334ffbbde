"""The command line, ``iml``: thin, so that ``iml --help`` loads no heavy library."""

from __future__ import annotations

import shlex
import sys
import traceback
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer
from typer.exceptions import TyperException

from iml_general.collector import collect_seldom
from iml_general.commands import completion
from iml_general.commands.arguments import (
    CORES,
    Budget,
    Cache,
    Executor,
    Learners,
    Out,
    Preset,
    Registration,
    Run,
    Seeds,
    Settings,
    Storage,
    Trials,
    Workers,
    World,
)
from iml_general.commands.caches import caches
from iml_general.commands.looking import looking
from iml_general.errors import ImlError

app = typer.Typer(
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    help="Does a learner learn whom to trust? Measures implicit meta-learning (IML) in any learner.",
)

INTERRUPTED = 130


def _show_version(wanted: bool) -> None:
    if wanted:
        from iml_general.commands.version import version_line

        typer.echo(version_line())
        raise typer.Exit


@app.callback()
def _options(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show versions and exit."),
    ] = False,
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
    trials: Trials = None,
    workers: Workers = CORES,
    storage: Storage = None,
    fit: Annotated[
        bool, typer.Option("--fit", help="Make the groups as small as the world's table needs them.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what it would take; nothing is run or written.")
    ] = False,
    time_budget: Budget = None,
    preregistration: Registration = None,
    cache: Cache = None,
    executor: Executor = None,
) -> None:
    """Run a study, or go on with one: findings on the terminal, report in its folder."""
    from iml_general.commands.run import Request, run_study
    from iml_general.study.plan.overrides import Overrides, read_settings

    overrides = Overrides(tuple(learner or ()), seeds, world, read_settings(settings or ()), trials)
    command = shlex.join(["iml", *sys.argv[1:]])
    request = Request(
        preset, overrides, out, storage, workers, command, fit, time_budget, preregistration, cache, executor
    )
    run_study(request, dry_run)


@app.command()
def worker(
    run_: Run,
    workers: Workers = CORES,
    storage: Storage = None,
    time_budget: Budget = None,
    cache: Cache = None,
) -> None:
    """Help with a run from another shell or machine, until it is finished."""
    from iml_general.commands.run import help_run

    help_run(run_, storage, workers, time_budget, cache)


@app.command()
def status(run_: Run, storage: Storage = None) -> None:
    """Show how far a run is: tasks by state, workers alive, the longest one at work, time left."""
    from iml_general.commands.status import show_status

    show_status(run_, storage)


@app.command()
def report(
    runs: Annotated[
        list[Path],
        typer.Argument(
            metavar="RUN...",
            help="Folders of runs, or names of some in runs; with --storage their names in the database.",
            autocompletion=completion.runs,
        ),
    ],
    formats: Annotated[
        str,
        typer.Option(
            "--format",
            help="all, or some of html,md,json,tex,csv,parquet,figures,paper.",
            autocompletion=completion.formats,
        ),
    ] = "all",
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Where the report goes; if not given, RUN/report or runs/report-RUN-RUN."),
    ] = None,
    storage: Storage = None,
    preregistration: Registration = None,
) -> None:
    """Print the findings of one run or several side by side, finished or not, and write the report."""
    from iml_general.commands.report import report_runs
    from iml_general.report.formats.write import FORMATS

    report_runs(runs, storage, out, FORMATS if formats == "all" else formats.split(","), preregistration)


@app.command()
def preregister(
    plans: Annotated[
        list[str],
        typer.Argument(
            metavar="PLAN...", help="Presets' names or plan files.", autocompletion=completion.preset_names
        ),
    ],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The file to write.")],
    claim: Annotated[
        list[str] | None, typer.Option("--claim", help="A hypothesis in words; may be repeated.")
    ] = None,
    learner: Learners = None,
    seeds: Seeds = None,
    world: World = None,
    settings: Settings = None,
    trials: Trials = None,
) -> None:
    """Write down, before a run, what it is going to be: plan, code, seeds, hypotheses, date."""
    from iml_general.commands.preregister import preregister as write_down
    from iml_general.study.plan.overrides import Overrides, read_settings

    overrides = Overrides(tuple(learner or ()), seeds, world, read_settings(settings or ()), trials)
    write_down(plans, overrides, claim or (), out)


@app.command("export")
def export_run(
    run_: Run,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The file to write.")],
    storage: Storage = None,
) -> None:
    """Write a run, finished or not, into one file that another machine can import."""
    from iml_general.commands.transfer import export

    export(run_, out, storage)


@app.command("import")
def import_run(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `iml export` wrote.")],
    out: Out = None,
) -> None:
    """Make a run's folder of an exported run, after every checksum was compared."""
    from iml_general.commands.transfer import import_

    import_(file, out)


app.add_typer(looking)
app.add_typer(caches, name="cache")


def main() -> None:
    """Run the command line; exit 0 if it worked, 2 for wrong usage, 1 for a run that failed."""
    collect_seldom()
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a locale without a letter of ours is no fault
    try:
        exit_code = app(standalone_mode=False)
        if sys.stdout is not None:
            sys.stdout.flush()  # a full disk shows here, and not after the last word
    except (ImlError, TyperException) as error:
        _complain(error.format_message() if isinstance(error, TyperException) else str(error))
        sys.exit(error.exit_code)
    except BrokenPipeError:  # `iml learners | head`
        sys.stderr.close()
        return
    except Exception as error:
        _complain(_unforeseen(error))
        sys.exit(1)
    if exit_code == INTERRUPTED:  # typer's way of passing Ctrl-C on
        _complain("interrupted; the same command goes on where this one stopped")
    sys.exit(exit_code)


def _complain(message: str) -> None:
    """Say what is wrong in one line, if there is a stderr; nothing where the help was the answer."""
    with suppress(OSError, AttributeError):  # closed, or full: the exit code has to tell
        if "--debug" in sys.argv and sys.exc_info()[0] is not None:
            traceback.print_exc()
        if message:
            sys.stderr.write(f"iml: {' '.join(message.split())}\n")


def _unforeseen(error: Exception) -> str:
    """What is said where nobody has thought of a fault: the system's, ours, or that of a plugin."""
    if isinstance(error, MemoryError):
        return "there is not enough memory for this: make groups, questions or seeds fewer"
    if isinstance(error, OSError) and error.strerror:
        of = f": {str(error.filename)!r}" if error.filename else ""
        return f"the system says: {error.strerror}{of}; --debug shows where"
    *_, last = traceback.extract_tb(error.__traceback__)
    where = f"{Path(last.filename).name}, line {last.lineno}"
    told = f"a fault that nobody foresaw: {type(error).__name__}: {error} ({where})"
    return f"{told}; --debug shows where it came from"


if __name__ == "__main__":
    main()
