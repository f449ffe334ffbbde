"""What learners are known to take: from this run, from earlier ones beside it, or from a shipped table."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import polars as pl
import sqlalchemy as sa

from iml_general.errors import ImlError
from iml_general.learner import CheckpointLearner
from iml_general.options import options_of
from iml_general.study.plan.entrant import Entrant
from iml_general.study.plan.origin import machine
from iml_general.study.storage.database import connected
from iml_general.study.storage.place import DATABASE, Place
from iml_general.study.storage.store import RunStore
from iml_general.study.storage.tables import COSTS, IDENTITIES

THIS_RUN = "this run"
TRAINING = ("fit", "update")
"""Phases that take longer the longer a learner is trained."""

Taken = tuple[str, str, float]
"""A rule, or none; a phase; and what it took, in seconds."""


@dataclass(frozen=True)
class KnownCost:
    """What one seed of a learner took, all conditions together.

    Attributes:
        fit: Processor seconds of the first stages.
        shared: Processor seconds of what was asked after them, and of the framework.
        own: Processor seconds of each update rule.
        n_rows: Rows that were learned, if what is to be done may have another number of them; else None.
        origin: Where it was measured, in words.
        is_alike: Whether it was measured with the same options.
    """

    fit: float
    shared: float
    own: Mapping[str, float]
    n_rows: int | None
    origin: str
    is_alike: bool = True


@dataclass(frozen=True)
class Memory:
    """Resident memory, in MB.

    Attributes:
        loaded: What a learner's libraries add to a process.
        peak: What measuring adds to that.
        n_rows: Rows that were learned.
    """

    loaded: int
    peak: int
    n_rows: int

    def of_rows(self, n_rows: int) -> Memory:
        """What it is of so many rows: measuring takes more of more, and is not reckoned less of fewer."""
        times = max(1.0, n_rows / self.n_rows)
        return Memory(self.loaded, math.ceil(self.peak * times), max(n_rows, self.n_rows))


class KnownCosts:
    """What is known where a run is, or would be."""

    def __init__(self, place: Place) -> None:
        """Read the costs of the run, if it was begun, and of others in the same folder.

        Args:
            place: Where the run is or would be; nothing is made or changed.
        """
        self._recorded: dict[frozenset[str], KnownCost] = {}
        for other in _earlier(place):
            self._recorded |= _recorded(other, f"run {str(other.folder)!r}")
        if not place.is_local or (place.folder / DATABASE).is_file():
            self._recorded |= _recorded(place, THIS_RUN)

    def of(self, entrant: Entrant) -> KnownCost | None:
        """Look up what one seed of a configuration takes.

        Args:
            entrant: The configuration.

        Returns:
            What a run measured of exactly this configuration, else what the shipped table says of the
            learner, with the same options if it has them; None if nothing is known.
        """
        exactly = frozenset(entrant.configuration(variant) for variant in entrant.variants)
        return self._recorded.get(exactly) or _shipped(entrant)


def table_in_words() -> str:
    """Say when and on what machine the shipped table was measured."""
    return f"the shipped table, measured {_table()['date']} on {_table()['machine']}"


def memory_of(entrant: Entrant) -> Memory | None:
    """Look up how much memory a learner takes; None if the shipped table has none of it."""
    lines = _lines(entrant)
    return Memory(lines[0]["loaded_mb"], lines[0]["peak_mb"], lines[0]["n_rows"]) if lines else None


def bare_memory_mb() -> int:
    """Resident memory of a worker that has loaded no learner, in MB."""
    return max(int(line["bare_mb"]) for line in _table()["learners"])


def _earlier(place: Place) -> Iterator[Place]:
    """Other runs in the folder that a run's folder is in."""
    if place.is_local:
        for database in sorted(place.folder.absolute().parent.glob(f"*/{DATABASE}")):
            if database.parent != place.folder.absolute():
                yield Place.of(database.parent, None)


def _recorded(place: Place, origin: str) -> dict[frozenset[str], KnownCost]:
    """Costs of every configuration of a run that was measured on a machine like this; none if it has none."""
    with suppress(ImlError, sa.exc.SQLAlchemyError), connected(place) as engine:
        try:
            store = RunStore(place, engine)
            description = store.description()
            if description is None or description["provenance"].get("machine") != machine():
                return {}
            return _by_configuration(store.all_rows(COSTS), store.all_rows(IDENTITIES), origin)
        finally:
            engine.dispose()
    return {}


def _by_configuration(
    costs: pl.DataFrame, identities: pl.DataFrame, origin: str
) -> dict[frozenset[str], KnownCost]:
    measured = identities.group_by("trial").agg(pl.col("configuration").unique().sort())
    per_seed = (
        costs.join(measured, on="trial")
        .group_by("configuration", "rule", "phase")
        .agg(pl.col("seconds").sum() / pl.col("n_seeds").sum())
    )
    seconds: dict[frozenset[str], list[Taken]] = {}
    for configuration, *taken in per_seed.iter_rows():
        seconds.setdefault(frozenset(configuration), []).append(tuple(taken))
    return {key: _cost(taken, None, origin) for key, taken in seconds.items()}


def _cost(seconds: Iterable[Taken], n_rows: int | None, origin: str, is_alike: bool = True) -> KnownCost:
    own: dict[str, float] = {}
    fit = shared = 0.0
    for rule, phase, taken in seconds:
        if rule:
            own[rule] = own.get(rule, 0.0) + taken
        elif phase == "fit":
            fit += taken
        else:
            shared += taken
    return KnownCost(fit, shared, own, n_rows, origin, is_alike)


def _shipped(entrant: Entrant) -> KnownCost | None:
    lines = _lines(entrant)
    if not lines:
        return None
    options = {**options_of(entrant.variants[0]), "rule": None}
    line = next((one for one in lines if one["options"] == options), lines[0])
    seconds = [
        (rule, phase, taken * (_times_as_long(entrant, rule, line["options"]) if phase in TRAINING else 1.0))
        for rule, phase, taken in line["seconds"]
    ]
    return _cost(seconds, line["n_rows"], "table", line["options"] == options)


def _times_as_long(entrant: Entrant, rule: str, measured: Mapping[str, Any]) -> float:
    """How many times as long a learner is trained as where it was measured: epochs, rounds, trees.

    What a rule does may have a length of its own, such as the epochs of an update; else it goes by that of
    stage 1, which it repeats, or whose trees it goes through.
    """
    learner, fields = entrant.variants[0], list[str]()
    if rule not in ("", "retrain"):
        fields = [name for name in learner.info.update_fields if isinstance(getattr(learner, name), int)]
    if not fields and isinstance(learner, CheckpointLearner):
        fields = [learner.length_field]
    return math.prod(float(getattr(learner, name) / measured[name]) for name in fields if name in measured)


def _lines(entrant: Entrant) -> list[dict[str, Any]]:
    return [line for line in _table()["learners"] if line["learner"] == entrant.learner.info.name]


@lru_cache(maxsize=1)
def _table() -> dict[str, Any]:
    text = files("iml_general.study.estimate").joinpath("seconds_per_seed.json").read_text(encoding="utf-8")
    table: dict[str, Any] = json.loads(text)
    return table
