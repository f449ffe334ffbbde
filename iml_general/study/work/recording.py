"""From a run's database to its record: only settled tasks count."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import optuna
import polars as pl
from optuna.trial import FrozenTrial, TrialState

from iml_general.options import options_of
from iml_general.protocol import protocol_options
from iml_general.study.cache.code_of_rows import MADE_BY
from iml_general.study.plan.entrant import Entrant
from iml_general.study.plan.search import Search
from iml_general.study.plan.unlogged import unlogged_study
from iml_general.study.storage.foreign import harmless_rows
from iml_general.study.storage.queue import Queue
from iml_general.study.storage.record import (
    CONFIGURATION_SCHEMA,
    ENOUGH_TRIALS,
    FAILURE_SCHEMA,
    IMPORTANCE_SCHEMA,
    REUSED_SINCE,
    REUSED_UNITS,
    SEARCH_SCHEMA,
    RunRecord,
)
from iml_general.study.work.tasks import REUSED, Work

OUTCOMES = {TrialState.COMPLETE: "measured", TrialState.PRUNED: "stopped", TrialState.FAIL: "failed"}


def record_of(work: Work) -> RunRecord:
    """Read what a run has left so far.

    Args:
        work: The run's work.

    Returns:
        Its record. Units that come after too many failures in a row do not count, whether or not
        somebody measured them before the failures were known: so the record does not depend on
        who was faster.
    """
    description = work.store.description() or {}
    settled = work.units.settled()
    after_failures = {n for who in _everyone(work) for n in work.stopped(who, settled)}
    counting = {n: trial for n, trial in settled.items() if n not in after_failures}
    complete = [trial.number for trial in counting.values() if trial.state is TrialState.COMPLETE]
    reused = [trial.number for trial in counting.values() if REUSED in trial.user_attrs]
    faults = [trial.user_attrs["fault"] for trial in counting.values() if "fault" in trial.user_attrs]
    searched = list(zip(work.study.searches, work.searches, strict=True))
    return RunRecord(
        plan=description["plan"],
        provenance=_for_readers(description["provenance"]) | _reuse(work, list(counting.values())),
        scores=work.store.scores(complete),
        costs=work.store.costs(complete, reused),
        failures=harmless_rows(pl.DataFrame([*faults, *_stops(work, after_failures)], schema=FAILURE_SCHEMA)),
        searches=pl.DataFrame(
            [row for search, queue in searched for row in _search_rows(work, search, queue)],
            schema=SEARCH_SCHEMA,
        ),
        importances=pl.DataFrame(
            [row for search, queue in searched for row in _importances(search, queue)],
            schema=IMPORTANCE_SCHEMA,
        ),
        configurations=pl.DataFrame(list(_configurations(work)), schema=CONFIGURATION_SCHEMA),
        absent=description["absent"],
        units_done=len(settled),
        units_total=len(work.study.units),
    )


def _for_readers(facts: dict[str, str]) -> dict[str, str]:
    return {name: text for name, text in facts.items() if name != MADE_BY}


def _everyone(work: Work) -> list[Entrant | Search]:
    return [*work.study.entrants, *work.study.searches]


def _stops(work: Work, numbers: set[int]) -> Iterator[dict[str, str]]:
    """One line for each learner that was stopped."""
    limit = work.study.plan["limits"]["failures"]
    for who in _everyone(work):
        units = [work.study.units[n] for n in sorted(numbers) if work.study.units[n].who == who]
        if units:
            variants = (who if isinstance(who, Entrant) else who.start).variants
            yield {
                "learner": who.learner.info.name,
                "rules": ", ".join(variant.active_rule for variant in variants),
                "seeds": ", ".join(str(seed.index) for unit in units for seed in unit.seeds),
                "reason": f"learner {who.name!r} was stopped after {limit} failures in a row",
                "traceback": "",
            }


def _search_rows(work: Work, search: Search, queue: Queue) -> Iterator[dict[str, Any]]:
    found, settled = work.found(search), queue.settled()
    measured = [_reached(trial) for trial in settled.values() if trial.state is TrialState.COMPLETE]
    for task, trial in sorted(settled.items()):
        values = trial.user_attrs.get("values", [])
        factors = dict(trial.params)
        rules = [variant.active_rule for variant in search.start.variants]
        only_rule = rules[0] if search.level == "sought" and len(rules) == 1 else ""
        yield {
            "learner": search.learner.info.name,
            "level": search.level,
            "trial": task,
            "outcome": OUTCOMES[trial.state],
            "maximised": ", ".join(search.objectives),
            "value": sum(values) / len(values) if values else None,
            "competence": trial.user_attrs.get("competence"),
            "front": trial.state is TrialState.COMPLETE and _is_on_front(_reached(trial), measured),
            "n_seeds": len(values),
            "rule": factors.pop("rule", only_rule),
            "factors": json.dumps(factors),
            "found": found is not None and trial.number == found.number,
        }


def _reuse(work: Work, units: Sequence[FrozenTrial]) -> dict[str, str]:
    """Say how much of a run was measured before it, and since when; nothing if it measured all itself."""
    trials = [trial for queue in work.searches for trial in queue.settled().values()]
    known = [[one.user_attrs[REUSED] for one in part if REUSED in one.user_attrs] for part in (units, trials)]
    of_units, of_trials = known
    if not of_units + of_trials:
        return {}
    searched = f", {len(of_trials)} of {len(trials)} trials of searches" if of_trials else ""
    return {
        REUSED_UNITS: f"{len(of_units)} of {len(units)} units of work{searched}",
        REUSED_SINCE: min(of_units + of_trials),
    }


def _reached(trial: FrozenTrial) -> tuple[float, float]:
    """Competence and effect."""
    return trial.user_attrs["competence"], trial.value or 0.0


def _is_on_front(one: tuple[float, float], others: list[tuple[float, float]]) -> bool:
    """Whether nothing is better in one respect and no worse in the other."""
    return not any(other != one and other[0] >= one[0] and other[1] >= one[1] for other in others)


def _importances(search: Search, queue: Queue) -> Iterator[dict[str, Any]]:
    """Optuna's importances over the configurations that were measured on all search seeds."""
    trials = [one for one in queue.settled().values() if one.state is TrialState.COMPLETE]
    if len(trials) < ENOUGH_TRIALS or len({trial.value for trial in trials}) == 1:
        return
    memory = unlogged_study(optuna.samplers.RandomSampler(seed=0))
    memory.add_trials([_bare(trial) for trial in trials])
    evaluator = optuna.importance.PedAnovaImportanceEvaluator()
    for factor, importance in optuna.importance.get_param_importances(memory, evaluator=evaluator).items():
        yield {
            "learner": search.learner.info.name,
            "level": search.level,
            "factor": factor,
            "importance": importance,
            "evaluator": "PED-ANOVA",
        }


def _bare(trial: FrozenTrial) -> FrozenTrial:
    return optuna.trial.create_trial(
        params=trial.params, distributions=trial.distributions, value=trial.value
    )


def _configurations(work: Work) -> Iterator[dict[str, str]]:
    for who in _everyone(work):
        if isinstance(who, Search) and work.found(who) is None:
            continue
        yield from configuration_rows(work.entrant(who))


def configuration_rows(entrant: Entrant) -> Iterator[dict[str, str]]:
    """Say what a configuration is: rows of `iml_general.study.storage.record.CONFIGURATION_SCHEMA`."""
    for variant in entrant.variants:
        yield {
            "learner": variant.info.name,
            "rule": variant.active_rule,
            "level": entrant.level,
            "point": entrant.point,
            "configuration": entrant.configuration(variant),
            "options": json.dumps(options_of(variant)),
            "encoding": json.dumps(options_of(entrant.setting.encoding)),
            "protocol": json.dumps(protocol_options(entrant.setting.protocol)),
        }
