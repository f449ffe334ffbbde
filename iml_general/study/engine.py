"""Runs a study: every unit of work is an Optuna trial in the run's database.

A run can be stopped at any moment, by Ctrl-C or SIGKILL. Started again it hands out what is
missing; units depend only on the plan, so the rows are those of an undisturbed run.
"""

from __future__ import annotations

import sqlite3
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import optuna
import polars as pl
import sqlalchemy as sa
from optuna.trial import FrozenTrial, TrialState

from iml_general.errors import ImlError, LearnerError, RunError, UsageError
from iml_general.measure import Measurement, measure
from iml_general.scores import SCHEMA_VERSION
from iml_general.study.differences import refuse_other_plan, refuse_other_versions
from iml_general.study.provenance import provenance
from iml_general.study.record import FAILURE_SCHEMA, RunRecord
from iml_general.study.resolve import Study, Unit
from iml_general.study.store import DATABASE, RunStore, prepare_sqlite

Progress = Callable[[int, int], None]
"""Called with the number of units done and of units in all."""


def run(study: Study, folder: Path, command: str, progress: Progress) -> RunRecord:
    """Carry out a study, or what is missing of it.

    Args:
        study: The study.
        folder: Where the run lives; created if need be.
        command: How the user asked for it, for the record.
        progress: Told at the start and after every unit.

    Returns:
        The finished run.

    Raises:
        UsageError: If the folder can't be used or holds a run of another plan.
        RunError: If another process is at work on the same run, or the database fails.
    """
    _make_folder(folder)
    with _only_one_process(folder), closing(RunStore(folder)) as store:
        facts = provenance(study, command)
        description = store.description()
        if description is None:
            store.begin(study.plan, facts, study.absent)
        else:
            refuse_other_plan(description["plan"], study.plan, folder)
        trials = _open_trials(store)
        _reap(trials)
        missing = _hand_out_missing(trials, len(study.units))
        if description is not None and missing:
            refuse_other_versions(description["provenance"], facts, folder)
        progress(len(study.units) - missing, len(study.units))
        trials.optimize(
            lambda trial: _carry_out(study, store, trial),
            n_trials=missing,
            catch=LearnerError,
            callbacks=[lambda now, _: progress(len(_done(now)), len(study.units))],
        )
        return _record(store, trials)


def load_run(folder: Path) -> RunRecord:
    """Read back a run, finished or not.

    Args:
        folder: Where the run lives.

    Returns:
        What it has left so far.

    Raises:
        RunError: If there is no run there.
    """
    if not (folder / DATABASE).is_file():
        raise RunError(f"no run in {str(folder)!r}: it has no {DATABASE}; `iml run` makes one")
    with closing(RunStore(folder)) as store:
        if store.description() is None:
            raise RunError(f"the run in {str(folder)!r} was never begun; `iml run` begins it")
        return _record(store, _open_trials(store))


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.touch()
        probe.unlink()
    except FileExistsError:
        raise UsageError(f"output folder {str(folder)!r} is a file: give another --out") from None
    except OSError as error:
        raise UsageError(
            f"output folder {str(folder)!r} can't be written ({error.strerror}): give another --out"
        ) from None


@contextmanager
def _only_one_process(folder: Path) -> Iterator[None]:
    """Hold a lock that ends with the process, however it ends."""
    with closing(sqlite3.connect(folder / "run.lock", timeout=0, isolation_level=None)) as lock:
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            raise RunError(
                f"another process is at work on the run in {str(folder)!r}: let it finish"
            ) from None
        except sqlite3.DatabaseError:
            raise RunError(f"{folder / 'run.lock'} is not a lock of ours: remove it") from None
        yield


def _open_trials(store: RunStore) -> optuna.Study:
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    storage = optuna.storages.RDBStorage(store.url)
    sa.event.listen(storage.engine, "connect", prepare_sqlite)
    # Every trial is handed out with its unit; the sampler is never asked.
    sampler = optuna.samplers.RandomSampler(seed=0)
    return optuna.create_study(
        study_name="confirm", storage=storage, sampler=sampler, direction="maximize", load_if_exists=True
    )


