"""Beginning a run, and joining one that was begun."""

from __future__ import annotations

import json
from pathlib import Path

import sqlalchemy as sa

from iml_general.errors import RunError, UsageError
from iml_general.study.cache.code_of_rows import MADE_BY, code_of_rows, refuse_other_code
from iml_general.study.plan.keys import Plan, check_plan
from iml_general.study.plan.origin import provenance, refuse_other_plan, refuse_other_versions, with_code
from iml_general.study.plan.resolve import Study, resolve
from iml_general.study.storage.database import connected, exclusively
from iml_general.study.storage.foreign import as_we_wrote_it
from iml_general.study.storage.place import Place
from iml_general.study.storage.queue import Heartbeat
from iml_general.study.storage.store import RunStore
from iml_general.study.work.tasks import Work


def begin(place: Place, study: Study, command: str, heartbeat: Heartbeat) -> Work:
    """Begin a run, or go on with the one that is there.

    Any number of processes may do this at the same instant: one of them begins, all join.

    Args:
        place: Where the run lives; its folder exists.
        study: What is to be done.
        command: How the user asked for it, for the record.
        heartbeat: How often running trials give a sign of life.

    Returns:
        The run's work.

    Raises:
        UsageError: If the run there has another plan, or was begun with other libraries or other code.
        RunError: If the database can't be used.
    """
    with connected(place) as engine, exclusively(place, engine):
        store = RunStore(place, engine)
        description = store.description()
        facts = provenance(study, command)
        if description is None:
            store.begin(study.plan, facts | {MADE_BY: json.dumps(code_of_rows(study))}, study.absent)
        else:
            refuse_other_plan(description["plan"], study.plan, place)
        work = _opened(place, engine, store, study, heartbeat)
        if description is None or work.finished():
            return work
        try:
            refuse_other_versions(description["provenance"], facts, place)
            refuse_other_code(description["provenance"], facts, study, place)
        except UsageError:
            work.units.storage.engine.dispose()
            raise
        store.keep(with_code(description["provenance"], facts))
    return work


def join(place: Place, heartbeat: Heartbeat, only_to_read: bool = False) -> Work:
    """Join a run that was begun: its plan comes from its database.

    Args:
        place: Where the run lives.
        heartbeat: How often running trials give a sign of life.
        only_to_read: Whether other library versions will do, since nothing is measured.

    Returns:
        The run's work.

    Raises:
        RunError: If there is no such run.
        UsageError: If the plan needs something that is not there, other library versions, or other code.
    """
    place.refuse_missing()
    with connected(place) as engine:
        store = RunStore(place, engine)
        description = store.description()
        if description is None:
            raise RunError(_no_run(place, store))
        plan = check_plan(description["plan"], f"of the run in {place}")
        _refuse_brought_code(plan, place)
        study = resolve(plan)
        refuse_other_plan(description["plan"], study.plan, place)
        facts = {} if only_to_read else provenance(study, "")
        if facts:
            refuse_other_versions(description["provenance"], facts, place)
            refuse_other_code(description["provenance"], facts, study, place)
        with exclusively(place, engine):
            if facts:
                store.keep(with_code(store.provenance(), facts))
            return _opened(place, engine, store, study, heartbeat)


def _opened(place: Place, engine: sa.Engine, store: RunStore, study: Study, heartbeat: Heartbeat) -> Work:
    """Open the queues; those of another program, or with other tasks, are let go again."""
    with as_we_wrote_it(place):
        work = Work.open(place, engine, store, study, heartbeat)
        try:
            work.refuse_others()
        except BaseException:
            work.units.storage.engine.dispose()  # the other engine is let go where it was made, past its lock
            raise
    return work


def _refuse_brought_code(plan: Plan, place: Place) -> None:
    """A run brings no code: what lies in its own folder came with it, and is not loaded."""
    names = [one.name for one in plan.learners] + [plan.world.name, *plan.conditions]
    for name in names:
        file, separator, _ = name.rpartition(".py:")
        if separator and place.is_local and _is_inside(Path(file), place.folder):
            raise RunError(
                f"the plan of the run in {place} names code in the run's own folder ({name!r}), which is not"
                " loaded: read it, and if you trust it put it elsewhere and begin a run with it"
            )


def _is_inside(file: Path, folder: Path) -> bool:
    return file.expanduser().resolve().is_relative_to(folder.resolve())


def _no_run(place: Place, store: RunStore) -> str:
    """What is there instead of the run."""
    try:
        names, foreign = store.names(), store.foreign_tables()
    except sa.exc.SQLAlchemyError:
        names, foreign = [], []
    if foreign:
        tables = ", ".join(foreign[:3]) + (", ..." if len(foreign) > 3 else "")
        return (
            f"the database of {place} has other programs' tables ({tables}) and none of iml_general:"
            " name a run that `iml run` began"
        )
    there = f" (runs there: {', '.join(names)})" if names else ""
    return f"there is no run {place}{there}: `iml run` begins one"
