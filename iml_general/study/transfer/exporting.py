"""A run, finished or not, as one file: plain JSON and Parquet in a zip, with a checksum of each part."""

from __future__ import annotations

import io
import json
import os
import platform
import zipfile
from collections.abc import Mapping
from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from typing import Any

from optuna.distributions import distribution_to_json
from optuna.trial import FrozenTrial, TrialState

from iml_general.errors import UsageError
from iml_general.study.storage.database import PATIENCE_OF_READERS_S, patiently
from iml_general.study.storage.foreign import as_we_wrote_it
from iml_general.study.storage.place import Place
from iml_general.study.storage.queue import Heartbeat
from iml_general.study.transfer.manifest import FRAMES, MANIFEST, RUN, TRIALS, Manifest, facts_of, head
from iml_general.study.work.joining import join
from iml_general.study.work.tasks import Work

LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The date of every part: the same run gives the same file."""


def export_run(place: Place, file: Path) -> Manifest:
    """Write a run into a file.

    Args:
        place: Where the run lives.
        file: The file, which must not exist.

    Returns:
        What was written.

    Raises:
        UsageError: If the file exists or can't be written.
        RunError: If there is no such run, or its database can't be reached.
    """
    if file.exists():
        raise UsageError(f"{str(file)!r} exists: give another --out")
    manifest, parts = patiently(lambda: _contents(place), PATIENCE_OF_READERS_S)
    unfinished = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        _write(unfinished, {MANIFEST: manifest.model_dump_json(indent=1).encode(), **parts})
        unfinished.replace(file)
    except OSError as error:
        raise UsageError(f"{str(file)!r} can't be written ({error.strerror}): give another --out") from None
    finally:
        unfinished.unlink(missing_ok=True)
    return manifest


def _contents(place: Place) -> tuple[Manifest, dict[str, bytes]]:
    with closing(join(place, Heartbeat(), only_to_read=True)) as work, as_we_wrote_it(place):
        description = work.store.description() or {}
        # Trials before rows: rows of a trial that ends in between do no harm, missing ones would.
        parts = {
            RUN: _json(description),
            TRIALS: _json([_queue(work, place, n) for n in range(len(work.queues))]),
        }
        for name, table in FRAMES.items():
            buffer = io.BytesIO()
            work.store.all_rows(table).write_parquet(buffer)
            parts[name] = buffer.getvalue()
        plan = description["plan"]
        manifest = {
            **head(),
            "name": plan["name"],
            "world": plan["world"]["name"],
            "made_by": {"iml-general": version("iml-general"), "Python": platform.python_version()},
            "units_done": len(work.units.settled()),
            "units_total": len(work.study.units),
            "parts": facts_of(parts),
        }
    return Manifest.model_validate(manifest), parts


def _queue(work: Work, place: Place, number: int) -> dict[str, Any]:
    queue = work.queues[number]
    prefix = "" if place.is_local else f"{place.name}: "
    trials = sorted(queue.trials.get_trials(deepcopy=False), key=lambda trial: trial.number)
    return {"name": queue.trials.study_name.removeprefix(prefix), "trials": [_trial(one) for one in trials]}


def _trial(trial: FrozenTrial) -> dict[str, Any]:
    # What is at work here is not at work there: its task is handed out again.
    is_running = trial.state is TrialState.RUNNING
    ended = trial.datetime_start if is_running else trial.datetime_complete
    return {
        "state": TrialState.FAIL.name if is_running else trial.state.name,
        "value": None if is_running else trial.value,
        "started": trial.datetime_start.isoformat() if trial.datetime_start else None,
        "ended": ended.isoformat() if ended else None,
        "params": trial.params,
        "distributions": {name: distribution_to_json(one) for name, one in trial.distributions.items()},
        "user_attrs": {} if is_running and "task" not in trial.user_attrs else trial.user_attrs,
        "system_attrs": trial.system_attrs,
        "intermediate": [[step, value] for step, value in sorted(trial.intermediate_values.items())],
    }


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _write(file: Path, parts: Mapping[str, bytes]) -> None:
    with zipfile.ZipFile(file, "x", zipfile.ZIP_STORED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name, LONG_AGO), content)
