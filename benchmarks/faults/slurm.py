"""Workers that a real SLURM starts, by the recipe of docs/scaling.md, and ends when their time is up.

It needs root and Debian's slurm-wlm: its daemons run here, in a folder of their own, on this machine alone.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks.faults.victim import ROOT, BrokenPromiseError, Victim, until

RECIPE = ROOT / "docs" / "scaling.md"
N_JOBS = 2
CONFIGURATION = """
ClusterName=faults
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
NodeName={host} NodeAddr=127.0.0.1 CPUs={cores} State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES State=UP
"""


def time_is_up(victim: Victim, times: int) -> int:
    """Most workers come from a SLURM array, by the page's recipe, whose time is up before the run's."""
    with tempfile.TemporaryDirectory() as name, cluster(Path(name)) as folder:
        process = victim.begin(n_workers=1)
        victim.is_under_way(process, 1)
        for _ in range(times):
            _call(folder, "sbatch", "--wait", str(_script(victim, folder)), check=False)
        logs = [path.read_text("utf-8") for path in sorted(folder.glob("slurm-*.out"))]
        if process.poll() is not None:
            raise BrokenPromiseError("the run was finished before the time of the array was up")
        _see_that_they_worked(victim, logs, times)
        process.terminate()
        victim.end(process)
        victim.finish()
    return times


def _see_that_they_worked(victim: Victim, logs: list[str], times: int) -> None:
    """Every job of every array must have ended on its signal, in peace."""
    interrupted = [log for log in logs if "interrupted" in log]
    if len(interrupted) != times * N_JOBS or any("Traceback" in log for log in logs):
        raise BrokenPromiseError(f"jobs said: {logs}")
    victim.said += [line for log in logs for line in log.splitlines() if line.startswith("iml: ")]


def _script(victim: Victim, folder: Path) -> Path:
    """The recipe, with this run's name and database, this machine's size, and two minutes of time."""
    (recipe,) = re.findall(r"```bash\n(#!/bin/bash\n#SBATCH.*?)```", RECIPE.read_text("utf-8"), re.DOTALL)
    storage = folder / "storage"
    storage.write_text(str(victim.storage), "utf-8")
    storage.chmod(0o600)
    changes = {
        "--array=1-8": f"--array=1-{N_JOBS}",
        "--cpus-per-task=16": "--cpus-per-task=1",
        "--mem=64G": f"--chdir={folder}",
        "--time=08:00:00": "--time=00:02:00",
        "~/.iml-storage": str(storage),
        "~/iml/.venv/bin/iml": shutil.which("iml") or "",
        "standard-statements": victim.folder.name,
        "--workers 16": "--workers 1",
    }
    for text, here in changes.items():
        if text not in recipe:
            raise BrokenPromiseError(f"the recipe has no {text!r}")
        recipe = recipe.replace(text, here)
    path = folder / "job.sh"
    path.write_text(recipe, "utf-8")
    return path


@contextmanager
def cluster(folder: Path) -> Iterator[Path]:
    """SLURM's three daemons, for as long as the context lasts.

    Args:
        folder: An empty folder, where all that they write goes.

    Yields:
        The folder; ``slurm.conf`` is there.
    """
    text = CONFIGURATION.format(host=socket.gethostname(), folder=folder, cores=os.cpu_count())
    (folder / "slurm.conf").write_text(text, "utf-8")
    for name in ("state", "spool"):
        (folder / name).mkdir()
    Path("/run/munge").mkdir(exist_ok=True)
    shutil.chown("/run/munge", "munge", "munge")
    daemons = (["runuser", "-u", "munge", "--", "munged", "-F"], ["slurmctld", "-D"], ["slurmd", "-D"])
    with ExitStack() as stack:
        for command in daemons:
            daemon = subprocess.Popen(
                command, env=_environment(folder), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            stack.callback(_end, daemon)
            time.sleep(1.0)
        until(lambda: "idle" in _call(folder, "sinfo", "-h", "-o", "%T", check=False))
        yield folder


def _end(daemon: subprocess.Popen[bytes]) -> None:
    daemon.terminate()
    daemon.wait()


def _environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "SLURM_CONF": str(folder / "slurm.conf")}


def _call(folder: Path, *command: str, check: bool = True) -> str:
    done = subprocess.run(
        command, check=check, env=_environment(folder), capture_output=True, text=True, cwd=folder
    )
    return done.stdout
