"""One unit of work: a configuration measured on fresh seeds, and its rows stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import optuna
from optuna.trial import FrozenTrial, TrialState

from iml_general.errors import LearnerError
from iml_general.measuring.measure import Measurement, measure
from iml_general.rows import MEASURED
from iml_general.seeds import Seed
from iml_general.study.cache.reuse import Reuse
from iml_general.study.plan.entrant import Entrant
from iml_general.study.plan.resolve import Study, Unit
from iml_general.study.work.faults import faults_kept
from iml_general.study.work.going_on import GoingOn
from iml_general.study.work.tasks import REUSED, Work


def carry_out_unit(work: Work, reuse: Reuse, going_on: GoingOn, trial: optuna.Trial) -> float:
    """Measure one unit and store its rows.

    Args:
        work: The run's work.
        reuse: Measures, or finds what was measured before.
        going_on: What this worker has under way.
        trial: Holds the unit's number.

    Returns:
        The stage-1 competence.

    Raises:
        LearnerError: If the learner is at fault, or was too often before.
    """
    study = work.study
    number = trial.suggest_int("task", 0, max(len(study.units) - 1, 1))
    unit = study.units[number]
    with going_on.to_next(number):
        with faults_kept(unit, trial):
            settled = work.units.settled()
            _refuse_stopped(work, number, settled)
            entrant = work.entrant(unit.who)
            measurement = _known(work, settled, entrant, unit)
            if measurement is None:
                readings, under_way = study.plan["readings"], going_on.fit(number)
                found = reuse.scores(entrant, unit.seeds, study.conditions, readings, under_way)
                measurement = found.measurement
                if found.is_reused:
                    trial.set_user_attr(REUSED, found.entry.began)
        costs = cost_rows(unit, measurement)
        work.store.add(trial.number, identities(study, entrant), measurement.scores, costs)
    return measurement.competence


def measure_as_planned(study: Study, entrant: Entrant, seeds: Sequence[Seed]) -> Measurement:
    """Measure a configuration in the way that its study measures everyone.

    Args:
        study: The study.
        entrant: The configuration.
        seeds: The replicates.

    Returns:
        What was measured.

    Raises:
        LearnerError: If the learner is at fault.
    """
    return measure(entrant.variants, entrant.setting, seeds, study.conditions, study.plan["readings"])


def identities(study: Study, entrant: Entrant) -> list[dict[str, Any]]:
    """Say what all score rows of each rule share: the columns `iml_general.rows.KEYS`."""
    info = entrant.learner.info
    shared = {
        "study": study.plan["name"],
        "world": entrant.setting.source.name,
        "learner": info.name,
        "family": info.family,
        "role": entrant.role or info.role,
        "level": entrant.level,
        "point": entrant.point,
    }
    return [
        {**shared, "rule": variant.active_rule, "configuration": entrant.configuration(variant)}
        for variant in entrant.variants
    ]


def cost_rows(unit: Unit, measurement: Measurement) -> list[dict[str, Any]]:
    """Say what a unit took: `iml_general.study.storage.record.COST_SCHEMA` but for its last column."""
    shared = {"learner": unit.who.learner.info.name, "n_seeds": len(unit.seeds)}
    return [
        {**shared, "rule": rule, "phase": phase, "seconds": seconds}
        for (rule, phase), seconds in measurement.costs.items()
    ]


def _refuse_stopped(work: Work, number: int, settled: dict[int, FrozenTrial]) -> None:
    who = work.study.units[number].who
    if number in work.stopped(who, settled):
        failures = work.study.plan["limits"]["failures"]
        raise LearnerError(f"learner {who.name!r} was not tried after {failures} failures in a row")


def _known(
    work: Work, settled: Mapping[int, FrozenTrial], entrant: Entrant, unit: Unit
) -> Measurement | None:
    """Look for a measurement of the same configuration on the same seeds.

    A search may find a configuration that takes part anyway. Its rows are what `measure` would give
    again, for they depend on nothing but configuration and seed; there are no costs.
    """
    wanted = _configurations(entrant)
    trial = _measured(work, settled, unit, wanted)
    if trial is None:
        return None
    rows = [row for row in work.store.rows_of(trial.number) if row["configuration"] in wanted]
    scores = [{name: row[name] for name in MEASURED} for row in rows]
    return Measurement(scores, costs={}, competence=trial.value or 0.0)


def _configurations(entrant: Entrant) -> set[str]:
    return {entrant.configuration(variant) for variant in entrant.variants}


def _measured(
    work: Work, settled: Mapping[int, FrozenTrial], unit: Unit, wanted: set[str]
) -> FrozenTrial | None:
    """The trial that measured all wanted configurations of a learner on a unit's seeds."""
    for number in work.units_on[unit.seeds]:
        who, trial = work.study.units[number].who, settled.get(number)
        if trial is None or trial.state is not TrialState.COMPLETE or not isinstance(who, Entrant):
            continue
        if who.name == unit.who.name and wanted <= _configurations(who):
            return trial
    return None
