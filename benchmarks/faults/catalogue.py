"""All faults of the campaign: what each does, how often, and on which databases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.faults import places, processes, servers, slurm
from benchmarks.faults.victim import Victim

Do = Callable[[Victim, int], int]
SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"


@dataclass(frozen=True)
class Fault:
    """A kind of fault.

    Attributes:
        do: Does it to a run so many times, and sees what comes of it.
        times: How often, on each database.
        databases: Where.
        seeds: Size of the run.
        seconds: What every fit of its slow learner takes: long enough for all that is done to it.
    """

    do: Do
    times: int
    databases: tuple[str, ...] = (SQLITE, POSTGRESQL)
    seeds: int = 8
    seconds: float = 0.3


FAULTS = {
    "killed": Fault(processes.killed, 100, seeds=240),
    "stopped": Fault(processes.stopped, 3, seeds=8, seconds=1.0),
    "interrupted": Fault(processes.interrupted, 3),
    "out-of-memory": Fault(processes.out_of_memory, 3, (SQLITE,), seeds=8, seconds=1.0),
    "begun-at-once": Fault(processes.begun_at_once, 16, seeds=4, seconds=0.1),
    "clock-jumps": Fault(processes.clock_jumps, 6, seeds=8, seconds=1.0),
    "disk-full": Fault(places.disk_full, 2, (SQLITE,)),
    "read-only": Fault(places.read_only, 1, (SQLITE,)),
    "folder-removed": Fault(places.folder_removed, 2, (SQLITE,)),
    "truncated": Fault(places.truncated, 2, (SQLITE,)),
    "scribbled-over": Fault(places.scribbled, 2, (SQLITE,)),
    "replaced": Fault(places.replaced, 3, (SQLITE,)),
    "locked": Fault(places.locked, 4, (SQLITE,), seeds=8, seconds=1.0),
    "restarted": Fault(servers.restarted, 4, (POSTGRESQL,), seeds=8, seconds=1.0),
    "cut-off": Fault(servers.cut_off, 10, (POSTGRESQL,), seeds=8, seconds=1.0),
    "time-is-up": Fault(slurm.time_is_up, 1, (POSTGRESQL,), seeds=60, seconds=1.0),
}
