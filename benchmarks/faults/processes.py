"""Faults of processes: killed, stopped, out of memory, many at once, and with a clock that jumps."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil

from benchmarks.faults.victim import BrokenPromiseError, Process, Victim, until, workers_of

CLOCK = Path(__file__).with_name("clock.c")
MEMORY = Path("/sys/fs/cgroup/memory")
PAUSES = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds between two kills: short ones hit processes that start, long ones such as have work in hand."""
ALL_OF_IT = 0.15
"""Share of the kills that hit the run's first process, so that everything dies at once."""
GROUP_MB = 1200
GREEDY = """
import sys, time
from pathlib import Path
(Path(sys.argv[1]) / "cgroup.procs").write_text("0")
hoard = []
while True:
    hoard.append(b"x" * 2**22)
    time.sleep(0.02)
"""
"""Takes memory, some 200 MB in a second, until somebody is killed."""
DOOMED = "900"
"""What the kernel adds to the score of the run's processes, so that it never ends who takes the memory."""
STOPPED_S = 8.0
"""How long a process is stopped: its heartbeat has a grace of 3 s."""


def killed(victim: Victim, times: int) -> int:
    """SIGKILL of a worker, or of the whole run, at random moments."""
    process, kills = victim.begin(), 0
    while kills < times:
        time.sleep(victim.dice.choice(PAUSES))
        if process.poll() is not None:
            if victim.end(process) == 0:
                break  # it was faster than the kills
            process = victim.begin()
        if victim.dice.random() < ALL_OF_IT:
            process.kill()
            kills += 1
        elif found := workers_of(process):
            with suppress(psutil.NoSuchProcess):
                victim.dice.choice(found).kill()
                kills += 1
    victim.end(process)
    victim.finish()
    return kills


def stopped(victim: Victim, times: int) -> int:
    """SIGSTOP of a worker for longer than its heartbeat's grace, while another process works on the run."""
    first, other = victim.begin(1), victim.begin(1)
    victim.is_under_way(first, 1)
    stops = 0
    while stops < times and first.poll() is None and other.poll() is None:
        chosen = victim.dice.choice([first, other])
        asleep = [one for one in workers_of(chosen) if victim.dice.random() < 0.7] or [
            psutil.Process(chosen.pid)
        ]
        with suppress(psutil.NoSuchProcess):
            for one in asleep:
                one.suspend()
            time.sleep(STOPPED_S)
            for one in asleep:
                one.resume()
            stops += 1
        time.sleep(victim.dice.uniform(0.2, 2.0))
    for process in (first, other):
        victim.end(process)
    victim.finish()
    return stops


def out_of_memory(victim: Victim, times: int) -> int:
    """The kernel ends processes of the run, as another one takes all the memory that their group has."""
    group = MEMORY / f"iml-{os.getpid()}"
    group.mkdir()
    (group / "memory.limit_in_bytes").write_text(str(GROUP_MB * 2**20))
    try:
        process = victim.begin()
        (group / "cgroup.procs").write_text(str(process.pid))
        Path(f"/proc/{process.pid}/oom_score_adj").write_text(DOOMED)  # its workers inherit both
        victim.is_under_way(process, 1)
        while _oom_kills(group) < times and process.poll() is None:
            before = _oom_kills(group)
            with subprocess.Popen([sys.executable, "-c", GREEDY, str(group)]) as greedy:
                until(lambda n=before, one=greedy: _oom_kills(group) > n or one.poll() is not None)  # type: ignore[misc]
                if greedy.poll() is not None:
                    raise BrokenPromiseError("not done: who takes the memory ended itself")
                greedy.kill()
            time.sleep(victim.dice.uniform(0.5, 3.0))
        kills = _oom_kills(group)
        victim.end(process)
        time.sleep(1.0)  # whoever of it is left ends, too
    finally:
        for pid in (group / "cgroup.procs").read_text().split():
            (MEMORY / "cgroup.procs").write_text(pid)
        group.rmdir()
    victim.finish()
    return kills


def _oom_kills(group: Path) -> int:
    text = (group / "memory.oom_control").read_text()
    return int(dict(line.split() for line in text.splitlines())["oom_kill"])


def begun_at_once(victim: Victim, times: int) -> int:
    """That many processes begin the same run at the same instant."""
    processes = [victim.begin(1) for _ in range(times)]
    codes = [victim.end(process) for process in processes]
    if any(codes):
        raise BrokenPromiseError(f"exit codes {codes}, saying {victim.said}")
    victim.compare()
    return times


def clock_jumps(victim: Victim, times: int) -> int:
    """The clock of all its processes jumps by minutes to days, forwards and back, while it works.

    A preloaded library answers every question for the time of day, as after somebody has set the clock;
    the monotonic clock goes on, as it does then. PostgreSQL's own clock is left alone.
    """
    library, shift = (victim.folder.parent / name for name in ("clock.so", "clock"))
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", str(library), str(CLOCK)], check=True)
    shift.write_text("0")
    process, jumps = victim.begin(LD_PRELOAD=str(library), IML_CLOCK=str(shift)), 0
    victim.is_under_way(process, 1)
    while jumps < times and process.poll() is None:
        set_clock = shift.with_name("set")
        set_clock.write_text(f"{victim.dice.choice('+-')}{victim.dice.choice([90, 3700, 90_000, 2_700_000])}")
        set_clock.rename(shift)  # at one moment
        jumps += 1
        time.sleep(victim.dice.uniform(0.5, 2.0))
    victim.end(process)
    victim.finish()
    return jumps


def interrupted(victim: Victim, times: int) -> int:
    """SIGTERM or SIGHUP of the run's first process, as by a machine that is shut down or a lost terminal."""
    for n in range(times):
        process: Process = victim.begin()
        if n:
            until(lambda running=process: bool(workers_of(running)))  # type: ignore[misc]
        else:
            victim.is_under_way(process, 1)
        process.send_signal(victim.dice.choice([signal.SIGTERM, signal.SIGHUP]))
        victim.end(process)
    victim.finish()
    return times
