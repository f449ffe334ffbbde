"""What is kept of a task whose learner did wrong, and how a task is called."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import optuna

from iml_general.errors import ImlError, LearnerError
from iml_general.study.plan.entrant import Entrant
from iml_general.study.plan.resolve import Unit


@contextmanager
def faults_kept(unit: Unit, trial: optuna.Trial) -> Iterator[None]:
    """Keep with a trial what its learner did wrong.

    Nobody interrupts a worker from a keyboard or asks it to exit: what raises that there is a learner.

    Raises:
        LearnerError: In place of KeyboardInterrupt, SystemExit and the like, which no learner may raise.
    """
    try:
        try:
            yield
        except Exception:
            raise
        except BaseException as error:
            raise LearnerError(f"learner {unit.who.name!r} raised {type(error).__name__}: {error}") from error
    except ImlError as error:
        trial.set_user_attr("fault", fault(unit, error))
        raise


def fault(unit: Unit, error: BaseException | str) -> dict[str, str]:
    """What is kept of a unit that failed: a row of `iml_general.study.storage.record.FAILURE_SCHEMA`."""
    variants = unit.who.variants if isinstance(unit.who, Entrant) else unit.who.start.variants
    return {
        "learner": unit.who.learner.info.name,
        "rules": ", ".join(variant.active_rule for variant in variants),
        "seeds": ", ".join(str(seed.index) for seed in unit.seeds),
        "reason": " ".join(str(error).split()),
        "traceback": "" if isinstance(error, str) else "".join(traceback.format_exception(error)),
    }


def in_words(unit: Unit) -> str:
    """Say what a task is about, such as "learner 'mlp', default, on seeds 0, 1"."""
    title = unit.who.title if isinstance(unit.who, Entrant) else unit.who.name
    seeds = ", ".join(str(seed.index) for seed in unit.seeds)
    kind = "search seeds" if unit.seeds[0].purpose == "search" else "seeds"
    return f"learner {title!r}, {unit.who.level}, on {kind} {seeds}"
