"""A study in Python: the same plan, the same engine and the same run as on the command line."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from iml_general.api.learners import LearnerLike, planned
from iml_general.api.progress import shown
from iml_general.api.result import Result
from iml_general.errors import RunError, UsageError
from iml_general.report.findings.comparison import ComparisonReport
from iml_general.rows import SAMPLED, SUBJECT
from iml_general.study import engine
from iml_general.study.cache.folder import cache_folder
from iml_general.study.engine import Progress
from iml_general.study.plan.overrides import Overrides, find_plan
from iml_general.study.plan.resolve import resolve
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
        self._study = resolve(find_plan(plan, overrides))
        self.folder = Path(folder) if folder is not None else default_folder(self._study.plan)
        self._place = Place.of(self.folder, storage)

    @property
    def plan(self) -> dict[str, Any]:
        """The resolved plan with every default spelled out, as nested values: itself a plan."""
        return self._study.plan

    def run(
        self,
        *,
        workers: int | None = None,
        progress: bool | Progress = True,
        cache: str | Path | None = None,
    ) -> Result:
        """Carry the study out, or what is missing of it.

        Interrupted, be it by Ctrl-C or a power cut, the same call goes on where it stopped.

        Args:
            workers: Worker processes; as many as there are cores if not given. Results don't depend on it.
            progress: Whether to show a bar, in a notebook or on a terminal; or a function that is told the
                number of tasks done and of tasks in all.
            cache: Folder in which finished units of work are kept for other runs, and found; ``"off"`` to
                measure all anew. If not given, what the environment variable ``IML_CACHE`` says, or else a
                folder in the user's own cache. Results don't depend on it.

        Returns:
            What was found.

        Raises:
            UsageError: If the folder can't be used, or holds a run of another plan.
            RunError: If the run failed, or nothing but controls was measured.
        """
        if workers is not None and workers < 1:
            raise UsageError(f"workers = {workers}: give 1 or more, or leave it out for one per core")
        folder = cache_folder(None if cache is None else str(cache))
        with shown(progress) as told:
            n_workers = workers or os.cpu_count() or 1
            command = "iml_general.Study(...).run()"
            record = engine.run(self._study, self._place, command, told, n_workers, cache=folder)
        _refuse_nobody(record)
        return Result(ComparisonReport.from_run(record))

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
