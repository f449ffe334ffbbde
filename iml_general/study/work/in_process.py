"""Carries out a study in this very process and in memory: no workers, no database, nothing to go on with.

What is found is what a run of the same plan finds, to the last digit.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from iml_general.rows import KEYS, MEASURED, SCHEMA_VERSION, SCORE_SCHEMA
from iml_general.study.plan.entrant import Entrant
from iml_general.study.plan.origin import provenance
from iml_general.study.plan.resolve import Study
from iml_general.study.storage.record import (
    CONFIGURATION_SCHEMA,
    COST_SCHEMA,
    FAILURE_SCHEMA,
    IMPORTANCE_SCHEMA,
    SEARCH_SCHEMA,
    RunRecord,
)
from iml_general.study.work.confirming import cost_rows, identities, measure_as_planned
from iml_general.study.work.recording import configuration_rows
from iml_general.study.work.supervisor import Progress


def carry_out(study: Study, command: str, progress: Progress) -> RunRecord:
    """Measure everything that a study without searches has to measure.

    Args:
        study: The study. Its limits don't hold: a process can't end itself and go on.
        command: How the user asked for it, for the record.
        progress: Told at the start and whenever a unit ends.

    Returns:
        Its record.

    Raises:
        LearnerError: If a learner is at fault.
    """
    scores: list[dict[str, Any]] = []
    costs: list[dict[str, Any]] = []
    facts = provenance(study, command)
    for done, unit in enumerate(study.units):
        progress(done, len(study.units))
        assert isinstance(unit.who, Entrant)
        measurement = measure_as_planned(study, unit.who, unit.seeds)
        by_rule = {one["rule"]: one for one in identities(study, unit.who)}
        scores += [by_rule[row["rule"]] | row for row in measurement.scores]
        costs += cost_rows(unit, measurement)
    progress(len(study.units), len(study.units))
    configurations = [row for entrant in study.entrants for row in configuration_rows(entrant)]
    return RunRecord(
        plan=study.plan,
        provenance=facts,
        scores=_ordered(scores),
        costs=pl.DataFrame([{**row, "reused": False} for row in costs], COST_SCHEMA),
        failures=pl.DataFrame(schema=FAILURE_SCHEMA),
        searches=pl.DataFrame(schema=SEARCH_SCHEMA),
        importances=pl.DataFrame(schema=IMPORTANCE_SCHEMA),
        configurations=pl.DataFrame(configurations, CONFIGURATION_SCHEMA),
        absent=study.absent,
        units_done=len(study.units),
        units_total=len(study.units),
    )


def _ordered(scores: list[dict[str, Any]]) -> pl.DataFrame:
    """Score rows in the order in which a run's database gives them."""
    rows = pl.DataFrame([{"schema_version": SCHEMA_VERSION, **row} for row in scores], SCORE_SCHEMA)
    measured = [name for name in MEASURED if name != "rule" and not SCORE_SCHEMA[name].is_float()]
    return rows.sort(*KEYS, *measured)
