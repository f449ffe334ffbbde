"""A study in Python: the same plan, the same engine and the same run as on the command line."""

from __future__ import annotations

import math
import os
import time
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from iml_general.api.durations import in_words, seconds_of
from iml_general.api.forecast import forecast
from iml_general.api.learners import LearnerLike, planned
from iml_general.api.progress import shown
from iml_general.api.result import Result
from iml_general.errors import BudgetSpentError, RunError, UsageError
from iml_general.report.findings.comparison import ComparisonReport
from iml_general.rows import SAMPLED, SUBJECT
from iml_general.study import engine
from iml_general.study.cache.folder import cache_folder
from iml_general.study.cache.reuse import Reuse
from iml_general.study.engine import Progress
from iml_general.study.estimate.estimate import estimate
from iml_general.study.plan.fitting import fitted_plan
from iml_general.study.plan.overrides import Overrides, find_plan
from iml_general.study.plan.resolve import resolve
from iml_general.study.registration.adherence import with_adherence
from iml_general.study.registration.registration import read_registration, write_registration
from iml_general.study.storage.place import Place, default_folder
from iml_general.study.storage.record import RunRecord


class Study:
    """What is to be found out: learners, a world, seeds, and everything else that a plan has.

    ``iml run`` and ``Study(...).run()`` with the same plan make the same run: either goes on with what the
    other began, and ``iml report`` and `iml_general.api.result.open_run` read both.

    Attributes:
        folder: The run's folder; with a database of its own, the last part is the run's name there.
    """

    folder: Path

    def __init__(
        self,
        plan: str | Path | Mapping[str, Any] = "quick",
        *,
        learners: Sequence[LearnerLike] = (),
        seeds: int | None = None,
        world: str | None = None,
        trials: int | None = None,
        settings: Mapping[str, Any] | None = None,
        folder: str | Path | None = None,
        storage: str | None = None,
        fit: bool = False,
    ) -> None:
        """Look up and check everything; nothing is run yet.

        Args:
            plan: A preset's name, the path of a plan file, or a plan's keys and values.
            learners: Only these take part, beside the controls; all of the plan if empty.
            seeds: Number of confirmation seeds.
            world: Name of the world.
            trials: Trials of every search.
            settings: Any other key of the plan, such as ``{"protocol.unseen": 50}``.
            folder: The run's folder; ``runs/NAME-WORLD`` if not given.
            storage: URL of a PostgreSQL database to run in; SQLite in the folder if not given.
            fit: Whether groups are made as small as the world's table needs them, and rows with gaps are
                dropped; a warning then says what was changed, and what power that costs.

        Raises:
            UsageError: If anything that was given is not allowed; says what is.
        """
        if isinstance(learners, str) or not isinstance(learners, Sequence):
            raise UsageError(f"learners = {learners!r} is no list: write learners=[...]")
        overrides = Overrides(
            learners=tuple(planned(one) for one in learners),
            seeds=seeds,
            world=world,
            settings=dict(settings or {}),
            trials=trials,
        )
        fitted, told = fitted_plan(plan, overrides) if fit else (find_plan(plan, overrides), "")
        if told:
            warnings.warn(told, stacklevel=2)
        self._study = resolve(fitted)
        self.folder = Path(folder) if folder is not None else default_folder(self._study.plan)
        self._place = Place.of(self.folder, storage)

    @property
    def plan(self) -> dict[str, Any]:
        """The resolved plan with every default spelled out, as nested values: itself a plan."""
        return self._study.plan

    def forecast(self, *, cache: str | Path | None = None) -> pl.DataFrame:
        """Reckon what a run would take, as ``iml run --dry-run`` does; nothing is run or written.

        Args:
            cache: As `run` takes it: what is kept there need not be measured again.

        Returns:
            One row per configuration or search: ``learner``, ``level``, ``rules``, ``units`` and ``trials``
            that are still to be done, ``scores`` (rows in all), ``seconds`` of processor time (null if not
            known, and an upper bound where there are trials), ``known_from``.

        Raises:
            UsageError: If the folder holds a run of another plan.
            RunError: If the database there can't be used.
        """
        folder = cache_folder(None if cache is None else str(cache))
        return forecast(
            estimate(self._study, self._place, Reuse(self._study, folder, time.time(), warnings.warn))
        )

    def preregister(self, out: str | Path, claims: Sequence[str] = ()) -> str:
        """Write down, before the run, what it is going to be, as ``iml preregister`` does.

        Args:
            out: The file; it must not exist.
            claims: Hypotheses in words.

        Returns:
            SHA-256 of the file, to be left where others see when it came.

        Raises:
            UsageError: If the file exists or can't be written.
        """
        return write_registration([self._study], claims, Path(out))

    def run(
        self,
        *,
        workers: int | None = None,
        progress: bool | Progress = True,
        time_budget: str | None = None,
        preregistration: str | Path | None = None,
        cache: str | Path | None = None,
        executor: str | None = None,
    ) -> Result:
        """Carry the study out, or what is missing of it.

        Interrupted, be it by Ctrl-C or a power cut, the same call goes on where it stopped.

        Args:
            workers: Worker processes; as many as there are cores if not given. Results don't depend on it.
            progress: Whether to show a bar, in a notebook or on a terminal; or a function that is told the
                number of tasks done and of tasks in all.
            time_budget: After how long nothing more is begun, such as ``"30m"`` or ``"8h"``; what is under
                way is finished, and the same call goes on. No limit if not given.
            preregistration: What was written down before the run; reports then say whether it kept to it.
            cache: Folder in which finished units of work are kept for other runs, and found; ``"off"`` to
                measure all anew. If not given, what the environment variable ``IML_CACHE`` says, or else a
                folder in the user's own cache; with a preregistration all is measured anew. Results don't
                depend on it.
            executor: Where the workers are: ``"dask://host:port"`` for a Dask cluster; on this machine if not
                given.

        Returns:
            What was found; its `unfinished` says how far it is if the time was over before.

        Raises:
            UsageError: If the folder can't be used, or holds a run of another plan.
            RunError: If the run failed, or nothing but controls was measured.
            BudgetSpentError: If the time was over before anything was measured.
        """
        if workers is not None and workers < 1:
            raise UsageError(f"workers = {workers}: give 1 or more, or leave it out for one per core")
        budget_s = math.inf if time_budget is None else seconds_of(time_budget, "time_budget =")
        registration = None if preregistration is None else read_registration(Path(preregistration))
        folder = cache_folder(None if cache is None else str(cache), registration is not None)
        command, n_workers = "iml_general.Study(...).run()", workers or os.cpu_count() or 1
        with shown(progress) as told:
            record = engine.run(
                self._study,
                self._place,
                command,
                told,
                n_workers,
                budget_s=budget_s,
                cache=folder,
                executor=executor,
            )
        if record.complete:
            _refuse_nobody(record)
        elif record.scores.is_empty():
            raise BudgetSpentError(
                f"the time budget of {in_words(budget_s)} was spent before anything was measured: give more,"
                " the same call goes on where this one stopped"
            )
        return Result(ComparisonReport.from_runs(with_adherence([record], registration)))

    def __repr__(self) -> str:
        names = ", ".join(dict.fromkeys(one["name"] for one in self.plan["learners"]))
        return (
            f"<Study {self.plan['name']!r}: {names}; world {self.plan['world']['name']!r},"
            f" {self.plan['seeds']} seeds, {len(self._study.units)} units of work, in {self._place}>"
        )


def _refuse_nobody(record: RunRecord) -> None:
    """A run in which nobody but controls was measured has found nothing."""
    if record.scores["role"].is_in([SUBJECT, SAMPLED]).any():
        return
    reasons = [*record.failures["reason"].unique(maintain_order=True), *record.absent.values()]
    raise RunError(
        f"no learner was measured, only controls: {'; '.join(reasons[:3]) or 'the plan has no other'}"
    )
