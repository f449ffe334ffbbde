"""``iml run --dry-run``: what a run would take, and of what that is known."""

from __future__ import annotations

import math
import os
import sys
import time
from collections.abc import Iterator

from rich.console import Console
from rich.table import Table
from rich.text import Text

from iml_general.api.durations import in_words
from iml_general.api.forecast import origin_of, rules_of, title_of
from iml_general.study.cache.folder import CacheFolder
from iml_general.study.cache.reuse import Reuse
from iml_general.study.estimate.estimate import Estimate, Part, estimate
from iml_general.study.estimate.known_costs import table_in_words
from iml_general.study.plan.resolve import Study
from iml_general.study.storage.place import Place

ROOM = 1.25  # times what is reckoned, which is no exact number
PIPE_WIDTH = 1000  # in a pipe a line stays a line, whatever searches it


def show_dry_run(study: Study, place: Place, n_workers: int, cache: CacheFolder | None) -> None:
    """Print what a run would take; nothing is run or written.

    Args:
        study: The study.
        place: Where it would be run.
        n_workers: Worker processes that would be started.
        cache: Where finished units are kept; None if they are neither kept nor reused.

    Raises:
        UsageError: If there is a run of another plan.
        RunError: If the database there can't be used.
    """
    reckoned = estimate(study, place, Reuse(study, cache, time.time(), _note))
    console = Console()
    if not console.is_terminal:
        console.width = PIPE_WIDTH
    console.print(_table(reckoned))
    for line in _lines(study, place, reckoned, n_workers, cache):
        console.print(Text(line), soft_wrap=True)


def _table(reckoned: Estimate) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("learner", no_wrap=True)
    table.add_column("level", no_wrap=True)
    table.add_column("rules", min_width=len("continue,"))  # no word is broken
    for name in ("units", "reused", "trials"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("processor time", justify="right", min_width=len("processor"))
    table.add_column("known from", min_width=len("options"))
    for part in reckoned.parts:
        taken = "not known" if part.seconds is None else _about(part)
        numbers = (*map(_count, (part.n_units, part.n_reusable, part.n_trials)), taken)
        table.add_row(*map(Text, (title_of(part), part.who.level, rules_of(part), *numbers, origin_of(part))))
    return table


def _count(number: int) -> str:
    return str(number or "-")


def _note(text: str) -> None:
    sys.stderr.write(f"iml: {text}\n")


def _about(part: Part) -> str:
    seconds = part.seconds or 0.0
    if seconds < 1:
        return "<1 s"
    return f"{'at most ' if part.n_trials else ''}{in_words(seconds)}"


def _lines(
    study: Study, place: Place, reckoned: Estimate, n_workers: int, cache: CacheFolder | None
) -> Iterator[str]:
    done = f", {reckoned.n_done} of them done" if reckoned.n_done else ""
    n_trials = sum(part.n_trials for part in reckoned.parts)
    searched = f", and {n_trials} trials of {len(study.searches)} searches" if n_trials else ""
    conditions = ", ".join(condition.name for condition in study.conditions)
    yield f"{reckoned.n_units} units of work{done}{searched}."
    if cache is not None:
        yield f"{reckoned.n_reusable} of the units are in the cache {str(cache.path)!r} and would be reused."
    yield f"{study.plan['seeds']} seeds, conditions {conditions}."
    readings = ", ".join(study.plan["readings"])
    not_counted = (
        f", without those of readings ({readings}), whose time is not known either" if readings else ""
    )
    yield f"{reckoned.n_scores:,} score rows{not_counted}."
    yield from _times(reckoned, n_workers)
    origins = {part.cost.origin for part in reckoned.parts if part.cost is not None}
    if "table" in origins:
        yield f"Known from: {table_in_words()}; time is taken to grow with the number of rows learned."
    yield from _memory(reckoned, n_workers, study.plan["limits"]["memory_mb"])
    for name, reason in study.absent.items():
        yield f"Absent: {name}: {reason}"
    yield f"Would run in {place}. Nothing was run or written."


def _memory(reckoned: Estimate, n_workers: int, limit_mb: int) -> Iterator[str]:
    most = reckoned.worker_mb
    together = f"{most:,} MB a worker, {n_workers * most:,} MB for {n_workers}"
    yield f"Memory: about {together}; a unit is ended at {limit_mb:,} MB (limits.memory_mb)."
    beyond = {name: taken for name, taken in reckoned.memory_mb.items() if taken > limit_mb}
    if beyond:
        who = ", ".join(f"{name} (about {taken:,} MB)" for name, taken in beyond.items())
        enough = math.ceil(ROOM * most / 1000) * 1000
        yield (
            f"That is too little for {who}: make the world smaller, or let a unit take more where the machine"
            f" has it, such as by --set limits.memory_mb={enough}."
        )


def _times(reckoned: Estimate, n_workers: int) -> Iterator[str]:
    at_once = min(n_workers, os.cpu_count() or 1)
    bound = "at most " if any(part.n_trials for part in reckoned.parts) else "about "
    least = f", and {', '.join(reckoned.unknown)} of which nothing is known" if reckoned.unknown else ""
    clock = in_words(reckoned.seconds / at_once)
    yield (
        f"Processor time: {bound}{in_words(reckoned.seconds)}{least}; by the clock {bound}{clock}"
        f" with {n_workers} {'worker' if n_workers == 1 else 'workers'} on {os.cpu_count()} cores."
    )
    if bound.startswith("at most"):
        yield "A search stops what is hopeless early, so it takes less than if all its trials ran to the end."
