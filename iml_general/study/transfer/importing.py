"""Making a run's folder of an exported run."""

from __future__ import annotations

import os
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import optuna
from optuna.distributions import json_to_distribution
from optuna.trial import FrozenTrial, TrialState

from iml_general.errors import UsageError
from iml_general.study.storage.database import connected
from iml_general.study.storage.place import Place
from iml_general.study.storage.queue import Heartbeat, Queue, open_storage
from iml_general.study.storage.store import RunStore
from iml_general.study.transfer.manifest import FRAMES, TrialPart
from iml_general.study.transfer.reading import ExportedRun


def import_run(exported: ExportedRun, folder: Path) -> None:
    """Make a run's folder; it is there whole, or not at all.

    Args:
        exported: The exported run.
        folder: Where; it must not exist, or be empty.

    Raises:
        UsageError: If there is something already, the folder can't be written, or a trial can't be.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{str(folder)!r} is there already: give another --out")
    unfinished = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    place = Place.of(unfinished, None)
    try:
        place.make_folder()
        _fill(place, exported)
        if folder.exists():
            folder.rmdir()
        unfinished.rename(folder)
    except OSError as error:
        raise UsageError(f"{str(folder)!r} can't be written ({error.strerror}): give another --out") from None
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _fill(place: Place, exported: ExportedRun) -> None:
    with connected(place) as engine:
        store = RunStore(place, engine)
        run = exported.run
        store.begin(run.plan, run.provenance, run.absent)
        by_trial: dict[int, list[list[dict[str, Any]]]] = {}
        for number, frame in enumerate(exported.frames.values()):
            for (trial,), rows in frame.group_by("trial", maintain_order=True):
                of_trial = by_trial.setdefault(int(str(trial)), [[] for _ in FRAMES])
                of_trial[number] = rows.drop("trial").to_dicts()
        for trial_number, (identities, scores, costs) in by_trial.items():
            store.add(trial_number, identities, scores, costs)
        engine.dispose()
    storage = open_storage(place, Heartbeat())
    try:
        for queue in exported.queues:
            trials = Queue.open(storage, queue.name, Heartbeat()).trials
            trials.add_trials([_trial(part, number) for number, part in enumerate(queue.trials)])
    except (ValueError, KeyError, TypeError, optuna.exceptions.OptunaError) as error:
        raise UsageError(
            f"a trial of the exported run can't be read: {' '.join(str(error).split())}"
        ) from None
    finally:
        storage.engine.dispose()


def _trial(part: TrialPart, number: int) -> FrozenTrial:
    return FrozenTrial(
        number=number,
        state=TrialState[part.state],
        value=part.value,
        datetime_start=datetime.fromisoformat(part.started) if part.started else None,
        datetime_complete=datetime.fromisoformat(part.ended) if part.ended else None,
        params=part.params,
        distributions={name: json_to_distribution(text) for name, text in part.distributions.items()},
        user_attrs=part.user_attrs,
        system_attrs=part.system_attrs,
        intermediate_values={int(step): value for step, value in part.intermediate},
        trial_id=-1,
    )
