"""What need not be measured again: a search may find a configuration that takes part anyway."""

from __future__ import annotations

from collections.abc import Mapping

from optuna.trial import FrozenTrial, TrialState

from iml_general.measuring.measure import Measurement
from iml_general.rows import MEASURED
from iml_general.study.plan.entrant import Entrant, Unit
from iml_general.study.plan.resolve import Study
from iml_general.study.storage.store import RunStore


def known(
    study: Study, settled: Mapping[int, FrozenTrial], store: RunStore, entrant: Entrant, unit: Unit
) -> Measurement | None:
    """Look for a measurement of the same configuration on the same seeds.

    It is what `measure` would give again: rows depend on nothing but configuration and seed.

    Args:
        study: The study.
        settled: The trial of every unit that is settled, by the unit's number.
        store: Where their rows are.
        entrant: The configuration that a unit is to measure.
        unit: The unit.

    Returns:
        The measurement, without costs, for there are none; None if it has to be carried out.
    """
    wanted = _configurations(entrant)
    trial = _trial(study, settled, unit, wanted)
    if trial is None:
        return None
    rows = [row for row in store.rows_of(trial.number) if row["configuration"] in wanted]
    scores = [{name: row[name] for name in MEASURED} for row in rows]
    return Measurement(scores, costs={}, competence=trial.value or 0.0)


def _configurations(entrant: Entrant) -> set[str]:
    return {entrant.configuration(variant) for variant in entrant.variants}


def _trial(
    study: Study, settled: Mapping[int, FrozenTrial], unit: Unit, wanted: set[str]
) -> FrozenTrial | None:
    """The trial that measured all wanted configurations of a learner on a unit's seeds."""
    for number, trial in settled.items():
        other = study.units[number]
        if trial.state is not TrialState.COMPLETE or not isinstance(other.who, Entrant):
            continue
        if (other.who.name, other.seeds) != (unit.who.name, unit.seeds):
            continue
        if wanted <= _configurations(other.who):
            return trial
    return None