def _reap(trials: optuna.Study) -> None:
    """End the trials that a killed process left running; the lock says that nobody runs them."""
    for trial in trials.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        trials.tell(trial.number, state=TrialState.FAIL)


def _hand_out_missing(trials: optuna.Study, n_units: int) -> int:
    """Enqueue every unit that is neither done nor waiting; return how many are to be done."""
    done = {_unit_of(trial) for trial in _done(trials)}
    waiting = {_unit_of(trial) for trial in trials.get_trials(deepcopy=False, states=(TrialState.WAITING,))}
    for unit in sorted(set(range(n_units)) - done - waiting):
        trials.enqueue_trial({"unit": unit}, user_attrs={"unit": unit})
    return n_units - len(done)


def _done(trials: optuna.Study) -> list[FrozenTrial]:
    """Trials that settled their unit: complete, or ended by the learner's own fault.

    A trial that was killed or interrupted has failed without a fault and settles nothing.
    """
    ended = trials.get_trials(deepcopy=False, states=(TrialState.COMPLETE, TrialState.FAIL))
    return [trial for trial in ended if trial.state is TrialState.COMPLETE or "fault" in trial.user_attrs]


def _unit_of(trial: FrozenTrial) -> int:
    return int(trial.user_attrs["unit"])


def _carry_out(study: Study, store: RunStore, trial: optuna.Trial) -> float:
    """Measure one unit and store its rows; the trial's value is the stage-1 competence."""
    index = trial.suggest_int("unit", 0, max(len(study.units) - 1, 1))
    unit = study.units[index]
    entrant = unit.entrant
    try:
        measurement = measure(entrant.variants, entrant.setting, unit.seeds)
    except LearnerError as error:
        trial.set_user_attr("fault", _fault(unit, error))
        raise
    store.add(trial.number, _score_rows(study, unit, measurement), _cost_rows(unit, measurement))
    return measurement.competence


def _score_rows(study: Study, unit: Unit, measurement: Measurement) -> list[dict[str, Any]]:
    entrant = unit.entrant
    info = entrant.variants[0].info
    shared = {
        "schema_version": SCHEMA_VERSION,
        "study": study.plan["name"],
        "world": entrant.setting.source.name,
        "learner": info.name,
        "family": info.family,
        "role": info.role,
        "level": entrant.level,
    }
    configurations = {variant.active_rule: entrant.configuration(variant) for variant in entrant.variants}
    return [{**shared, "configuration": configurations[row["rule"]], **row} for row in measurement.scores]


def _cost_rows(unit: Unit, measurement: Measurement) -> list[dict[str, Any]]:
    shared = {"learner": unit.entrant.variants[0].info.name, "n_seeds": len(unit.seeds)}
    return [
        {**shared, "rule": rule, "phase": phase, "seconds": seconds}
        for (rule, phase), seconds in measurement.costs.items()
    ]


def _fault(unit: Unit, error: ImlError) -> dict[str, str]:
    return {
        "learner": unit.entrant.variants[0].info.name,
        "rules": ", ".join(variant.active_rule for variant in unit.entrant.variants),
        "seeds": ", ".join(str(seed.index) for seed in unit.seeds),
        "reason": " ".join(str(error).split()),
        "traceback": "".join(traceback.format_exception(error)),
    }


def _record(store: RunStore, trials: optuna.Study) -> RunRecord:
    description = store.description() or {}
    done = _done(trials)
    complete = [trial.number for trial in done if trial.state is TrialState.COMPLETE]
    faults = [trial.user_attrs["fault"] for trial in done if "fault" in trial.user_attrs]
    return RunRecord(
        plan=description["plan"],
        provenance=description["provenance"],
        scores=store.scores(complete),
        costs=store.costs(complete),
        failures=pl.DataFrame(faults, schema=FAILURE_SCHEMA),
        absent=description["absent"],
        units_done=len(done),
        units_total=int(description["provenance"]["units of work"]),
    )
