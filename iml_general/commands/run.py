"""``iml run`` and ``iml worker``."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from pathlib import Path

from iml_general.api.durations import in_words, seconds_of
from iml_general.api.progress import progress_bar
from iml_general.commands.dry_run import show_dry_run
from iml_general.commands.report import present
from iml_general.errors import BudgetSpentError, UsageError
from iml_general.report.formats.write import FORMATS
from iml_general.study import engine
from iml_general.study.cache.folder import cache_folder
from iml_general.study.plan.fitting import fitted_plan
from iml_general.study.plan.keys import Plan
from iml_general.study.plan.overrides import Overrides, find_plan
from iml_general.study.plan.resolve import resolve
from iml_general.study.registration.adherence import with_adherence
from iml_general.study.registration.registration import read_registration
from iml_general.study.storage.place import Place, default_folder, find_run, without_credentials


@dataclass(frozen=True)
class Request:
    """What the user wants to be run.

    Attributes:
        preset: A preset's name or a plan file.
        overrides: What the command line changes in the plan.
        out: The run's folder; ``runs/NAME-WORLD`` if None.
        storage: URL of a PostgreSQL database; None for SQLite in the folder.
        n_workers: Worker processes.
        command: The command line, for the record.
        fit: Whether groups are made as small as the world needs them.
        time_budget: After how long nothing more is begun, such as ``"30m"``; None for no limit.
        preregistration: What was written down before the run; None if nothing was.
        cache: Where finished units are kept: a folder, ``"off"`` or ``"on"``; None if the user did not
            say so on the command line.
        executor: Where the workers are, such as ``"dask://host:8786"``; on this machine if None.
    """

    preset: str
    overrides: Overrides
    out: Path | None
    storage: str | None
    n_workers: int
    command: str
    fit: bool = False
    time_budget: str | None = None
    preregistration: Path | None = None
    cache: str | None = None
    executor: str | None = None


def run_study(request: Request, dry_run: bool = False) -> None:
    """Run or go on with a study, print its verdict table and write its report.

    Args:
        request: What the user wants.
        dry_run: Whether only to say what it would take.

    Raises:
        UsageError: If the request can't be carried out.
        RunError: If the run failed, or no learner but the controls has a finished unit.
        BudgetSpentError: If the time was over before the run was finished.
    """
    budget_s = _budget_s(request.time_budget)
    registration = read_registration(request.preregistration) if request.preregistration else None
    study = resolve(_fitted(request) if request.fit else find_plan(request.preset, request.overrides))
    if not study.has_learners:
        raise UsageError(
            f"plan {request.preset!r} has no learner to study, only controls: write [[learners]], or give"
            " --learner"
        )
    folder = request.out if request.out is not None else default_folder(study.plan)
    place = Place.of(folder, request.storage)
    cache = cache_folder(request.cache, request.preregistration is not None)
    if dry_run:
        show_dry_run(study, place, request.n_workers, cache)
        return
    command = without_credentials(request.command)
    with progress_bar() as progress:
        record = engine.run(
            study,
            place,
            command,
            progress,
            request.n_workers,
            budget_s=budget_s,
            cache=cache,
            executor=request.executor,
        )
    if record.complete or not record.scores.is_empty():
        present(with_adherence([record], registration), folder / "report", FORMATS)
    if not record.complete:
        done = f"{record.units_done} of {record.units_total} units of work done"
        raise BudgetSpentError(f"{_spent(budget_s)}: {done}; the same command goes on where this one stopped")


def _fitted(request: Request) -> Plan:
    """The plan with groups that fit its world; what was changed is told on stderr."""
    plan, told = fitted_plan(request.preset, request.overrides)
    if told:
        sys.stderr.write(f"iml: {told}\n")
    return plan


def help_run(
    folder: Path, storage: str | None, n_workers: int, time_budget: str | None, cache: str | None
) -> None:
    """Work on a run that was begun elsewhere, until it is finished.

    Args:
        folder: The run's folder, or its name in a shared database.
        storage: URL of a PostgreSQL database; None for SQLite in the folder.
        n_workers: Worker processes.
        time_budget: As in `Request`.
        cache: As in `Request`.

    Raises:
        UsageError: If the run needs something that is not here.
        RunError: If there is no such run, or it failed.
        BudgetSpentError: If the time was over before the run was finished.
    """
    budget_s = _budget_s(time_budget)
    with progress_bar() as progress:
        finished = engine.help_with(
            find_run(folder, storage), progress, n_workers, budget_s=budget_s, cache=cache_folder(cache)
        )
    if not finished:
        raise BudgetSpentError(f"{_spent(budget_s)}: the run is not finished")


def _budget_s(time_budget: str | None) -> float:
    return math.inf if time_budget is None else seconds_of(time_budget, "--time-budget")


def _spent(budget_s: float) -> str:
    return f"the time budget of {in_words(budget_s)} is spent"
